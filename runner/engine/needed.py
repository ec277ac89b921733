"""People, organizations and groups that single tickets need, where not all of them are moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.engine import placeholders, records, successors
from runner.engine.change import Action, Change, references_in
from runner.engine.world import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.engine.world import World
    from runner.mapping.model import Reference

ON_DEMAND = ("groups", "organizations", "users")
"""What tickets refer to, in the order in which these refer to each other."""


def with_people(world: World, changes: Iterable[Change]) -> Iterator[Change]:
    """Yield changes, each after what it needs and Zammad does not have; successors come first.

    Each record comes once in a run: ``world.brought`` has them.
    """
    for change in successors.missing(world):
        yield from _once(world, change)
    for change in changes:
        world.brought.add((change.entity, change.source_id))
        yield from _before(world, change)
        yield change


def _before(world: World, change: Change) -> Iterator[Change]:
    if change.action not in {Action.CREATE, Action.UPDATE}:
        return
    found = [*change.references(), *references_in(change.deferred)]
    for entity in ON_DEMAND:
        for reference in found:
            if reference.entity == entity:
                yield from _of(world, reference)


def _of(world: World, reference: Reference) -> Iterator[Change]:
    entity, source_id = reference.entity, reference.source_id
    if source_id is None or reference.placeholder or not _is_due(world, entity, source_id):
        return
    record = world.snapshot.record(SOURCES[entity], source_id)
    if record is not None:
        yield from _once(world, records.of_record(world, entity, record))


def _once(world: World, change: Change) -> Iterator[Change]:
    if not _is_due(world, change.entity, change.source_id):
        return
    world.brought.add((change.entity, change.source_id))
    yield from _before(world, change)
    yield from placeholders.above(world, change)
    yield change


def _is_due(world: World, entity: str, source_id: str) -> bool:
    if (entity, source_id) in world.brought:
        return False
    known = world.ledger.table(entity).get(source_id)
    failed = known is not None and any(note[0] == "failed" for note in known["notes"])
    return known is None or known["status"] != "done" or failed
