"""Make a fake server slow, strict or unreliable, on purpose and reproducibly."""

from __future__ import annotations

import asyncio
import math
import random
import re
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING

from runner.sandbox.mangling import drop, mangled

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

KINDS = ("429", "500_before", "500_after", "503_html", "reset_before", "reset_after")
"""What can go wrong with a request. ``…_after``: it was carried out, the answer is lost."""

MORE_KINDS = (
    "429_date", "502_html", "504_html", "422_before", "422_after",
    "cut", "cut_unnoticed", "dribble", "silent",
)  # fmt: skip
"""What only ``fail`` brings about. ``429_date``: Retry-After is a date. ``422_…``: what Zammad
answers to a deadlock, before and after it carried the request out. The others carry it out:
``cut`` breaks off in the body, ``cut_unnoticed`` sends half of it with a fitting Content-Length,
``dribble`` sends a byte at a time without end, ``silent`` nothing at all."""

_REMEMBERED_TIMES = 200_000

ZAMMAD_SERVICE_TIMES = {
    r"^POST .*/tickets$": 0.080,
    r"^POST .*/ticket_articles$": 0.050,
    r"^PUT .*/tickets/\d+$": 0.077,
    r"^(POST|PUT) .*/users": 0.045,
}
"""What writes cost a process of a real Zammad 5.2 on two cores, in seconds (``service_times``)."""


def _json_error(status: int, message: str) -> tuple[str, bytes]:
    """Default body of an injected error: content type and bytes."""
    del status
    return "application/json; charset=utf-8", b'{"error": "%s"}' % message.encode()


@dataclass
class OneShot:
    """A fault for the ``nth`` request (counted from 1) of ``method`` whose path matches."""

    method: str
    path: re.Pattern[str]
    kind: str
    nth: int = 1


@dataclass
class Counts:
    """What arrived at the server, faulty requests included."""

    total: int = 0
    faulted: int = 0
    times: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED_TIMES))

    def most_within(self, seconds: float) -> int:
        """Return the largest number of requests in any window of ``seconds``."""
        window: deque[float] = deque()
        most = 0
        for moment in list(self.times):
            window.append(moment)
            while window[0] <= moment - seconds:
                window.popleft()
            most = max(most, len(window))
        return most


