"""Kayako and Zammad during a run: the limits in force, and which of them the run waits for."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from runner.meter import Usage

REASONS = ("pause", "failures", "limit", "answers")
"""Why a side may be waited for: it asked for a pause, it failed and is spared for a while, its
limit is reached, it takes its time."""

_CHANGES = {
    ("kayako", "limit"): "kayako.requests_per_minute",
    ("kayako", "answers"): "kayako.workers",
    ("zammad", "limit"): "zammad.requests_per_minute",
    ("zammad", "answers"): "zammad.workers, WEB_CONCURRENCY, es_url, background workers",
}
"""Settings, ours and Zammad's, that make a run quicker which waits for a side for a reason."""
_CHANGES_ALONE = {("zammad", "answers"): "es_url, background workers"}
"""The same where one request follows the other, as for lists and people: workers change nothing."""

_WINDOW = 10.0
"""Seconds that are looked back at: long enough for slow answers, short enough to be news."""
_LEAST = 1.0
_BUSY = 0.75
"""A side binds where that share of those who could ask it is busy asking."""


class Sides:
    """Whoever is asked in this run, and what that looked like for the last seconds."""

    def __init__(self) -> None:
        self._asked: dict[str, Callable[[], Usage]] = {}
        self._past: deque[tuple[float, dict[str, Usage]]] = deque()

    def connect(self, side: str, usage: Callable[[], Usage]) -> None:
        """Ask ``usage`` for a side, ``kayako`` or ``zammad``, from now on."""
        self._asked = {**self._asked, side: usage}
        self._past.clear()

    def as_json(self, now: float, writers: int | None, *, ahead: bool = False) -> dict[str, Any]:
        """Return ``sides``, the limits in force, and ``binds``, the one that the run waits for.

        Args:
            now: A clock's seconds.
            writers: How many threads write to Zammad right now; None: as many as it has workers.
            ahead: Kayako is read ahead of what is written: nobody waits for it.
        """
        usages = {side: usage() for side, usage in sorted(self._asked.items())}
        if not self._past or now - self._past[-1][0] >= _LEAST:
            self._past.append((now, usages))
        while len(self._past) > 2 and now - self._past[1][0] >= _WINDOW:
            self._past.popleft()
        before, was = self._past[0]
        busy = {}
        if now - before >= _LEAST:
            busy = {side: _busy(was[side], usage, now - before) for side, usage in usages.items()}
        return {
            "sides": [
                {
                    "side": side,
                    "workers": usage.workers,
                    "allowed": usage.allowed,
                    "limit": usage.limit,
                    "last_minute": usage.last_minute,
                    "held": round(usage.held),
                }
                for side, usage in usages.items()
            ],
            "binds": binding(usages, busy, writers, ahead=ahead),
        }


def binding(
    usages: Mapping[str, Usage],
    busy: Mapping[str, tuple[float, float]],
    writers: int | None,
    *,
    ahead: bool = False,
) -> dict[str, str] | None:
    """Return what a run waits for: ``{"side": …, "why": one of REASONS, "change": settings}``.

    A pause that a server asked for comes first. Then Zammad, where all who write are busy with it:
    reading goes on beside, however slow. Else it is Kayako that does not come along. None where
    nobody can tell, or where the time goes into this computer.

    Args:
        usages: How each side is asked now.
        busy: For each side, how many threads waited for leave to ask, and how many for answers,
            on an average of the last seconds.
        writers: How many threads write to Zammad; None: as many as it has workers. It matters
            only where Kayako is read beside.
        ahead: Kayako is read ahead of what is written: nobody waits for it.
    """
    held = next((side for side, usage in usages.items() if usage.held >= 1), None)
    if held is not None:
        return _because(held, "pause")
    for side in ("zammad",) if ahead else ("zammad", "kayako"):
        waiting, answering = busy.get(side, (0.0, 0.0))
        most = writers or usages[side].workers if side == "zammad" and len(busy) > 1 else 1
        if waiting + answering >= _BUSY * most:
            if usages[side].allowed < usages[side].workers:
                return _because(side, "failures")
            if waiting > answering:
                return _because(side, "limit")
            alone = waiting + answering < _BUSY * usages[side].workers
            return _because(side, "answers", _CHANGES_ALONE if alone else _CHANGES)
    return None


def _because(
    side: str, why: str, changes: Mapping[tuple[str, str], str] = _CHANGES
) -> dict[str, str]:
    return {"side": side, "why": why, "change": changes.get((side, why), "")}


def _busy(before: Usage, now: Usage, seconds: float) -> tuple[float, float]:
    return (
        (now.waiting - before.waiting) / seconds,
        (now.answering - before.answering) / seconds,
    )
