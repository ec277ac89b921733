"""From an HTTP request to a handler and back: one place for routing, rights and errors."""

from __future__ import annotations

import re
import threading
import time
from itertools import count
from typing import TYPE_CHECKING

from runner.sandbox.mangling import drop
from runner.sandbox.zammad import (
    access,
    articles,
    attributes,
    avatars,
    checklists,
    files,
    kinds,
    knowledge_answers,
    knowledge_bases,
    knowledge_categories,
    knowledge_files,
    links,
    mentions,
    multipart,
    privacy,
    settings,
    system,
    tags,
    tickets,
    times,
    users,
)
from runner.sandbox.zammad.state import Logged, State
from runner.sandbox.zammad.wire import Call, Failure, Reply, failure_reply, parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

    Handler = Callable[[State, Call], Reply]

_PREFIX = "/api/v1/"
_NUMBER = re.compile(r"\d{1,18}")


class Endpoint:
    """The ASGI application behind ``/api/v1``; one request at a time, under a lock."""

    def __init__(self, state: State) -> None:
        self.lock = threading.RLock()
        self._state = state
        self._turn = count()
        self._workers: dict[tuple[object, ...], int] = {}
        self._routes: dict[tuple[str, str], Handler] = {
            **kinds.routes(state.dialect),
            **times.routes(state.dialect),
            **checklists.routes(state.dialect),
        }
        for module in (
            articles,
            attributes,
            avatars,
            files,
            knowledge_answers,
            knowledge_bases,
            knowledge_categories,
            knowledge_files,
            links,
            mentions,
            privacy,
            settings,
            system,
            tags,
            tickets,
            users,
        ):
            self._routes.update(module.ROUTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        began, until = self._state.down
        if until and began <= time.monotonic() < until:
            await drop(scope, receive)
            return
        body = await _body(receive)
        reply = self._answer(scope, body)
        content = reply.encoded()
        headers = [
            (b"content-type", reply.content_type.encode("latin-1")),
            (b"content-length", str(len(content)).encode()),
        ]
        headers += [
            (name.encode(), value.encode("latin-1", "replace"))
            for name, value in reply.headers.items()
        ]
        start = {"type": "http.response.start", "status": reply.status, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": content})

    def _answer(self, scope: Scope, body: bytes) -> Reply:
        """Carry a request out, under the lock."""
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        path = scope["path"].removeprefix(_PREFIX).strip("/")
        call = Call(scope["method"], path, {}, headers)
        with self.lock:
            try:
                form = headers.get("content-type", "").startswith("multipart/form-data")
                call.params = parameters(scope["query_string"], b"" if form else body)
                if form:
                    call.params.update(multipart.read(headers["content-type"], body))
                reply = self._carry_out(call, scope)
            except Failure as failure:
                masked = bool(call.user) and not access.may(self._state, call.user, "admin")
                reply = failure_reply(failure, accept=headers.get("accept", ""), masked=masked)
            self._state.requests.append(
                Logged(call.method, scope["path"], reply.status, time.monotonic())
            )
        return reply

    def _worker(self, scope: Scope) -> int:
        """Choose the process that answers: in turn, or one a connection, as a real server does."""
        workers, chance = self._state.workers, self._state.chance
        if chance is None:
            return next(self._turn) % workers
        return self._workers.setdefault(tuple(scope["client"]), chance.randrange(workers))

    def _carry_out(self, call: Call, scope: Scope) -> Reply:
        state = self._state
        privacy.carry_out(state)
        handler = self._find(call) if scope["path"].startswith(_PREFIX) else None
        if handler is None:
            words = f"[{call.method}] {_PREFIX}{call.path}"
            raise Failure(404, state.dialect.no_route.format(words))
        call.worker = self._worker(scope)
        if state.on_request:
            state.on_request(call.method, f"/{call.path}")
        call.importing = state.settings.value("import_mode", call.worker) is True
        if call.path not in system.PUBLIC:
            access.authenticate(state, call)
        return handler(state, call)

    def _find(self, call: Call) -> Handler | None:
        """Look a path up: numbers in it are ids, else its last part may be a text."""
        direct = self._routes.get((call.method, call.path))
        if direct is not None:
            return direct
        parts = call.path.split("/")
        pattern = [":id" if _NUMBER.fullmatch(part) else part for part in parts]
        call.ids = tuple(int(part) for part in parts if _NUMBER.fullmatch(part))
        handler = self._routes.get((call.method, "/".join(pattern)))
        if handler is None:
            call.tail = parts[-1]
            handler = self._routes.get((call.method, "/".join([*pattern[:-1], ":text"])))
        return handler


async def _body(receive: Receive) -> bytes:
    """Read the whole body."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body
    chunks = [body]
    while message.get("more_body"):
        message = await receive()
        chunks.append(message.get("body", b""))
    return b"".join(chunks)
