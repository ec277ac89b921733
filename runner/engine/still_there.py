"""Doctor's look at Zammad: are records of the ledger there, and are they ours? Reads only."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from runner.ailment import Ailment, Grade, listed
from runner.engine import restored, target
from runner.engine.restored import There
from runner.errors import Stale

if TYPE_CHECKING:
    from typing import Any

    from runner.ledger import Ledger
    from runner.zammad.client import Zammad

SAMPLE = 20
"""How many records of each kind are asked for: a request each."""


def examine(ledger: Ledger, zammad: Zammad) -> tuple[list[Ailment], int]:
    """Return what is not there or not ours, and how many records were asked for.

    Raises:
        Unreachable: Zammad does not answer.
    """
    try:
        target.recognise(ledger, zammad)
    except Stale as stale:
        return [_another(zammad, stale)], 0
    found = []
    asked = 0
    for entity in restored.PATHS:
        documents = sample(ledger, entity)
        asked += len(documents)
        found += _of(entity, zammad, documents)
    return found, asked


def sample(ledger: Ledger, entity: str) -> list[dict[str, Any]]:
    """Return records of ours by ascending id, evenly spread, the newest among them."""
    ours = sorted(restored.ours(ledger.documents(entity)), key=lambda one: one["target_id"])
    step = max(1, -(-len(ours) // SAMPLE))
    return ours[::-step][::-1]


def _of(entity: str, zammad: Zammad, documents: list[dict[str, Any]]) -> list[Ailment]:
    there: dict[There, list[str]] = defaultdict(list)
    last = There.OURS
    for document in documents:
        last = restored.ask(zammad, entity, document)
        there[last].append(f"{entity}/{document['source_id']} ({document['target_id']})")
    found = []
    if there[There.ANOTHER]:
        what = f"under {len(there[There.ANOTHER]):,} of {len(documents):,} ids are others' records"
        found.append(_restored(zammad, f"{what}: {listed(there[There.ANOTHER])}"))
    if there[There.GONE]:
        what = f"{len(there[There.GONE]):,} of {len(documents):,} {entity} are not there"
        what = f"{what}: {listed(there[There.GONE])}"
        found.append(_restored(zammad, what) if last is There.GONE else _deleted(zammad, what))
    return found


def _another(zammad: Zammad, stale: Stale) -> Ailment:
    return Ailment(
        kind="another Zammad",
        where=zammad.url,
        what=str(stale),
        harm="what the ledger says is not true of it: every run that writes is refused",
        advice=stale.advice,
        grade=Grade.STALE,
    )


def _restored(zammad: Zammad, what: str) -> Ailment:
    return Ailment(
        kind="Zammad restored",
        where=zammad.url,
        what=f"{what}; the newest are among them",
        harm="a backup was put back: what came after it is lost there, and its ids go to others",
        advice="put back the ledger of the same time, or run migrate reset --state-only: migrate"
        " apply then finds what is left of ours, and writes what is lost",
        grade=Grade.STALE,
    )


def _deleted(zammad: Zammad, what: str) -> Ailment:
    return Ailment(
        kind="records deleted",
        where=zammad.url,
        what=what,
        harm="somebody deleted them in Zammad; no run writes them again",
        advice="migrate verify lists all that are missing",
    )
