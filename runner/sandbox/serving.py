"""Serve an ASGI application on a loopback port, from a thread, until told to stop."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING, Any, Self

import uvicorn

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from starlette.types import ASGIApp, Receive, Scope, Send

DROP = "sandbox.drop"
"""Key in ``scope["extensions"]``: a callable that closes the connection without an answer."""

_START_SECONDS = 10.0
_STOP_SECONDS = 5.0


class Served:
    """A running server; ``url`` is ``http://127.0.0.1:PORT``. Also a context manager."""

    def __init__(self, server: uvicorn.Server, thread: threading.Thread, url: str) -> None:
        self.url = url
        self._server = server
        self._thread = thread

    def ask_to_stop(self) -> None:
        """Begin to stop without waiting for the end."""
        self._server.should_exit = True

    def stop(self) -> None:
        """Close the port and all connections; calling it again does nothing."""
        self.ask_to_stop()
        self._thread.join(_STOP_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def serve(app: ASGIApp, *, port: int = 0, keep_alive_seconds: float = 20.0) -> Served:
    """Serve ``app`` on 127.0.0.1 from a daemon thread; return when the port answers.

    Args:
        app: the application.
        port: the port to use; 0 takes a free one.
        keep_alive_seconds: when idle connections are closed; Zammad's web server takes 20.

    Raises:
        OSError: the port is taken.
        RuntimeError: the server did not start within ten seconds.
    """
    # The protocol is named because asyncio turns Nagle's algorithm off only then; with it on,
    # every answer that is written in two parts takes 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:
        listener.close()
        raise
    server = _server(app, keep_alive_seconds)
    thread = threading.Thread(target=_run, args=(server, listener), daemon=True)
    thread.start()
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            msg = f"The sandbox server on port {listener.getsockname()[1]} did not start."
            raise RuntimeError(msg)
        time.sleep(0.002)
    return Served(server, thread, f"http://127.0.0.1:{listener.getsockname()[1]}")


def _server(app: ASGIApp, keep_alive_seconds: float) -> uvicorn.Server:
    """Make a quiet server whose requests can drop their own connection."""

    async def droppable(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope.setdefault("extensions", {})[DROP] = _dropper(server, scope["client"])
        await app(scope, receive, send)

    config = uvicorn.Config(
        droppable,
        http="h11",
        loop="asyncio",
        lifespan="off",
        ws="none",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    config.timeout_keep_alive = keep_alive_seconds  # type: ignore[assignment] # parts of seconds do
    server = uvicorn.Server(config)
    return server


def _run(server: uvicorn.Server, listener: socket.socket) -> None:
    """Run until ``should_exit``; the listening socket is closed whatever happens."""
    with contextlib.closing(listener):
        server.run(sockets=[listener])


def _dropper(server: uvicorn.Server, client: tuple[str, int]) -> Callable[[], None]:
    """Return a function that resets the connection that comes from ``client``."""

    def drop() -> None:
        for connection in list(server.server_state.connections):
            if getattr(connection, "client", None) == client:
                _reset(getattr(connection, "transport", None))

    return drop


def _reset(transport: Any) -> None:
    """Close with a TCP reset, so that the client sees no half answer and no polite end."""
    if transport is None:
        return
    raw = transport.get_extra_info("socket")
    if raw is not None:
        linger_at_once = struct.pack("ii", 1, 0)
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_at_once)
    transport.abort()
