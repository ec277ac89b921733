"""Every change of a run, in its order: plan and apply walk the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine import knowledge, knowledge_beside, placeholders, records, successors, tickets
from runner.engine.change import Action, Change
from runner.engine.world import SOURCES
from runner.errors import OF_DATA, UsageError, unexpected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from runner.engine.world import World
    from runner.errors import MigrateError


def resource_of(entity: str) -> str:
    """Return which of Kayako's resources becomes an entity."""
    return {**SOURCES, **knowledge_beside.SOURCES}.get(entity, "cases")


def of_listed(world: World, entity: str, record: Mapping[str, Any]) -> Change:
    """Return the change of one record of a step other than tickets."""
    if entity in knowledge_beside.SOURCES:
        return knowledge.of_record(world, entity, record)
    return records.of_record(world, entity, dict(record))


def listed(world: World, entity: str) -> Iterator[Change]:
    """Yield the changes of a step other than tickets, in the order of their source ids."""
    if entity in knowledge_beside.SOURCES:
        yield from knowledge.changes(world, entity)
        return
    for record in world.snapshot.records(SOURCES[entity]):
        try:
            change = records.of_record(world, entity, record)
        except OF_DATA as error:
            change = Change(entity, str(record["id"]), Action.FAIL, str(unexpected(error)))
        yield from placeholders.above(world, change)
        yield change


def named(world: World, wanted: Iterable[tuple[str, str]]) -> Iterator[Change]:
    """Yield the changes of single records (entity and source id), and of what they need first.

    Raises:
        UsageError: The snapshot has no such record.
    """
    for entity, source_id in wanted:
        resource = resource_of(entity)
        record = world.snapshot.record(resource, source_id)
        if record is None:
            raise UsageError(
                f"the snapshot has no {source_id} among its {resource}",
                advice="is the number Kayako's? migrate pull reads what is new",
            )
        if entity == "tickets":
            successors.expect(world)
            yield from tickets.changes(world, [record["id"]])
        else:
            change = of_listed(world, entity, record)
            yield from placeholders.above(world, change)
            yield change


def everything(
    world: World,
    entities: Iterable[str],
    case_ids: Callable[[], Iterable[int]],
    *,
    step: Callable[[World, str], Iterator[Change]] = listed,
    around: Callable[[Iterator[Change]], Iterator[Change]] = iter,
    begun: Callable[[str], None] = lambda _: None,
    bodies: Callable[[int], MigrateError | None] | None = None,
) -> Iterator[Change]:
    """Yield every change of the wanted entities.

    Args:
        world: what is known of both sides.
        entities: which ones, in their order.
        case_ids: returns the conversations whose tickets are wanted.
        step: yields the changes of an entity other than tickets.
        around: takes the changes of tickets, and may put others before them.
        begun: told each entity before its first change.
        bodies: as for ``tickets.changes``.
    """
    for entity in entities:
        begun(entity)
        if entity == "tickets":
            yield from around(tickets.changes(world, case_ids(), bodies=bodies))
        else:
            yield from step(world, entity)
