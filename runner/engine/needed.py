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


class Needed:
    """Yields the changes of what a change refers to and Zammad does not have, each once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen: set[tuple[str, str]] = set()

    def with_people(self, changes: Iterable[Change]) -> Iterator[Change]:
        """Yield every change after those that it needs; first the successors of leavers."""
        for change in successors.missing(self._world):
            yield from self._once(change)
        for change in changes:
            yield from self.before(change)
            yield change

    def before(self, change: Change) -> Iterator[Change]:
        """Yield what has to be in Zammad before a change is written."""
        if change.action not in {Action.CREATE, Action.UPDATE}:
            return
        found = [*change.references(), *references_in(change.deferred)]
        for entity in ON_DEMAND:
            for reference in found:
                if reference.entity == entity:
                    yield from self._of(reference)

    def _of(self, reference: Reference) -> Iterator[Change]:
        entity, source_id = reference.entity, reference.source_id
        if source_id is None or reference.placeholder or not self._is_due(entity, source_id):
            return
        record = self._world.snapshot.record(SOURCES[entity], source_id)
        if record is not None:
            yield from self._once(records.of_record(self._world, entity, record))

    def _once(self, change: Change) -> Iterator[Change]:
        if not self._is_due(change.entity, change.source_id):
            return
        self._seen.add((change.entity, change.source_id))
        yield from self.before(change)
        yield from placeholders.above(self._world, change)
        yield change

    def _is_due(self, entity: str, source_id: str) -> bool:
        if (entity, source_id) in self._seen:
            return False
        known = self._world.ledger.table(entity).get(source_id)
        failed = known is not None and any(note[0] == "failed" for note in known["notes"])
        return known is None or known["status"] != "done" or failed
