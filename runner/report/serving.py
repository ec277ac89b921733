"""The live page: one run, read-only, under an address that nobody can guess.

Of the standard library alone. The page's address holds a secret; whoever does not know it gets the
same 404 everywhere. No other site may read what is served: there is no CORS header, and a name
that somebody lets lead here (DNS rebinding) is refused.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
import secrets
import socket
import socketserver
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

from runner import guarding
from runner.errors import UsageError
from runner.report.page import render
from runner.report.page.words import LANGUAGES
from runner.report.terminal import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from runner.report.live import Live

_BEAT = 10.0
_SECONDS_BETWEEN = 0.5
_FAREWELL = 3.0
_MOST_STREAMS = 16
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def address(text: str) -> tuple[str, int]:
    """Read ``HOST:PORT``, ``[::1]:PORT`` or a port alone, which means this computer only.

    Raises:
        UsageError: it is none of these.
    """
    host, _, port = text.rpartition(":")
    if not port.isdigit() or int(port) > 65_535:
        raise UsageError(f"--serve {text}: not an address", advice="like 127.0.0.1:8080")
    return host.strip("[]") or "127.0.0.1", int(port)


def is_loopback(host: str) -> bool:
    """Say whether only this computer reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def serving(live: Live, host: str, port: int) -> Iterator[str]:
    """Serve the live page while the block runs; yield its address.

    Whoever watches gets the last word before the server goes.

    Raises:
        UsageError: the address cannot be had.
    """
    token = secrets.token_urlsafe(24)
    try:
        server = _Server((host, port), live, token)
    except OSError as error:
        raise UsageError(
            f"--serve {host}:{port}: {error.strerror or error}", advice="choose another port"
        ) from error
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    shown = f"[{host}]" if ":" in host else host
    outcome = "stopped"
    try:
        yield f"http://{shown}:{server.server_address[1]}/{token}/"
        outcome = "failed" if live.as_json()["failed"] else "done"
    finally:
        live.end(outcome)
        server.say_farewell()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def watched(live: Live, at: tuple[str, int] | None, out: Console) -> Iterator[None]:
    """Show a run in a browser as well while the block runs, where there is an address.

    Raises:
        UsageError: the address cannot be had.
    """
    if at is None:
        yield
        return
    with serving(live, *at) as url:
        out.print(f"Watch it: [bold]{url}[/]")
        if not is_loopback(at[0]):
            out.print(
                f"[yellow]{clean(at[0])} is no loopback address: others in that network can read"
                " what is sent, subjects of failed tickets included, for it is not encrypted[/]"
            )
        yield


class _Server(socketserver.ThreadingTCPServer):
    """Knows the run and the secret; ``streams`` counts who watches."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, at: tuple[str, int], live: Live, token: str) -> None:
        self.address_family = socket.AF_INET6 if ":" in at[0] else socket.AF_INET
        self.live = live
        self.token = token
        self.names = {"localhost", at[0].casefold(), socket.gethostname().casefold()}
        self.streams = threading.Semaphore(_MOST_STREAMS)
        super().__init__(at, _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: somebody closed a browser window."""

    def say_farewell(self) -> None:
        """Wait until everybody who watches has heard the end, but not for long."""
        limit = time.monotonic() + _FAREWELL
        for _ in range(_MOST_STREAMS):
            if not self.streams.acquire(timeout=max(limit - time.monotonic(), 0)):
                return


class _Handler(BaseHTTPRequestHandler):
    """Answers GET for the page and its events, nothing else."""

    server: _Server
    timeout = 30
    server_version = "migrate"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer with the page, the events, or 404."""
        if not self._is_meant():
            self._refuse(421)
            return
        _, token, rest = (*self.path.split("/", 2), "", "")[:3]
        if not hmac.compare_digest(token.encode(), self.server.token.encode()):
            self._refuse(404)
        elif rest == "":
            self._page()
        elif rest == "events":
            self._events()
        else:
            self._refuse(404)

    def log_message(self, *_: object) -> None:
        """Write nothing: the address is a secret."""

    def _is_meant(self) -> bool:
        """Say whether the browser calls us by an address or by a name of ours."""
        host = self.headers.get("Host", "")
        bracketed, _, _ = host.partition("]")
        name = bracketed.strip("[") if host.startswith("[") else host.partition(":")[0]
        return guarding.literal(name) is not None or name.casefold() in self.server.names

    def _page(self) -> None:
        wanted = self.headers.get("Accept-Language", "")[:2].casefold()
        nonce = secrets.token_urlsafe(16)
        body = render.live_page(wanted if wanted in LANGUAGES else "en", nonce).encode()
        policy = (
            f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}';"
            " connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none';"
            " frame-ancestors 'none'"
        )
        self._head(200, "text/html; charset=utf-8", {"Content-Security-Policy": policy})
        self.wfile.write(body)

    def _events(self) -> None:
        """Send how it stands whenever that changed, until the run is over."""
        if not self.server.streams.acquire(blocking=False):
            self._refuse(503)
            return
        try:
            self._head(200, "text/event-stream", {})
            version = -1
            while True:
                version = self.server.live.wait(version, _BEAT)
                standing = self.server.live.as_json()
                self.wfile.write(f"data: {json.dumps(standing)}\n\n".encode())
                self.wfile.flush()
                if standing["outcome"]:
                    return
                time.sleep(_SECONDS_BETWEEN)
        finally:
            self.server.streams.release()

    def _refuse(self, status: int) -> None:
        self._head(status, "text/plain; charset=utf-8", {})
        self.wfile.write(b"not here\n")

    def _head(self, status: int, kind: str, more: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, **_HEADERS, **more}.items():
            self.send_header(name, value)
        self.end_headers()
