"""Compare one ticket with what it should be: fields, references, tags, articles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine import verify_time, watchers
from runner.engine.change import Change, plain, reference_of
from runner.engine.merged import FIELD
from runner.engine.verified import Deviation, Kind, Verified
from runner.engine.verify_article import Articles
from runner.errors import RecordError
from runner.mapping.limits import targets
from runner.mapping.model import Reference
from runner.zammad import articles, kept, links, tickets

if TYPE_CHECKING:
    from runner.engine.world import World
    from runner.zammad.client import Zammad

_STAY_EMPTY = ("type", "note", "pending_time", "close_at", "tags")
"""What Zammad leaves empty in import mode where nothing is sent; other fields get its defaults."""


def compare(
    world: World, zammad: Zammad, result: Verified, change: Change, known: dict[str, Any]
) -> None:
    """Compare a ticket that is in the ledger.

    Args:
        world: what is known of both sides.
        zammad: the target; three requests a ticket, one a file, one for each of time and watchers.
        result: takes the differences.
        change: the ticket with all its articles, as transform makes it now.
        known: its document in the ledger.

    Raises:
        Refused: it cannot be read; with status 404 it is gone.
    """
    ticket_id = int(known["target_id"])
    row = tickets.read(zammad, ticket_id)
    there = {**row, "tags": tickets.tags(zammad, ticket_id)}
    if watchers.FIELD in change.payload:
        there[watchers.FIELD] = watchers.of_ticket(zammad, ticket_id)
    if FIELD in change.payload:
        there |= _parent(world, zammad, change, ticket_id)
    rows = articles.of_ticket(zammad, ticket_id)
    result.look("tickets")
    found = _fields(world, change, known, there)
    if _waits_for_the_console(world, row):
        result.tell("tickets whose last change the console script has yet to date")
        found = [difference for difference in found if difference.field != "updated_at"]
    own = 0
    if change.bodies_unread and not change.children:
        result.tell("conversations whose messages are not in the snapshot")
    else:
        own = Articles(world, zammad, result, change, known).compare(rows)
    result.tell("articles that were written in Zammad", own)
    timed = verify_time.compare(world, zammad, result, change, known, row=row)
    if own or timed or len(found) > 1:
        # Whoever answers or changes a ticket moves it: that is no difference of its own.
        found = [difference for difference in found if difference.field != "updated_at"]
    for difference in found:
        result.add(difference)


def _parent(world: World, zammad: Zammad, change: Change, ticket_id: int) -> dict[str, Any]:
    """Return the parent that a ticket hangs under; among several the right one, if it is there."""
    there = links.parents(zammad, ticket_id)
    wanted = world.target_id(change.payload[FIELD])
    found = wanted if wanted in there else next(iter(there), None)
    return {f"{FIELD}_id": found}


def _waits_for_the_console(world: World, row: dict[str, Any]) -> bool:
    """Say whether the console script has not been here: it replaces the migration user."""
    writer = world.ledger.target.get("me", {}).get("id")
    return world.dates_by_console and row.get("updated_by_id") == writer


def _fields(
    world: World, change: Change, known: dict[str, Any], row: dict[str, Any]
) -> list[Deviation]:
    """Return the fields of the payload that differ, and those that should be empty."""
    applied: dict[str, Any] = known.get("applied", {})
    mapped = world.mappings.entities["tickets"].fields
    empty = [name for name in _STAY_EMPTY if name in mapped or name in applied]
    wanted: dict[str, Any] = dict.fromkeys(empty) | change.payload
    kinds = targets("ticket")
    found = []
    for name, value in wanted.items():
        kind = kinds[name].type if name in kinds else ""
        if isinstance(value, Reference):
            pair = linked(world, name, value, row)
        elif name == watchers.FIELD:
            pair = _watched(world, value, row[name])
        else:
            pair = None if kept.same(kind, value, row.get(name)) else (value, row.get(name))
        if pair is not None:
            how = why(world, name, value, known, row)
            found.append(
                Deviation(change.entity, change.source_id, known["target_id"], name, *pair, how)
            )
    return found


def _watched(
    world: World, people: list[Reference], there: set[int]
) -> tuple[list[str], list[int]] | None:
    """Compare who watches; None when all do: agents may watch of their own accord."""
    missing = [str(who) for who in people if world.target_id(who) not in there]
    return (missing, sorted(there)) if missing else None


def linked(
    world: World, name: str, value: Reference, row: dict[str, Any]
) -> tuple[Any, Any] | None:
    """Compare a reference by id; None when it is right, or left out with what it refers to."""
    there = {"id": row.get(f"{name}_id"), "name": row.get(name)}
    try:
        body = world.resolved({name: value})
    except RecordError:
        return plain(value), there
    if not body or body[f"{name}_id"] == there["id"]:
        return None
    return {**plain(value), "id": body[f"{name}_id"]}, there


def why(world: World, name: str, value: Any, known: dict[str, Any], row: dict[str, Any]) -> Kind:
    """Say how a difference came about, by what the ledger says was written."""
    if "applied" not in known:
        return Kind.DIFFERS
    if name == watchers.FIELD:
        return Kind.OUTDATED if watchers.added(known["applied"], {name: value}) else Kind.CHANGED
    before = known["applied"].get(name)
    if before == plain(value):
        return Kind.CHANGED
    if isinstance(before, dict) and "ref" in before:
        is_before = world.target_id(reference_of(before["ref"])) == row.get(f"{name}_id")
    else:
        is_before = kept.same("", before, row.get(name))
    return Kind.OUTDATED if is_before else Kind.CHANGED
