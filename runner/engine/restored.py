"""Is a Zammad still what we left it? A backup that was put back loses records of ours.

Their ids are then given to whatever is made next, so an id alone proves nothing any more: a ticket
is known by its number, everything else by the moment or the name that was written.
"""

from __future__ import annotations

from enum import StrEnum
from heapq import nlargest
from typing import TYPE_CHECKING, Any

from runner.errors import Refused, Stale

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runner.ledger import Ledger
    from runner.zammad.client import Zammad

SAMPLED = 3
PATHS = {"tickets": "/tickets", "users": "/users", "organizations": "/organizations"}
_NAMES = ("login", "email", "name")
_MOMENT = len("2021-08-27T10:49:56")


class There(StrEnum):
    """What is in Zammad under an id of the ledger's."""

    OURS = "ours"
    GONE = "gone"
    ANOTHER = "another"


def ask(zammad: Zammad, entity: str, document: Mapping[str, Any]) -> There:
    """Ask for one record of the ledger; one that we may not see counts as ours."""
    try:
        row = zammad.get(f"{PATHS[entity]}/{document['target_id']}")
    except Refused as refusal:
        # 403 is a ticket in a group that we have no access to (yet): it is there.
        return There.GONE if refusal.status == 404 else There.OURS
    return There.OURS if is_ours(document, row) else There.ANOTHER


def is_ours(document: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Say whether ``row`` can be the record that ``document`` tells of.

    A number never changes; of the others people may change any name, so one proof is enough.
    """
    applied = document.get("applied") or {}
    if "number" in applied:
        return str(row.get("number")) == str(applied["number"])
    proofs = [
        str(applied[name]).casefold() == str(row.get(name)).casefold()
        for name in _NAMES
        if applied.get(name)
    ]
    if applied.get("created_at"):
        there = str(row.get("created_at"))
        proofs.append(there[:_MOMENT] == str(applied["created_at"])[:_MOMENT])
    return not proofs or any(proofs)


def refuse(ledger: Ledger, zammad: Zammad, *, gone_too: bool) -> None:
    """Refuse a Zammad that holds others' records, or none, where the ledger has our newest.

    Args:
        ledger: of that Zammad.
        zammad: is asked for at most six records.
        gone_too: refuse one that has none of them as well; a reset that was cut off leaves such.

    Raises:
        Stale: it was restored from a backup, or somebody deleted what we wrote.
    """
    for entity in ("tickets", "users"):
        found = [ask(zammad, entity, document) for document in newest(ledger, entity)]
        if There.ANOTHER in found:
            raise _stale(f"under ids of our newest {entity} {zammad.url} has others' now")
        if gone_too and found and There.OURS not in found:
            raise _stale(f"the newest {entity} of the ledger are not in {zammad.url}")


def is_thinned(ledger: Ledger, zammad: Zammad) -> bool:
    """Say whether any of the newest records is gone, so that lower ids may be others' by now."""
    return any(
        ask(zammad, entity, document) is not There.OURS
        for entity in PATHS
        for document in newest(ledger, entity)
    )


def newest(ledger: Ledger, entity: str) -> list[dict[str, Any]]:
    """Return the records of ours with the highest ids: a backup that is put back loses these."""
    return nlargest(SAMPLED, ours(ledger.documents(entity)), key=lambda one: one["target_id"])


def ours(documents: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Yield the documents of records that this program made and finished."""
    return (
        document
        for document in documents
        if document.get("status") == "done"
        and not document.get("adopted")
        and document.get("target_id") is not None
    )


def _stale(what: str) -> Stale:
    return Stale(
        f"{what}: it was restored from a backup, or they were deleted there",
        advice=(
            "migrate doctor --target says how many. Put back the ledger of that time"
            " (workdir/ledgers), or forget all that was done with migrate reset --state-only:"
            " migrate apply then finds what is left of ours by numbers, addresses and message ids"
        ),
    )
