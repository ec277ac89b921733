"""Counting what is said of many records, with a few of them as examples, in little memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.report.figures import reading
from runner.report.figures.model import Group, Record

if TYPE_CHECKING:
    from collections.abc import Mapping

_EXAMPLES = 3
_MOST_TEXTS = 200
_SAME_TEXT = frozenset({"skipped", "dropped"})
"""Kinds whose text tells one group from another; the others' holds numbers of single records."""


@dataclass(slots=True)
class _Counted:
    text: str
    number: int = 0
    examples: list[Record] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """Groups of notes by entity, kind, field and, where it is the same for many, text."""

    labels: reading.Labels
    _groups: dict[tuple[str, str, str, str], _Counted] = field(default_factory=dict)

    def add(self, entity: str, document: Mapping[str, Any]) -> None:
        """Take in the notes of one document, failures excepted."""
        for kind, name, text in document.get("notes") or ():
            if kind == "failed":
                continue
            key = (entity, kind, name, text if kind in _SAME_TEXT else "")
            if key not in self._groups and len(self._groups) >= _MOST_TEXTS:
                key = (entity, kind, name, "")
            counted = self._groups.setdefault(key, _Counted(text))
            counted.number += 1
            self._example(counted.examples, entity, document, text)

    def _example(
        self, examples: list[Record], entity: str, document: Mapping[str, Any], text: str
    ) -> None:
        source_id = document["source_id"]
        if len(examples) < _EXAMPLES and not any(one.source_id == source_id for one in examples):
            name = self.labels.of(entity, document)
            examples.append(Record(entity, source_id, document.get("target_id"), name, text))

    def groups(self, *, skipped: bool) -> tuple[Group, ...]:
        """Return the groups of what was left out, or of all else.

        What was dropped comes first, then the largest.
        """
        found = (
            Group(entity, kind, name, counted.text, counted.number, tuple(counted.examples))
            for (entity, kind, name, _), counted in self._groups.items()
            if (kind == "skipped") is skipped
        )
        return tuple(sorted(found, key=_place))


def _place(group: Group) -> tuple[bool, int, str, str, str, str]:
    lost = group.kind == "dropped"
    return (not lost, -group.number, group.entity, group.kind, group.field, group.text)
