"""Records in Zammad that a plan relies on: how they are now, and which were changed since.

A change relies on the record that it updates or adopts; one that creates relies on there being
none of its login, email or name.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Any

from runner.engine import knowledge_beside
from runner.engine.change import Action, Change
from runner.errors import Refused
from runner.zammad import tickets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.engine.saved_plan import Planned, SavedPlan
    from runner.engine.world import World
    from runner.zammad.client import Zammad

GONE = "gone"
"""What stands for the time of the last change of a record that is not there."""
_CLOSED = "in a group that is closed to us"
_AT_ONCE = 100


def watch(world: World) -> None:
    """Let the lists of Zammad, before they are read, keep when each record was last changed."""
    for directory in world.directories.values():
        directory.watch(("updated_at",))


def relied_on(world: World, zammad: Zammad, change: Change) -> str | None:
    """Return when the record that a change relies on was last changed; None: it relies on none.

    Costs a request for a ticket; all others stand in lists that were read before.
    """
    if change.target_id is None:
        return None
    table = world.ledger.table(change.entity)
    adopts = change.adopted and change.source_id not in table
    if not (adopts or change.action is Action.UPDATE or change.resume):
        return None
    return last_changed(world, zammad, change.entity, change.target_id)


def last_changed(world: World, zammad: Zammad, entity: str, target_id: int) -> str:
    """Return the ``updated_at`` of a record as Zammad has it now, ``gone`` where it has none."""
    if entity == "tickets":
        return _ticket(zammad, target_id)
    row: dict[str, Any] | None
    if entity in knowledge_beside.SOURCES:
        held = knowledge_beside.look(world).held
        rows = held.answers if entity == knowledge_beside.ANSWERS else held.categories
        row = rows.get(target_id)
    else:
        row = world.directories[entity].by_id(target_id)
    return GONE if row is None else str(row.get("updated_at"))


def _ticket(zammad: Zammad, ticket_id: int) -> str:
    try:
        return str(tickets.read(zammad, ticket_id).get("updated_at"))
    except Refused as refusal:
        if refusal.status == 404:
            return GONE
        if refusal.status == 403:
            return _CLOSED
        raise


def moved(saved: SavedPlan, world: World, zammad: Zammad, *, workers: int) -> Iterator[str]:
    """Yield what happened to records that a plan relies on since it was saved: a line each."""
    with ThreadPoolExecutor(workers, thread_name_prefix="touched") as pool:
        relying = _relying(saved)
        while some := list(islice(relying, _AT_ONCE)):
            found = pool.map(lambda one: _moved(world, zammad, one), some)
            yield from (line for line in found if line is not None)


def _relying(saved: SavedPlan) -> Iterator[Planned]:
    for one in saved.changes():
        if one.updated_at is not None or one.keys:
            yield one


def _moved(world: World, zammad: Zammad, one: Planned) -> str | None:
    called = f"{one.name} “{one.label}”" if one.label else one.name
    if one.updated_at is not None and one.target_id is not None:
        now = last_changed(world, zammad, one.entity, one.target_id)
        if now == one.updated_at:
            return None
        if now == GONE:
            return f"Zammad: {called} (id {one.target_id}) is gone"
        return f"Zammad: {called} (id {one.target_id}) was of {one.updated_at}, now it is of {now}"
    there = (
        world.directories[one.entity].find(one.keys) if one.entity in world.directories else None
    )
    if there is None or one.action != Action.CREATE or one.updated_at is not None:
        return None
    return f"Zammad: {called} was not there and is now (id {there.get('id')})"
