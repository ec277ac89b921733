"""How much may be under way to one server at once: requests, and bytes of large ones.

A server that fails is asked by half as many until it has worked for a while; the next failure
halves again. Whoever could go on waits here, so that threads, sessions and queues stay as they are.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RECOVERY_SECONDS = 15.0
"""After so long without a failure twice as many may ask again."""
LEAST_DISTANCE_SECONDS = 5.0
"""What fails so soon after a halving was asked before it, or is one record that cannot be taken."""
MOST_BYTES = 32 * 1024 * 1024
SMALL_BYTES = 64 * 1024

_SLICE_SECONDS = 0.2


class Lanes:
    """Lets at most ``most`` requests be under way, fewer while the server fails.

    Args:
        most: How many at most.
        clock: Seconds that only grow (tests).
    """

    def __init__(self, most: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = max(1, most)
        self._clock = clock
        self._news = threading.Condition()
        self._taken = 0
        self._halvings = 0
        self._at = float("-inf")

    def allowed(self) -> int:
        """Return how many requests may be under way now."""
        with self._news:
            return self._allowed()

    @contextmanager
    def one(self, is_stopped: Callable[[], bool]) -> Iterator[None]:
        """Hold one place; a run that is to stop waits for none."""
        with self._news:
            while self._taken >= self._allowed() and not is_stopped():
                self._news.wait(_SLICE_SECONDS)
            self._taken += 1
        try:
            yield
        finally:
            with self._news:
                self._taken -= 1
                self._news.notify()

    def failed(self) -> None:
        """The server failed: half as many from now on, but never none."""
        with self._news:
            if self._allowed() == 1 or self._clock() - self._at < LEAST_DISTANCE_SECONDS:
                return
            self._halvings += 1
            self._at = self._clock()

    def _allowed(self) -> int:
        while self._halvings and self._clock() - self._at >= RECOVERY_SECONDS:
            self._halvings -= 1
            self._at += RECOVERY_SECONDS
        return max(1, self._most >> self._halvings)


class Freight:
    """Lets large bodies be under way up to ``most`` bytes; a larger one goes when no other does."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._news = threading.Condition()
        # One waits at a time: else small ones would pass a large one for ever.
        self._turn = threading.Lock()
        self._under_way = 0

    @contextmanager
    def of(self, size: int, is_stopped: Callable[[], bool]) -> Iterator[None]:
        """Hold room for a body of ``size`` bytes; small ones need none."""
        if size <= SMALL_BYTES:
            yield
            return
        with self._turn, self._news:
            while self._under_way and self._under_way + size > self._most and not is_stopped():
                self._news.wait(_SLICE_SECONDS)
            self._under_way += size
        try:
            yield
        finally:
            with self._news:
                self._under_way -= size
                self._news.notify_all()
