"""Progress of long work: a display on a terminal, now and then a plain line elsewhere."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Any

from runner.report.budget import duration
from runner.report.frame import rate_in_words
from runner.report.live import Live
from runner.report.screen import Screen
from runner.report.terminal import clean

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from rich.console import Console

    from runner.engine.change import Change
    from runner.errors import MigrateError

_SECONDS_BETWEEN_LINES = float(os.environ.get("MIGRATE_PROGRESS_SECONDS", "10"))
_MOST_PROBLEMS = 20


class Reporter(Live):
    """Tells how a run goes on, all of it on standard error: results go elsewhere.

    It has the figures, which the display and the live page ask it for. Arguments as for ``Live``;
    ``out`` is where it is told.
    """

    def __init__(
        self,
        out: Console,
        *,
        remaining: Callable[[], float | None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._screen = Screen(out, self.as_json) if out.is_interactive else None
        teller = self._screen or Lines(out, self.as_json, clock)
        super().__init__(teller, remaining=remaining, clock=clock)

    def __enter__(self) -> Self:
        if self._screen is not None:
            self._screen.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._screen is not None:
            self._screen.stop(broken=kind is not None)


class Lines:
    """A plain line every few seconds, where nobody could watch a display.

    Args:
        out: Where to.
        figures: ``Live.as_json``.
        clock: Seconds.
    """

    def __init__(
        self, out: Console, figures: Callable[[], dict[str, Any]], clock: Callable[[], float]
    ) -> None:
        self._out = out
        self._figures = figures
        self._clock = clock
        self._lock = threading.Lock()
        self._last_line = clock()
        self._problems = 0

    def begin(self, entity: str, total: int) -> None:
        """A step of apply begins."""
        self.pulled(entity, 0, total)

    def record(self, change: Change, problem: MigrateError | None) -> None:
        """One record of apply is through."""
        if problem is not None or change.action == "fail":
            self._problem(change, str(problem or change.reason))
        if self._is_time():
            row = self._figures()["result"][change.entity.capitalize()]
            self._line(change.entity, row["sum"], row["total"])

    def pulled(self, what: str, done: int, total: int | None) -> None:
        """So many of so many are through (``total`` None: not known)."""
        if self._is_time():
            self._line(what, done, total)

    def say(self, text: str) -> None:
        """Something worth a line happened."""
        self._out.print(clean(text))

    def _is_time(self) -> bool:
        now = self._clock()
        with self._lock:
            if now - self._last_line < _SECONDS_BETWEEN_LINES:
                return False
            self._last_line = now
            return True

    def _line(self, what: str, done: int, total: int | None) -> None:
        standing = self._figures()
        words = [f"{what}: {done:,} of {'?' if total is None else f'{total:,}'}"]
        if standing["step"] == what and standing["rate"]:
            words.append(rate_in_words(standing["rate"]))
        if standing["step"] == what and standing["left"] is not None:
            words.append(f"{duration(standing['left'])} left")
        self._out.print(clean(", ".join(words)))

    def _problem(self, change: Change, text: str) -> None:
        with self._lock:
            self._problems += 1
            problems = self._problems
        if problems <= _MOST_PROBLEMS:
            where = f"{change.entity}/{change.source_id}"
            self._out.print(f"[red]failed[/] {clean(where)}: {clean(text)}")
        elif problems == _MOST_PROBLEMS + 1:
            self._out.print("[red]more failed; migrate status lists all[/]")
