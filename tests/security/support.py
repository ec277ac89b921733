"""Servers that stand between: they refuse, or change what passes, record by record."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

App = Callable[[Any, Any, Any], Any]
Refusal = tuple[int, bytes]
"""A status and a body."""


def refusing(app: App, refuse: Callable[[str, str, Any], Refusal | None]) -> App:
    """Stand before an application; ``refuse`` sees method, path and JSON body of each request."""

    async def stand(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        body = await _whole(receive)
        whole = json.loads(body) if body.startswith(b"{") else None
        told = refuse(scope["method"], scope["path"], whole)
        if told is None:
            await app(scope, _again(body), send)
        else:
            await _answer(send, *told)

    return stand


def changing(app: App, change: Callable[[str, Any], Any]) -> App:
    """Stand behind an application; ``change`` sees path and JSON of each answer and returns it."""

    async def stand(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        held: list[dict[str, Any]] = []

        async def hold(message: dict[str, Any]) -> None:
            held.append(message)

        await app(scope, receive, hold)
        kinds = dict(held[0].get("headers", ()))
        body = b"".join(message.get("body", b"") for message in held[1:])
        if b"json" in kinds.get(b"content-type", b"") and held[0]["status"] == 200:
            body = json.dumps(change(scope["path"], json.loads(body))).encode()
        headers = [(name, value) for name, value in kinds.items() if name != b"content-length"]
        headers.append((b"content-length", str(len(body)).encode()))
        await send({**held[0], "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return stand


async def _whole(receive: Any) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _again(body: bytes) -> Callable[[], Any]:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _answer(send: Any, status: int, body: bytes) -> None:
    kind = b"application/json" if body.startswith(b"{") else b"text/html"
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
