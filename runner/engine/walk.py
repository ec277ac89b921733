"""Every change of a run, in its order: plan and apply walk the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.engine import knowledge, knowledge_beside, placeholders, records, tickets
from runner.engine.world import SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from runner.engine.change import Change
    from runner.engine.world import World


def listed(world: World, entity: str) -> Iterator[Change]:
    """Yield the changes of a step other than tickets, in the order of their source ids."""
    if entity in knowledge_beside.SOURCES:
        yield from knowledge.changes(world, entity)
        return
    for record in world.snapshot.records(SOURCES[entity]):
        change = records.of_record(world, entity, record)
        yield from placeholders.above(world, change)
        yield change


def everything(
    world: World, entities: Iterable[str], case_ids: Callable[[], Iterable[int]]
) -> Iterator[Change]:
    """Yield every change of the wanted entities."""
    for entity in entities:
        if entity == "tickets":
            yield from tickets.changes(world, case_ids())
        else:
            yield from listed(world, entity)
