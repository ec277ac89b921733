"""How long ``reset`` would take for what the ledger has: requests, and seconds.

Reset goes through the ledger alone, one request after the other, as groups, organizations and
users are written; so what a record of theirs took in earlier runs is what a removal takes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from runner.engine import reset

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.ledger import Ledger
    from runner.ledger.operations import Document

STATED_SECONDS = 0.08
"""What a write took on a real Zammad 5.2 of two cores in import mode: a ticket's POST."""

_ONE_WRITER = ("groups", "organizations", "users")
_ENOUGH = 20
_REQUESTS = {"tickets": 2}
"""A ticket's articles are read before it goes; everything else is one request a record."""
_SWITCHES = 2


@dataclass(frozen=True, slots=True)
class ResetTime:
    """``records`` are removed or given back; ``measured`` says that earlier runs told how fast."""

    records: int
    requests: int
    seconds: float
    measured: bool

    def as_json(self) -> dict[str, Any]:
        """Return it for machines."""
        return asdict(self)


def expected(ledger: Ledger, *, settle_seconds: float) -> ResetTime | None:
    """Return how long a reset would take, None where there is nothing to remove."""
    what = reset.outlook(ledger)
    counts = [*what.removed.items(), *what.restored.items()]
    if not counts:
        return None
    requests = sum(number * _REQUESTS.get(entity, 1) for entity, number in counts)
    a_record = seconds_a_record(ledger.runs())
    took = requests * (STATED_SECONDS if a_record is None else a_record)
    return ResetTime(
        records=sum(number for _, number in counts),
        requests=requests,
        seconds=round(took + _SWITCHES * settle_seconds, 1),
        measured=a_record is not None,
    )


def seconds_a_record(runs: Iterable[Document]) -> float | None:
    """Return what a record took where there is one writer; None where too few were written.

    Only applies count, and of these only steps in which nothing was merely looked at.
    """
    seconds, records = 0.0, 0
    for run in runs:
        for step in _ONE_WRITER if run["kind"] == "apply" else ():
            points = (run.get("pace") or {}).get(step) or []
            words = run["counts"].get(step.capitalize()) or {}
            written = words.get("created", 0) + words.get("updated", 0)
            if len(points) > 1 and written and written >= points[-1][1] * 0.9:
                seconds += points[-1][0] - points[0][0]
                records += written
    return seconds / records if records >= _ENOUGH and seconds > 0 else None
