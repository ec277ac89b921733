"""The display of a run on a terminal: one block of lines at its end, drawn anew twice a second.

Questions are asked before it begins, errors are told after it ended; what is said meanwhile is
printed above it. A process has one terminal, so there is at most one such display.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from rich.live import Live as Drawing

from runner.report.frame import frame, left_over
from runner.report.terminal import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console, Group

    from runner.engine.change import Change
    from runner.errors import MigrateError

_TIMES_A_SECOND = 2
_SHOW_CURSOR = b"\x1b[?25h"
_STOPPING = "Finishing what is in flight; press Ctrl-C again to stop at once"

_on: list[Screen] = []


class Screen:
    """Shows how a run stands; asks for it by itself, so it is told of no record.

    Args:
        out: The terminal.
        figures: ``Live.as_json``.
    """

    def __init__(self, out: Console, figures: Callable[[], dict[str, Any]]) -> None:
        self._out = out
        self._figures = figures
        self._note = ""
        self._drawing: Drawing | None = None

    def start(self) -> None:
        """Begin to draw."""
        _on.append(self)
        self._drawing = Drawing(
            get_renderable=self._frame,
            console=self._out,
            refresh_per_second=_TIMES_A_SECOND,
            transient=True,
            # What is printed on standard output is for whoever reads that, not for the display.
            redirect_stdout=False,
        )
        self._drawing.start()

    def stop(self, *, broken: bool) -> None:
        """End, and leave the last problems on the screen; with ``broken`` how far it came, too."""
        if self._drawing is not None:
            self._drawing.stop()
        _on.remove(self)
        kept = left_over(self._figures(), width=self._out.width, whole=broken)
        if kept.renderables:
            self._out.print(kept, soft_wrap=False)

    def begin(self, entity: str, total: int) -> None:
        """A step of the run begins."""

    def record(self, change: Change, problem: MigrateError | None) -> None:
        """One record is through."""

    def pulled(self, what: str, done: int, total: int | None) -> None:
        """So many of so many are read from Kayako."""

    def say(self, text: str) -> None:
        """Print a line above the display."""
        self._out.print(clean(text))

    def _frame(self) -> Group:
        size = self._out.size
        return frame(self._figures(), width=size.width, height=size.height, note=self._note)

    def announce_stop(self) -> None:
        """Say, with the next drawing, that the run is about to stop: a signal comes anywhere."""
        self._note = _STOPPING


def current() -> Screen | None:
    """Return the display that is on, None where there is none."""
    return _on[-1] if _on else None


def give_back_terminal() -> None:
    """Show the cursor again, for a process that ends at once; takes no lock."""
    if _on:
        os.write(2, _SHOW_CURSOR)
