"""What ``custom_fields.yaml`` says: fields that stay behind, and what is different about others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from runner.documents import Document
from runner.errors import Problem
from runner.mapping.attribute_names import refusal

FILE = "custom_fields.yaml"
OBJECTS = {"tickets": "Ticket", "users": "User", "organizations": "Organization"}
"""The Zammad object of each entity whose records have custom fields."""

_TOP = "custom_fields"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What is different about one field's attribute; None is as it would be."""

    name: str | None = None
    label: str | None = None
    kind: str | None = None


@dataclass(frozen=True)
class FieldRules:
    """The whole file: by entity, by the key of the field in Kayako."""

    ignore: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    change: Mapping[str, Mapping[str, FieldChange]] = field(default_factory=dict)
    document: Document | None = field(default=None, compare=False, repr=False)

    def problem(self, place: tuple[str, ...], message: str, advice: str = "") -> Problem:
        """Make a problem that points at a place below ``custom_fields``."""
        if self.document is None:
            return Problem(FILE, 0, 0, message, advice)
        return self.document.problem((_TOP, *place), message, advice, key=True)

    def named(self, entity: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield every key that the file names for an entity, with its place."""
        for word, keys in (("ignore", self.ignore), ("change", self.change)):
            for key in keys.get(entity, {}):
                yield key, (entity, word, key)


def build(document: Document) -> FieldRules:
    """Build the rules of a file that has been checked."""
    data: dict[str, Any] = document.data[_TOP]
    parts = {entity: data.get(entity) or {} for entity in OBJECTS}
    return FieldRules(
        ignore={entity: dict(part.get("ignore") or {}) for entity, part in parts.items()},
        change={
            entity: {
                key: FieldChange(about.get("name"), about.get("label"), about.get("as"))
                for key, about in (part.get("change") or {}).items()
            }
            for entity, part in parts.items()
        },
        document=document,
    )


def check(document: Document) -> Iterator[Problem]:
    """Yield what is wrong with the file beyond its schema."""
    data = document.data.get(_TOP) if isinstance(document.data, dict) else None
    for entity, part in data.items() if isinstance(data, dict) else ():
        if entity in OBJECTS and isinstance(part, dict):
            yield from _check_part(document, entity, part)


def _check_part(document: Document, entity: str, part: dict[str, Any]) -> Iterator[Problem]:
    ignored = part.get("ignore")
    changes = part.get("change")
    seen: dict[str, str] = {}
    for key, about in changes.items() if isinstance(changes, dict) else ():
        place = (_TOP, entity, "change", key)
        if isinstance(ignored, dict) and key in ignored:
            message = f"{key} stays behind (ignore) and is changed: it can only be one of them"
            yield document.problem(place, message, "Remove one of the two.", key=True)
        name = about.get("name") if isinstance(about, dict) else None
        if not isinstance(name, str) or not name:
            continue
        why = refusal(name, OBJECTS[entity])
        if why is not None:
            yield document.problem((*place, "name"), f"{name} {why}", "Choose another name.")
        elif name in seen:
            message = f"{name} is the name for {seen[name]} already"
            yield document.problem((*place, "name"), message, "Choose another name.")
        seen.setdefault(name, key)
