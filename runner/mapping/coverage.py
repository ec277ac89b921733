"""Which of Kayako's fields are used, which stay behind, and which nobody decided on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.mapping.fields import record_schema
from runner.mapping.templates import paths_in_expression, paths_in_template

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from runner.mapping.model import EntityMapping, Rule

TECHNICAL = frozenset({"id", "resource_type", "resource_url"})
"""What every record of Kayako's API carries beside its data: its number, its kind, its address."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one field of Kayako's.

    ``becomes`` are the Zammad fields that it flows into, ``steers`` says that it decides which
    records move or which rules hold, ``ignored`` is the reason why it stays behind.
    """

    field: str
    becomes: tuple[str, ...] = ()
    steers: bool = False
    ignored: str | None = None

    @property
    def undecided(self) -> bool:
        """Say whether nothing was said about the field."""
        return not self.becomes and not self.steers and self.ignored is None


def decisions(mapping: EntityMapping, inside: Iterable[EntityMapping] = ()) -> dict[str, Decision]:
    """Return what becomes of each top-level field of an entity's records, by field.

    Args:
        mapping: The entity's mapping.
        inside: Mappings of what lies inside: they may use this record as their ``parent``.
    """
    schema = record_schema(mapping.kayako) or {}
    becomes: dict[str, list[str]] = defaultdict(list)
    steering = set(_steering(mapping))
    for place, rule in mapping.placed_rules():
        for path in read_paths(rule):
            becomes[_top(path)].append(place[-1])
        steering.update(_top(path) for path in _conditions(rule.only_if))
    for other in inside:
        for place, rule in other.placed_rules():
            for path in read_paths(rule):
                if path.startswith("parent."):
                    inner = f"{other.entity} {place[-1]}"
                    becomes[_top(path.removeprefix("parent."))].append(inner)
    return {
        field: Decision(
            field,
            tuple(dict.fromkeys(becomes.get(field, ()))),
            steers=field in steering,
            ignored=mapping.ignore.get(field),
        )
        for field in schema.get("properties", {})
        if field not in TECHNICAL or becomes.get(field)
    }


def undecided(mapping: EntityMapping, inside: Iterable[EntityMapping] = ()) -> list[str]:
    """Return the fields that are neither mapped nor ignored with a reason, sorted."""
    return sorted(
        field for field, decision in decisions(mapping, inside).items() if decision.undecided
    )


def read_paths(rule: Rule) -> Iterator[str]:
    """Yield the paths that a rule's value is made of."""
    yield from rule.paths
    if rule.source == "template":
        yield from sorted(paths_in_template(str(rule.given)))


def _steering(mapping: EntityMapping) -> Iterator[str]:
    yield from (_top(path) for path in mapping.variants_by)
    for conditions in (mapping.skip, mapping.only_if):
        yield from (_top(path) for path in _conditions(conditions))


def _conditions(conditions: Mapping[str, object]) -> Iterator[str]:
    for path, value in conditions.items():
        if path == "when":
            yield from sorted(paths_in_expression(str(value)))
        elif path != "because" and not path.startswith("zammad."):
            yield path


def _top(path: str) -> str:
    return path.split(".", maxsplit=1)[0]
