"""How long a run still takes: what is left of its requests, at the speeds that it has itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from runner.engine.budget import Estimate, Mean, Needs, Setup, Speeds, estimate

if TYPE_CHECKING:
    from runner.engine.counts import Counts
    from runner.timings import Measured

_ENOUGH = 20
"""So many requests of a kind, and this run's own speed counts rather than that of earlier ones."""

_STEP = "tickets"
_OF_TICKETS = ("tickets", "articles", "ticket updates")


@dataclass(frozen=True, slots=True)
class _Run:
    needs: Needs
    setup: Setup
    before: Speeds
    kayako: Callable[[], Measured]
    zammad: Callable[[], Measured]
    counts: Counts
    is_open: Callable[[], bool]
    listed: Measured


class Remaining:
    """Tells at any moment, from any thread, how long the run still takes.

    Args:
        now: The present moment (tests).
    """

    def __init__(self, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._run: _Run | None = None

    def begin(
        self,
        needs: Needs,
        setup: Setup,
        before: Speeds,
        *,
        kayako: Callable[[], Measured],
        zammad: Callable[[], Measured],
        counts: Counts,
        is_open: Callable[[], bool],
    ) -> None:
        """Say what is to be done, once Kayako's lists are read.

        Args:
            needs: All requests of the run.
            setup: What the configuration says.
            before: What was measured before this run.
            kayako: Returns what this run measured of Kayako so far.
            zammad: The same of Zammad.
            counts: Records that are through.
            is_open: Says whether import mode is proven.
        """
        needs = replace(needs, lists=0)
        self._run = _Run(needs, setup, before, kayako, zammad, counts, is_open, kayako())

    def estimate(self) -> Estimate | None:
        """Return the estimate of what is left; None before the run begins, or when nothing is."""
        run = self._run
        if run is None:
            return None
        kayako, zammad = run.kayako(), run.zammad()
        left = _left(run, kayako, zammad)
        if not (sum(left.reading.values()) or sum(left.writing.values()) or left.one_writer):
            return None
        return estimate(left, run.setup, _speeds(run, kayako, zammad), self._now())

    def seconds(self) -> float | None:
        """Return how many seconds are left; None while, or where, nobody can tell."""
        found = self.estimate()
        return None if found is None else found.seconds


def _left(run: _Run, kayako: Measured, zammad: Measured) -> Needs:
    """Return what was to be done and is not done yet."""
    read = {kind: count - run.listed.get(kind, (0, 0.0))[0] for kind, (count, _) in kayako.items()}
    sent = {kind: count for kind, (count, _) in zammad.items()}
    total = run.counts.totals.get(_STEP, 0)
    through = sum(run.counts.done.get(_STEP, {}).values())
    if total and through >= total:
        return Needs()
    writing = _without(run.needs.writing, sent)
    if total and through:
        writing |= {
            # More is to be done than anybody knew: it goes on as it went so far.
            kind: round(sent[kind] / through * (total - through))
            for kind in _OF_TICKETS
            if sent.get(kind, 0) > run.needs.writing.get(kind, 0)
        }
    return Needs(
        reading=_without(run.needs.reading, read),
        one_writer=_without(run.needs.one_writer, sent) if not total else {},
        writing=writing,
        opening=0 if run.is_open() else run.needs.opening,
    )


def _without(wanted: Mapping[str, int], done: Mapping[str, int]) -> dict[str, int]:
    left = {kind: number - done.get(kind, 0) for kind, number in wanted.items()}
    return {kind: number for kind, number in left.items() if number > 0}


def _speeds(run: _Run, kayako: Measured, zammad: Measured) -> Speeds:
    """Return this run's own speeds where it sent enough of a kind, else those of earlier ones."""
    own = {kind: one[1] / one[0] for kind, one in kayako.items() if one[0] >= _ENOUGH}
    written = {
        kind: Mean(seconds / count, run.setup.zammad_workers)
        for kind, (count, seconds) in zammad.items()
        if count >= _ENOUGH
    }
    return Speeds(
        kayako={**run.before.kayako, **own},
        zammad={**run.before.zammad, **written},
        round_trip=run.before.round_trip,
    )
