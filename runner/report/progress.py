"""Progress of long work: one moving line on a terminal, now and then a plain line elsewhere."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from runner.report.budget import duration
from runner.report.terminal import clean

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from rich.console import Console

    from runner.engine.change import Change
    from runner.errors import MigrateError

_SECONDS_BETWEEN_LINES = float(os.environ.get("MIGRATE_PROGRESS_SECONDS", "10"))
_MOST_PROBLEMS = 20


class Reporter:
    """Tells how pull, plan and apply go on; all of it on standard error, results go elsewhere.

    Args:
        out: Where it is told.
        remaining: Returns the seconds that the whole run still takes, None where nobody knows.
    """

    def __init__(
        self, out: Console, *, remaining: Callable[[], float | None] = lambda: None
    ) -> None:
        self._out = out
        self._remaining = remaining
        self._lock = threading.Lock()
        self._bar: Progress | None = None
        if out.is_terminal:
            self._bar = Progress(
                TextColumn("{task.description:<14}"),
                BarColumn(bar_width=28),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                console=out,
                transient=True,
            )
        self._tasks: dict[str, TaskID] = {}
        self._done: dict[str, int] = {}
        self._totals: dict[str, int | None] = {}
        self._began: dict[str, float] = {}
        self._last_line = time.monotonic()
        self._problems = 0

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def begin(self, entity: str, total: int) -> None:
        """A step of apply begins."""
        self.pulled(entity, 0, total)

    def record(self, change: Change, problem: MigrateError | None) -> None:
        """One record of apply is through."""
        if problem is not None or change.action == "fail":
            self._problem(change, str(problem or change.reason))
        self._one_more(change.entity)

    def seen(self, change: Change) -> None:
        """One record of plan is through; the pull before it counted on its own."""
        self._one_more(f"plan of {change.entity}")

    def pulled(self, what: str, done: int, total: int | None) -> None:
        """So many of so many are through (``total`` None: not known)."""
        with self._lock:
            self._totals[what] = total
            self._show(what, done)

    def _one_more(self, what: str) -> None:
        with self._lock:
            self._totals.setdefault(what, None)
            self._show(what, self._done.get(what, 0) + 1)

    def _show(self, what: str, done: int) -> None:
        now = time.monotonic()
        self._began.setdefault(what, now)
        self._done[what] = done
        total = self._totals[what]
        if total is not None:
            # People who are in no list come on top of it.
            total = self._totals[what] = max(total, done)
        if self._bar is not None:
            self._move(what)
        elif now - self._last_line >= _SECONDS_BETWEEN_LINES:
            self._last_line = now
            self._out.print(f"{what}: {done:,} of {_number(total)}{self._left(what, now)}")

    def say(self, text: str) -> None:
        """Something worth a line happened."""
        self._out.print(clean(text))

    def _move(self, what: str) -> None:
        if self._bar is None:
            return
        if what not in self._tasks:
            for task in self._tasks.values():
                self._bar.update(task, visible=False)
            self._tasks[what] = self._bar.add_task(clean(what), total=None, rate="")
        rate = f"{self._rate(what, time.monotonic()):,.1f}/s"
        self._bar.update(
            self._tasks[what],
            completed=self._done[what],
            total=self._totals[what],
            rate=rate,
        )

    def _rate(self, what: str, now: float) -> float:
        seconds = now - self._began[what]
        return self._done[what] / seconds if seconds > 0 else 0.0

    def _left(self, what: str, now: float) -> str:
        rate, total = self._rate(what, now), self._totals[what]
        if not rate or total is None:
            return ""
        seconds = self._remaining()
        if seconds is None:
            seconds = (total - self._done[what]) / rate
        return f", {rate:,.1f} a second, {duration(seconds)} left"

    def _problem(self, change: Change, text: str) -> None:
        with self._lock:
            self._problems += 1
            problems = self._problems
        if problems <= _MOST_PROBLEMS:
            where = f"{change.entity}/{change.source_id}"
            self._out.print(f"[red]failed[/] {clean(where)}: {clean(text)}")
        elif problems == _MOST_PROBLEMS + 1:
            self._out.print("[red]more failed; migrate status lists all[/]")


def _number(total: int | None) -> str:
    return "?" if total is None else f"{total:,}"