@dataclass
class Faults:
    """Switches of a fake server; all off by default, all may be changed while it serves.

    Attributes:
        latency: seconds that every answer takes longer, on the way: it occupies nobody.
        latency_by_route: the same for paths that match a regular expression, added on top.
        gateway_until: until then (monotonic seconds) a proxy without a server behind it answers,
            502 and 503 in turn; see ``Sandbox.restart_zammad``.
        service_times: seconds that an answer takes to be made, by method and path (a regular
            expression for ``POST /tickets``); the first that matches counts, and it occupies one
            of ``concurrency``.
        requests_per_minute: more than this within ``minute`` seconds is answered 429 with a
            Retry-After that says when the next request is welcome.
        minute: length of the window in seconds; tests make it short.
        retry_after: the Retry-After, in seconds, of a 429 that ``rate`` or ``fail`` injects.
        rate: share (0 to 1) of requests hit by a random fault out of ``kinds``.
        seed: makes the random faults repeatable.
        concurrency: serve at most that many requests at once, the rest waits.
        error_body: makes the body of an injected 429 or 500: (status, message) → (type, bytes).
        counts: what arrived.
    """

    latency: float = 0.0
    latency_by_route: dict[str, float] = field(default_factory=dict)
    gateway_until: float = 0.0
    service_times: dict[str, float] = field(default_factory=dict)
    requests_per_minute: int | None = None
    minute: float = 60.0
    retry_after: int = 1
    rate: float = 0.0
    kinds: tuple[str, ...] = KINDS
    seed: int = 0
    one_shot: list[OneShot] = field(default_factory=list)
    concurrency: int | None = None
    error_body: Callable[[int, str], tuple[str, bytes]] = _json_error
    counts: Counts = field(default_factory=Counts)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._random = random.Random(self.seed)
        self._admitted: deque[float] = deque()
        self._gate: tuple[int, asyncio.Semaphore] | None = None

    def fail(self, method: str, path: str, kind: str, *, nth: int = 1) -> None:
        """Let the ``nth`` request from now on that matches fail once.

        Args:
            method: ``POST``, …; empty for any.
            path: regular expression, searched in the path.
            kind: one of ``KINDS`` or ``MORE_KINDS``.
            nth: which of the matching requests, counted from 1.

        Raises:
            ValueError: there is no such kind.
        """
        if kind not in (*KINDS, *MORE_KINDS):
            msg = f"There is no fault {kind!r}; there are {', '.join((*KINDS, *MORE_KINDS))}."
            raise ValueError(msg)
        with self._lock:
            self.one_shot.append(OneShot(method, re.compile(path), kind, nth))

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """Put these faults in front of ``app``."""

        async def faulty(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            wait = self._admit()
            kind = None if wait else self._pick(scope["method"], scope["path"])
            delay = self._latency_of(scope["path"])
            if delay:
                await asyncio.sleep(delay)
            gate = self._semaphore()
            if gate is None:
                await self._answer(app, scope, receive, send, kind=kind, wait=wait)
                return
            async with gate:
                await self._answer(app, scope, receive, send, kind=kind, wait=wait)

        return faulty

    async def _answer(
        self,
        app: ASGIApp,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        kind: str | None,
        wait: int,
    ) -> None:
        """Answer one request, in the way that ``kind`` says."""
        service = self._service_time(f"{scope['method']} {scope['path']}")
        if service:
            send = _not_before(time.monotonic() + service, send)
        if kind in ("500_after", "422_after", "reset_after"):
            await app(scope, receive, _discard)
        if wait or kind in ("429", "429_date"):
            pause: int | str = wait or self.retry_after
            if kind == "429_date":
                pause = formatdate(time.time() + self.retry_after, usegmt=True)
            await self._error(send, 429, "Too many requests", pause)
        elif kind in ("500_before", "500_after"):
            await self._error(send, 500, "Something went wrong", None)
        elif kind in ("422_before", "422_after"):
            await self._error(send, 422, _DEADLOCK, None)
        elif kind in ("502_html", "503_html", "504_html"):
            await _send(send, int(kind[:3]), "text/html", _UNAVAILABLE, None)
        elif kind in ("reset_before", "reset_after"):
            await drop(scope, receive, body_read=kind == "reset_after")
        elif kind is not None:
            await mangled(kind, app, scope, receive, send)
        else:
            await app(scope, receive, send)

    def _latency_of(self, path: str) -> float:
        by_route = self.latency_by_route.items()
        return self.latency + sum(seconds for route, seconds in by_route if re.search(route, path))

    def _service_time(self, request: str) -> float:
        times = self.service_times.items()
        return next((seconds for words, seconds in times if re.search(words, request)), 0.0)

    async def _error(
        self, send: Send, status: int, message: str, retry_after: int | str | None
    ) -> None:
        """Send an injected error in the server's own format."""
        content_type, body = self.error_body(status, message)
        await _send(send, status, content_type, body, retry_after)

    def _admit(self) -> int:
        """Count a request; return the seconds to wait when it is over the limit, else 0."""
        now = time.monotonic()
        with self._lock:
            self.counts.total += 1
            self.counts.times.append(now)
            if self.requests_per_minute is None:
                return 0
            while self._admitted and self._admitted[0] <= now - self.minute:
                self._admitted.popleft()
            if len(self._admitted) < self.requests_per_minute:
                self._admitted.append(now)
                return 0
            self.counts.faulted += 1
            oldest = self._admitted[0] if self._admitted else now
            return max(1, math.ceil(oldest + self.minute - now))

    def _pick(self, method: str, path: str) -> str | None:
        """Choose the fault for this request, if any."""
        with self._lock:
            kind = self._due(method, path)
            if time.monotonic() < self.gateway_until:
                kind = ("502_html", "503_html")[self.counts.total % 2]
            if kind is None and self.rate and self._random.random() < self.rate:
                kind = self._random.choice(self.kinds)
            if kind is not None:
                self.counts.faulted += 1
            return kind

    def _due(self, method: str, path: str) -> str | None:
        """Count down the one-shot faults that match; return the kind of the one that is due."""
        due: OneShot | None = None
        for shot in self.one_shot:
            if shot.method in ("", method) and shot.path.search(path):
                shot.nth -= 1
                if shot.nth <= 0 and due is None:
                    due = shot
        if due is None:
            return None
        self.one_shot.remove(due)
        return due.kind

    def _semaphore(self) -> asyncio.Semaphore | None:
        """Return the gate for the present ``concurrency``; None when it is off."""
        limit = self.concurrency
        if limit is None:
            return None
        if self._gate is None or self._gate[0] != limit:
            self._gate = (limit, asyncio.Semaphore(limit))
        return self._gate[1]


_UNAVAILABLE = b"<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>"
_DEADLOCK = "PG::TRDeadlockDetected: ERROR:  deadlock detected"


def _not_before(moment: float, send: Send) -> Send:
    """Send nothing before a moment: what making the answer takes here is part of it."""

    async def later(message: Message) -> None:
        await asyncio.sleep(max(0.0, moment - time.monotonic()))
        await send(message)

    return later


async def _discard(message: Message) -> None:
    """Swallow an answer that the client will never see."""
    del message


async def _send(
    send: Send, status: int, content_type: str, body: bytes, retry_after: int | str | None
) -> None:
    """Send a whole small answer."""
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    if retry_after is not None:
        headers.append((b"retry-after", str(retry_after).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
