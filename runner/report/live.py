"""How a run stands right now, for whoever watches it from elsewhere."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol

from runner.engine.apply import Watcher
from runner.engine.change import Action
from runner.engine.counts import Counts
from runner.report.page.tame import short
from runner.report.sides import Sides

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.engine.change import Change
    from runner.errors import MigrateError
    from runner.meter import Usage

_MOST_PROBLEMS = 20
_WINDOW = 60
_LONGEST = 400


class Teller(Watcher, Protocol):
    """Who is told of a run and of the pull beside it."""

    def pulled(self, what: str, done: int, total: int | None) -> None:
        """So many of so many are read from Kayako."""


class Live:
    """A watcher that passes everything on and remembers the latest; any thread may ask.

    Rates are those of the last minute: a run of nine hours is not judged by its first.

    Args:
        teller: Who is told everything as well.
        remaining: Returns the seconds that the run still takes, None where nobody knows better
            than the rate of the step that runs.
        clock: Seconds.
    """

    def __init__(
        self,
        teller: Teller,
        *,
        remaining: Callable[[], float | None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._teller = teller
        self._remaining = remaining
        self._clock = clock
        self._began = clock()
        self._changed = threading.Condition()
        self._sides = Sides()
        self._version = 0
        self._ended = ""
        self._counts = Counts()
        self._step = ""
        self._pulled: dict[str, tuple[int, int | None]] = {}
        self._recent: deque[tuple[float, int]] = deque(maxlen=_WINDOW + 1)
        self._done = 0
        self._problems: deque[dict[str, str]] = deque(maxlen=_MOST_PROBLEMS)
        self._said: deque[str] = deque(maxlen=_MOST_PROBLEMS)

    def begin(self, entity: str, total: int) -> None:
        """A step of the run begins."""
        with self._changed:
            self._counts.expect(entity, total)
            self._start(entity)
            self._tell()
        self._teller.begin(entity, total)

    def record(self, change: Change, problem: MigrateError | None) -> None:
        """One record is through."""
        action = change.action if problem is None else Action.FAIL
        with self._changed:
            extra = change.entity != self._step
            self._counts.count(change.entity, action, extra=extra)
            self._make_room(change.entity)
            if not extra:
                self._advance(self._done + 1)
            if action is Action.FAIL:
                where = f"{change.entity}/{change.source_id}"
                text = short(problem or change.reason, _LONGEST)
                self._problems.appendleft({"where": short(where), "text": text})
            self._tell()
        self._teller.record(change, problem)

    def seen(self, change: Change) -> None:
        """One record of a plan is through; the pull before it counted on its own."""
        what = f"plan of {change.entity}"
        with self._changed:
            done, total = self._pulled.get(what, (0, None))
        self.pulled(what, done + 1, total)

    def connect(self, side: str, usage: Callable[[], Usage]) -> None:
        """``kayako`` or ``zammad`` is about to be asked; ``usage`` tells how hard."""
        with self._changed:
            self._sides.connect(side, usage)

    def say(self, text: str) -> None:
        """Something worth a line happened."""
        with self._changed:
            self._said.appendleft(short(text, _LONGEST))
            self._tell()
        self._teller.say(text)

    def pulled(self, what: str, done: int, total: int | None) -> None:
        """So many of so many are read from Kayako."""
        if total is not None:
            # People who are in no list come on top of it.
            total = max(total, done)
        with self._changed:
            self._pulled[what] = (done, total)
            if not self._counts.totals:
                # Once records are written, these are what is timed.
                if what != self._step:
                    self._start(what, done)
                self._advance(done)
            self._tell()
        self._teller.pulled(what, done, total)

    def end(self, outcome: str) -> None:
        """The run is over: ``done``, ``failed`` (records) or ``stopped``."""
        with self._changed:
            self._ended = outcome
            self._tell()

    def wait(self, version: int, seconds: float) -> int:
        """Wait until something changed since ``version``, at most so long; return the latest."""
        with self._changed:
            if self._version == version and not self._ended:
                self._changed.wait(seconds)
            return self._version

    def as_json(self) -> dict[str, Any]:
        """Return how it stands: ``result`` is that of ``status --json``.

        ``rate`` is records a minute of the step that runs, ``left`` seconds, both None while
        nobody can tell; ``sides`` and ``binds``: see ``Sides``; ``outcome`` is empty until the run
        is over.
        """
        with self._changed:
            rate = self._rate()
            # Tickets have several writers, and wait for what is read; everything else has one.
            alone = self._step != "tickets"
            ahead = alone and self._step in self._counts.totals
            return {
                "result": self._counts.as_import_job(),
                "step": self._step,
                "rate": None if rate is None else round(rate, 1 if rate < 10 else None),
                "left": self._left(rate),
                **self._sides.as_json(self._clock(), 1 if alone else None, ahead=ahead),
                "seconds": round(self._clock() - self._began),
                "pulled": {name: list(numbers) for name, numbers in self._pulled.items()},
                "problems": list(self._problems),
                "failed": self._counts.failed(),
                "said": list(self._said),
                "outcome": self._ended,
            }

    def _make_room(self, entity: str) -> None:
        """Let the total grow with records that nobody expected, as the run's own does."""
        done = sum(self._counts.done[entity].values())
        self._counts.totals[entity] = max(self._counts.totals.get(entity, 0), done)

    def _start(self, what: str, done: int = 0) -> None:
        self._step, self._done = what, done
        self._recent.clear()
        self._recent.append((self._clock(), done))

    def _advance(self, done: int) -> None:
        self._done = done
        now = self._clock()
        if not self._recent or now - self._recent[-1][0] >= 1:
            self._recent.append((now, self._done))

    def _rate(self) -> float | None:
        if not self._recent:
            return None
        now = self._clock()
        first, before = self._recent[0]
        return 60 * (self._done - before) / (now - first) if now - first >= 1 else None

    def _total(self) -> int:
        """Return how many there are of what goes on: records to write, or to read."""
        if self._step in self._counts.totals:
            return self._counts.totals[self._step]
        return self._pulled.get(self._step, (0, None))[1] or 0

    def _left(self, rate: float | None) -> int | None:
        """Return how many seconds it takes yet: the one place that tells."""
        known = self._remaining()
        if known is not None:
            return round(known)
        waiting = self._total() - self._done
        return round(60 * waiting / rate) if rate and waiting > 0 else None

    def _tell(self) -> None:
        self._version += 1
        self._changed.notify_all()
