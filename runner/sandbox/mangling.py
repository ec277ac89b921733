"""Answers that break off, say half, or never end: the request itself was carried out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from runner.sandbox.serving import DROP

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_BETWEEN_BYTES = 0.05


async def mangled(kind: str, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Carry a request out and spoil its answer; ``kind`` as in ``faults.MORE_KINDS``."""
    start, body = await _answer_of(app, scope, receive)
    half = body[: len(body) // 2]
    if kind == "silent":
        await _until_left(receive)
    elif kind == "cut_unnoticed":
        length = [(b"content-length", str(len(half)).encode())]
        kept = [each for each in start["headers"] if each[0] != b"content-length"]
        await send({**start, "headers": [*kept, *length]})
        await send({"type": "http.response.body", "body": half})
    elif kind == "cut":
        await send(start)
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await drop(scope, receive, body_read=True)
    else:
        endless = [each for each in start["headers"] if each[0] != b"content-length"]
        await send({**start, "headers": endless})
        await _dribble(receive, send)


async def _answer_of(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    """Return what an application wanted to send."""
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, keep)
    return messages[0], b"".join(message.get("body", b"") for message in messages[1:])


async def _dribble(receive: Receive, send: Send) -> None:
    """Send spaces, which JSON allows before anything, until the client has left."""
    left = asyncio.ensure_future(_until_left(receive))
    while not left.done():
        await send({"type": "http.response.body", "body": b" ", "more_body": True})
        await asyncio.sleep(_BETWEEN_BYTES)


async def _until_left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def drop(scope: Scope, receive: Receive, *, body_read: bool = False) -> None:
    """Close the connection of this request without an answer.

    Args:
        scope: the request's scope.
        receive: its channel.
        body_read: whether the body was read; if not it is read first, because otherwise the
            client would notice while it still sends.

    Raises:
        RuntimeError: the application is not served by ``runner.sandbox.serving``.
    """
    close = scope.get("extensions", {}).get(DROP)
    if close is None:
        msg = "Connections can be dropped only under runner.sandbox.serving.serve()."
        raise RuntimeError(msg)
    while not body_read:
        body_read = not (await receive()).get("more_body", False)
    close()
    while (await receive())["type"] != "http.disconnect":
        continue
