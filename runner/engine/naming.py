"""What the records that samples refer to are called in Zammad, for people who read a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine.world import SOURCES
from runner.mapping.transform import transform
from runner.snapshot.lookup import Cache

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.engine.world import World

_LABELS = {"groups": "name", "organizations": "name", "users": "login"}


class Names:
    """Names of records, found once each as long as they are used."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._known = Cache()

    def of(self, samples: Any) -> dict[str, str]:
        """Return the names of all records that samples refer to, by ``groups/2``.

        Groups and organizations go by their names, people by their logins, as the mappings make
        them. What is a name already, and what nobody knows, is left out.
        """
        found = {text: self._found(text) for text in _references(samples)}
        return {text: name for text, name in found.items() if name is not None}

    def _found(self, text: str) -> str | None:
        found: str | None = self._known.get(text, lambda: self._name(text))
        return found

    def _name(self, text: str) -> str | None:
        entity, _, source_id = text.partition("/")
        if entity not in _LABELS:
            return None
        record = self._world.snapshot.record(SOURCES[entity], source_id)
        if record is None:
            return None
        world = self._world
        outcome = transform(world.mappings, entity, record, go_live=world.go_live)
        name = outcome.payload.get(_LABELS[entity])
        return None if name is None else str(name)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, dict):
        if "ref" in value:
            yield str(value["ref"])
        for inner in value.values():
            yield from _references(inner)
