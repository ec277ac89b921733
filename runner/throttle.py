"""Holds requests back in hours in which the server belongs to others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

SHARE_OF_RATE = 0.985
"""So much of a configured rate is used: clocks differ, and a 429 costs more than it brings."""

_LONGEST_SLEEP = 5.0


class Hours(Protocol):
    """When a lower rate holds, and which."""

    @property
    def requests_per_minute(self) -> int:
        """The lower rate."""
        ...

    def applies(self, moment: datetime) -> bool:
        """Say whether the lower rate holds at a moment."""
        ...


class Throttle:
    """Lets requests through one by one, evenly, while the hours last; else at once.

    It stands before the limiter of the usual rate and does not replace it: so no minute in which
    the rate changes exceeds the higher one either.

    Args:
        hours: When, and how many requests a minute.
        now: The present moment (tests).
        clock: Seconds that only grow (tests).
    """

    def __init__(
        self,
        hours: Hours,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hours = hours
        self._now, self._clock = now, clock
        self._lock = threading.Lock()
        self._last = float("-inf")
        self._distance = 60.0 / (SHARE_OF_RATE * hours.requests_per_minute)

    def rate(self) -> int | None:
        """Return the requests a minute that it allows right now; None where it allows all."""
        return self._hours.requests_per_minute if self._hours.applies(self._now()) else None

    def wait(self, sleep: Callable[[float], object], is_stopped: Callable[[], bool]) -> None:
        """Return when the next request may go, or the run is to stop.

        The distance to the last one is measured when it goes: who was kept waiting elsewhere
        meanwhile cannot make up for it.
        """
        while not is_stopped():
            with self._lock:
                now = self._clock()
                missing = self._last + self._distance - now
                if missing <= 0 or not self._hours.applies(self._now()):
                    self._last = now
                    return
            # Not longer, for the hours may end meanwhile.
            sleep(min(missing, _LONGEST_SLEEP))
