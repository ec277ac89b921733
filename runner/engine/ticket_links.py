"""Links: a merged conversation hangs under its survivor, once both tickets are there.

What should be linked stands in the ledger (``parent`` of what was written), what is linked in the
table ``links``, by conversation. A link moves ``updated_at`` of both tickets (reference §0.8), so
both get theirs back; it counts as done after that. Links go with their tickets: reset has nothing
to remove, and a link between tickets that were made anew is not taken for done.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from runner.engine.apply import raise_if_stopped
from runner.engine.change import Action, Change, reference_of
from runner.engine.merged import FIELD
from runner.errors import OutcomeUnknown, RecordError, Refused
from runner.zammad import links

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.engine.apply import Run
    from runner.engine.world import World
    from runner.ledger import Ledger
    from runner.ledger.operations import Document
    from runner.zammad.client import Zammad

TABLE = "links"
_BLOCK = 100
_ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class Link:
    """One link to be made or taken away: ledger documents of both tickets, and of the link."""

    child: Document
    parent: Document | None
    known: Document | None

    @property
    def ends(self) -> dict[str, int]:
        """The ids of both tickets; without a parent there should be no link."""
        ends = {"child": int(self.child["target_id"])}
        return ends | ({"parent": int(self.parent["target_id"])} if self.parent else {})

    @property
    def former(self) -> int | None:
        """The id of the parent that it had, or may still have, and should not."""
        known = self.known or {}
        kept = "before" if known.get("status") == "intended" else "applied"
        parent = (known.get(kept) or {}).get("parent")
        return None if parent is None or parent == self.ends.get("parent") else int(parent)

    @property
    def is_done(self) -> bool:
        """Say whether it is as it should be."""
        if self.known is None:
            return self.parent is None
        return self.known["status"] == "done" and self.known.get("applied") == self.ends


def pending(ledger: Ledger) -> Iterator[Link]:
    """Yield the links that are not as they should be, in the order of the tickets.

    A conversation whose parent failed waits for it: it is not among them.
    """
    tickets, made = ledger.table("tickets"), ledger.table(TABLE)
    for child in tickets:
        wanted = (child.get("applied") or {}).get(FIELD)
        known = made.get(child["source_id"])
        if child["status"] != "done" or (wanted is None and known is None):
            continue
        parent = None if wanted is None else tickets.get(str(reference_of(wanted["ref"]).source_id))
        if wanted is not None and (parent is None or parent["status"] != "done"):
            continue
        link = Link(child, parent, known)
        if not link.is_done:
            yield link


def planned(ledger: Ledger, change: Change) -> Action | None:
    """Return what becomes of a ticket's link, None where it has and had none."""
    known = ledger.table(TABLE).get(change.source_id)
    parent = change.payload.get(FIELD)
    if change.action in {Action.SKIP, Action.FAIL} or (parent is None and known is None):
        return None
    if parent is None:
        return Action.UPDATE
    ids = {
        "child": (ledger.table("tickets").get(change.source_id) or {}).get("target_id"),
        "parent": (ledger.table("tickets").get(parent.source_id) or {}).get("target_id"),
    }
    if known is None:
        return Action.CREATE
    done = known["status"] == "done" and known["applied"] == ids
    return Action.UNCHANGED if done else Action.UPDATE


def write(run: Run) -> None:
    """Make every link that is missing, with several workers; can be interrupted and run again."""
    waiting = [
        one for one in pending(run.world.ledger) if run.allows(TABLE, one.child["source_id"])
    ]
    if not waiting:
        return
    run.target.open()
    run.counts.expect(TABLE, len(waiting))
    run.watcher.begin(TABLE, len(waiting))
    with ThreadPoolExecutor(run.workers, thread_name_prefix="linker") as pool:
        for start in range(0, len(waiting), _BLOCK):
            raise_if_stopped(run)
            block = waiting[start : start + _BLOCK]
            table = run.world.ledger.table(TABLE)
            table.put_durably(_document(link, "intended") for link in block)
            list(pool.map(lambda link: _settle(run, link), block))
    run.world.ledger.flush()


def _settle(run: Run, link: Link) -> None:
    """Make one link and write down how it went."""
    source_id = link.child["source_id"]
    change = Change(TABLE, source_id, Action.CREATE if link.parent else Action.UPDATE)
    table = run.world.ledger.table(TABLE)
    try:
        _carry_out(run.world, run.target.zammad, link)
    except RecordError as error:
        table.put({**_document(link, "intended"), "notes": [["failed", FIELD, str(error)]]})
        run.settle(change, error)
        return
    if link.parent is None:
        table.remove(source_id)
    else:
        table.put(_document(link, "done"))
    run.settle(change)


def _carry_out(world: World, zammad: Zammad, link: Link) -> None:
    moved = [link.child] if link.parent is None else [link.child, link.parent]
    if link.former is not None:
        tickets = world.ledger.table("tickets")
        moved += [tickets.get(source_id) or {} for source_id in tickets.by_target(link.former)]
        links.remove_parent(zammad, parent_id=link.former, child_id=link.ends["child"])
    if link.parent is not None and not _is_there(zammad, link):
        _add(zammad, link, str(link.parent["applied"]["number"]))
    for document in moved if not world.dates_by_console else ():
        moment = (document.get("applied") or {}).get("updated_at")
        if moment is not None:
            zammad.update(f"/tickets/{document['target_id']}", {"updated_at": moment})


def _is_there(zammad: Zammad, link: Link) -> bool:
    """Say whether an earlier run that was cut off made the link; a new one is not looked for."""
    if link.known is None:
        return False
    return link.ends["parent"] in links.parents(zammad, link.ends["child"])


def _add(zammad: Zammad, link: Link, number: str) -> None:
    """Add a link; where the outcome is not known, or Zammad says no, see whether it is there."""
    ends = link.ends
    for attempt in range(_ATTEMPTS):
        try:
            links.add_parent(zammad, parent_number=number, child_id=ends["child"])
        except (OutcomeUnknown, Refused) as problem:
            if ends["parent"] in links.parents(zammad, ends["child"]):
                return
            if isinstance(problem, Refused) or attempt == _ATTEMPTS - 1:
                raise
        else:
            return


def _document(link: Link, status: str) -> dict[str, Any]:
    return {
        "source_id": link.child["source_id"],
        "target_id": None,
        "status": status,
        "action": str(Action.CREATE if link.parent else Action.UPDATE),
        "applied": link.ends,
        "before": {} if link.former is None else {"parent": link.former},
        "notes": [],
        "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
