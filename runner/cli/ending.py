"""Options that say when a run ends before its end, and between which hours it may go on."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from runner.engine.brake import Brake
from runner.errors import Interrupted, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

MARGIN = timedelta(minutes=2)
"""A run ends so long before its window does, so that import mode is off in time."""

WindowOption = Annotated[
    str | None,
    typer.Option(
        "--window",
        metavar="FROM-TO",
        help="Write between these hours of this computer's clock only, such as 22:00-06:00: nobody"
        " works in Zammad then. Outside of them it refuses, at their end it stops.",
    ),
]
WaitOption = Annotated[
    bool, typer.Option("--wait", help="With --window: wait until it opens instead of refusing.")
]

_DURATION = re.compile(r"(\d+)\s*([smh])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_WINDOW = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")


def brake(max_errors: str | None, max_duration: str | None) -> Brake:
    """Check the options that end a run before its end.

    Raises:
        UsageError: one of them cannot be read.
    """
    made = Brake()
    if max_errors is not None:
        number = max_errors.strip().removesuffix("%")
        if not number.isdigit() or (max_errors.strip().endswith("%") and int(number) > 100):
            raise UsageError(
                f"--max-errors {max_errors}: this is no number", advice="such as 50, or 2%"
            )
        if max_errors.strip().endswith("%"):
            made.share = int(number) / 100
        else:
            made.errors = int(number)
    if max_duration is not None:
        parts = _DURATION.findall(max_duration.lower())
        if not parts or _DURATION.sub("", max_duration.lower()).strip():
            raise UsageError(
                f"--max-duration {max_duration}: this is no time", advice="such as 90m, or 7h 30m"
            )
        made.seconds = sum(int(number) * _SECONDS[unit] for number, unit in parts)
    return made


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of a day, over midnight where ``closes`` is the earlier one."""

    opens: time
    closes: time

    def __str__(self) -> str:
        """``22:00-06:00``."""
        return f"{self.opens:%H:%M}-{self.closes:%H:%M}"

    def end(self, now: datetime) -> datetime | None:
        """Return when a run has to end that begins now; None: the window is closed."""
        for days in (-1, 0):
            begins = self._on(now, self.opens, days)
            ends = self._on(now, self.closes, days + (self.closes <= self.opens)) - MARGIN
            if begins <= now < ends:
                return ends
        return None

    def next(self, now: datetime) -> datetime:
        """Return when it opens the next time."""
        today = self._on(now, self.opens, 0)
        return today if now <= today else self._on(now, self.opens, 1)

    @staticmethod
    def _on(now: datetime, at: time, days: int) -> datetime:
        # Of a wall clock: the hours are those that people go by, also when clocks are put forward.
        return datetime.combine(now.date() + timedelta(days=days), at).astimezone()


def window(text: str | None, *, wait: bool) -> Window | None:
    """Check the hours between which a run may write.

    Raises:
        UsageError: they cannot be read, or ``--wait`` has nothing to wait for.
    """
    if text is None:
        if wait:
            raise UsageError("--wait waits for a window", advice="add --window, or leave it out")
        return None
    found = _WINDOW.fullmatch(text.strip())
    hours = [int(number) for number in found.groups()] if found else [24, 0, 24, 0]
    if max(hours[0], hours[2]) > 23 or max(hours[1], hours[3]) > 59:
        raise UsageError(f"--window {text}: these are no hours", advice="such as 22:00-06:00")
    made = Window(time(hours[0], hours[1]), time(hours[2], hours[3]))
    long = (made.closes.hour - made.opens.hour) * 60 + made.closes.minute - made.opens.minute
    if 0 <= long * 60 <= MARGIN.total_seconds():
        raise UsageError(
            f"--window {text}: nothing can be done in that time", advice="such as 22:00-06:00"
        )
    return made


def enter(
    hours: Window,
    *,
    wait: bool,
    stop: threading.Event,
    tell: Callable[[str], None],
    now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
) -> datetime:
    """Return when a run in the window has to end, once it is open.

    Raises:
        UsageError: It is closed, and nobody asked to wait.
        Interrupted: ``stop`` was set while waiting.
    """
    ends = hours.end(now())
    if ends is None and not wait:
        raise UsageError(
            f"it is {now():%H:%M}, and the window --window {hours} is closed: nothing was done",
            advice="run it between these hours, or add --wait",
        )
    if ends is None:
        tell(f"waiting until the window opens: {hours.next(now()):%Y-%m-%d %H:%M}")
    while ends is None:
        # In short steps of the wall clock: a computer that slept is late, never early.
        if stop.wait(1):
            raise Interrupted("stopped while waiting for the window; nothing was done")
        ends = hours.end(now())
    return ends
