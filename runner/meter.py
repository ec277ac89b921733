"""How hard one server is asked: requests in the last minute, and what their time goes into.

The display of a run asks for it a few times a second, so what it costs is paid per request: three
short locks.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_WINDOW = 60
WAITING, ANSWERING = "waiting", "answering"
"""Where a thread with a request is: before our limit or the server's, or in the air."""


@dataclass(frozen=True, slots=True)
class Usage:
    """One server right now.

    Attributes:
        workers: How many threads send at most.
        allowed: How many of them may: fewer for a while after the server failed.
        limit: Requests a minute that the configuration allows; None for no limit.
        last_minute: Requests that went out in the last 60 seconds.
        waiting: Seconds that all threads together have waited for leave to send, since the start.
        answering: Seconds that answers took so far, of all threads together.
        held: Seconds for which the server asked everybody to wait, from now.
    """

    workers: int
    allowed: int
    limit: float | None
    last_minute: int
    waiting: float
    answering: float
    held: float


class Meter:
    """Adds up where the threads of one client spend their time; any thread may call."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._local = threading.local()
        self._threads = {WAITING: 0, ANSWERING: 0}
        self._seconds = {WAITING: 0.0, ANSWERING: 0.0}
        self._at = clock()
        self._sent: deque[list[int]] = deque(maxlen=_WINDOW + 1)

    def move(self, place: str | None, *, counted: bool = True) -> None:
        """The calling thread is there from now on (None: without a request).

        A request that goes out counts for the last minute unless ``counted`` says otherwise.
        """
        with self._lock:
            now = self._add_up()
            before = getattr(self._local, "place", None)
            if before is not None:
                self._threads[before] -= 1
            if place is not None:
                self._threads[place] += 1
            self._local.place = place
            if place == ANSWERING and counted:
                self._count(int(now))

    def seconds(self) -> tuple[float, float]:
        """Return how long threads waited and how long answers took, all together, until now."""
        with self._lock:
            self._add_up()
            return self._seconds[WAITING], self._seconds[ANSWERING]

    def last_minute(self) -> int:
        """Return how many requests went out in the last 60 seconds."""
        oldest = int(self._clock()) - _WINDOW
        with self._lock:
            return sum(count for second, count in self._sent if second > oldest)

    def _add_up(self) -> float:
        now = self._clock()
        for place, threads in self._threads.items():
            self._seconds[place] += threads * (now - self._at)
        self._at = now
        return now

    def _count(self, second: int) -> None:
        if self._sent and self._sent[-1][0] == second:
            self._sent[-1][1] += 1
        else:
            self._sent.append([second, 1])
