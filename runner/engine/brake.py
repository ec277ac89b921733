"""When a run ends before its end: too many failures, or the time it was given is over."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from runner.errors import Interrupted, MigrateError, TooManyErrors

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.engine.counts import Counts

LEAST_FOR_A_SHARE = 100
"""Records before a share of failures says anything."""


def _now() -> datetime:
    return datetime.now().astimezone()


@dataclass(slots=True)
class Brake:
    """``errors`` failed records, ``share`` of failed ones (0 to 1), ``seconds`` since the start.

    ``until`` is when the window closes that the run has to itself.
    """

    errors: int | None = None
    share: float | None = None
    seconds: float | None = None
    until: datetime | None = None
    now: Callable[[], datetime] = _now
    _began: float = field(default_factory=time.monotonic)

    def why(self, counts: Counts) -> MigrateError | None:
        """Return the reason to end now, None when there is none."""
        return self._failures(counts) or self._time()

    def _failures(self, counts: Counts) -> MigrateError | None:
        failed, done = counts.failed(), counts.through()
        advice = "migrate status lists them; run the same command again to go on"
        if self.errors is not None and failed > self.errors:
            words = f"{failed:,} records failed, more than --max-errors {self.errors:,}"
            return TooManyErrors(words, advice=advice)
        if self.share is not None and done >= LEAST_FOR_A_SHARE and failed > done * self.share:
            words = (
                f"{failed:,} of {done:,} records failed, more than --max-errors {self.share:.0%}"
            )
            return TooManyErrors(words, advice=advice)
        return None

    def _time(self) -> MigrateError | None:
        if self.seconds is not None and time.monotonic() - self._began > self.seconds:
            words = "the time given with --max-duration is over; what was moved is written down"
            return Interrupted(words, advice="run the same command again to go on")
        if self.until is not None and self.now() >= self.until:
            words = "the window given with --window closes; what was moved is written down"
            return Interrupted(words, advice="run the same command again in the next window")
        return None
