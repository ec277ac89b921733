"""Erase one person: from Zammad what was moved of them, from the snapshot what was copied.

Only people who are gone from Kayako already: others would come back with the next pull. Done
again after an interruption it goes on where it stopped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from runner.engine import avatars, failures
from runner.engine.conversations import ERASED_REASON
from runner.errors import PreflightError, Refused, UsageError
from runner.mapping.running import shown
from runner.snapshot import erasing
from runner.snapshot.store import ERASED
from runner.zammad import privacy

if TYPE_CHECKING:
    from runner.ledger import Ledger
    from runner.snapshot import Snapshot
    from runner.zammad.client import Zammad


@dataclass(slots=True)
class Person:
    """Somebody who can be erased.

    Args:
        id: their id in Kayako.
        name: as the snapshot still has it; empty once it is erased there.
        reason: why they are offered.
        target_id: their id in Zammad, None when they are not there (any more).
        adopted: they were in Zammad before us.
    """

    id: int
    name: str
    reason: str
    target_id: int | None = None
    adopted: bool = False


@dataclass(slots=True)
class Erasure:
    """What was done: ``tickets`` are left to Zammad's task, ``remain`` are another customer's."""

    asked_zammad: bool = False
    tickets: int = 0
    remain: list[int] = field(default_factory=list)
    conversations: int = 0
    files: int = 0


def people(ledger: Ledger, snapshot: Snapshot) -> list[Person]:
    """Return everybody who may have been erased in Kayako since they were pulled."""
    return [_person(ledger, who.id, who.name, who.reason) for who in erasing.vanished(snapshot)]


def person(ledger: Ledger, snapshot: Snapshot, user_id: int) -> Person:
    """Return somebody by their id in Kayako.

    Raises:
        UsageError: nobody is known by that id, or they are still in Kayako.
    """
    for who in erasing.vanished(snapshot):
        if who.id == user_id:
            return _person(ledger, who.id, who.name, who.reason)
    record = snapshot.record("users", user_id)
    if record is None and str(user_id) not in ledger.table("users"):
        raise UsageError(
            f"nobody is known by the id {user_id}", advice="migrate erase lists who can be erased"
        )
    if record is not None and record.get("state") != ERASED:
        raise UsageError(
            f"user {user_id} is still in Kayako, or was merged into another one: what is erased"
            " here would come back",
            advice="erase them in Kayako first, then run migrate pull, then this again",
        )
    return _person(ledger, user_id, "", "erased from the snapshot before")


def _person(ledger: Ledger, user_id: int, name: str, reason: str) -> Person:
    known = ledger.table("users").get(str(user_id)) or {}
    return Person(user_id, name, reason, known.get("target_id"), bool(known.get("adopted")))


def erase(ledger: Ledger, snapshot: Snapshot, zammad: Zammad, who: Person) -> Erasure:
    """Ask Zammad to erase a person, then take them out of the snapshot and of the ledger.

    Raises:
        PreflightError: they were in Zammad before us, which is not ours to undo.
        Refused: Zammad does not erase them.
    """
    erasure = Erasure()
    if who.target_id is not None:
        if who.adopted and privacy.is_there(zammad, f"/users/{who.target_id}"):
            raise PreflightError(
                f"user {who.id} was in Zammad before the move, as user {who.target_id}",
                advice="erase them there (Manage, Data Privacy), then run this again",
            )
        theirs, erasure.remain = _tickets(ledger, snapshot, zammad, who)
        erasure.asked_zammad = privacy.ask_to_erase(zammad, who.target_id)
    else:
        theirs = []
    gone = erasing.erase(snapshot, who.id)
    erasure.conversations, erasure.files = len(gone.cases), gone.files
    for case_id in theirs:
        ledger.table("tickets").put(_forgotten(case_id))
    _forget_failures(ledger, gone.cases)
    _forget_name(ledger, who)
    if str(who.id) in ledger.table("users"):
        ledger.table("users").put(_forgotten(str(who.id)))
        ledger.table(avatars.TABLE).remove(str(who.id))
    ledger.flush()
    erasure.tickets = len(theirs)
    return erasure


def _tickets(
    ledger: Ledger, snapshot: Snapshot, zammad: Zammad, who: Person
) -> tuple[list[str], list[int]]:
    """Return conversations whose tickets go with the person, and tickets of theirs that stay.

    An earlier attempt may have come as far as the snapshot: what was erased there counts, too.
    """
    asked_by = set(erasing.asked_by(snapshot, who.id))
    found, remain = [], []
    for case_id in sorted(asked_by | set(erasing.erased_cases(snapshot))):
        known = ledger.table("tickets").get(str(case_id)) or {}
        if known.get("target_id") is None:
            continue
        if _customer(zammad, known["target_id"]) in {None, who.target_id}:
            found.append(str(case_id))
        elif case_id in asked_by:
            remain.append(known["target_id"])
    return found, remain


def _customer(zammad: Zammad, ticket_id: int) -> int | None:
    """Return the customer of a ticket; None when the ticket is not there."""
    try:
        row: dict[str, Any] = zammad.get(f"/tickets/{ticket_id}")
    except Refused as refusal:
        if refusal.status != 404:
            raise
        return None
    return int(row["customer_id"])


def _forget_failures(ledger: Ledger, cases: list[int]) -> None:
    """Forget requests of conversations that never arrived: words of them are kept there."""
    table = ledger.table("tickets")
    for case_id in cases:
        known = table.get(str(case_id))
        if known is not None and failures.KEY in known:
            table.put(_forgotten(str(case_id)))


def _forget_name(ledger: Ledger, who: Person) -> None:
    """Take a name out of the notes of other people's conversations."""
    if not who.name:
        return
    named = f" {who.id} ({shown(who.name)})"
    table = ledger.table("tickets")
    for source_id in [document["source_id"] for document in table]:
        document = table.get(source_id) or {}
        notes = document.get("notes") or []
        kept = [[kind, name, text.replace(named, f" {who.id}")] for kind, name, text in notes]
        if kept != notes:
            table.put({**document, "notes": kept})


def _forgotten(source_id: str) -> dict[str, Any]:
    """Return a result that holds nothing of the record that it was about."""
    return {
        "source_id": source_id,
        "target_id": None,
        "status": "skipped",
        "action": "skip",
        "notes": [["skipped", "", ERASED_REASON]],
        "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
