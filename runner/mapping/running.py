"""The state of one record's way through a mapping, and how fields of records are read."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from runner.mapping.model import DroppedLabel, Note


class FieldFailed(Exception):
    """A value cannot be carried over: the record fails."""


class RecordSkipped(Exception):
    """A value says that the whole record is left out."""


@dataclasses.dataclass(slots=True)
class Run:
    """One record on its way; ``likes`` are the states created now, by field, as their ``like``."""

    record: Mapping[str, Any]
    parent: Mapping[str, Any] | None
    go_live: str
    filling: str = ""
    payload: dict[str, Any] = dataclasses.field(default_factory=dict)
    likes: dict[str, str] = dataclasses.field(default_factory=dict)
    notes: list[Note] = dataclasses.field(default_factory=list)
    dropped: list[DroppedLabel] = dataclasses.field(default_factory=list)
    failures: list[str] = dataclasses.field(default_factory=list)
    tags: list[str] = dataclasses.field(default_factory=list)
    remembered: list[str] = dataclasses.field(default_factory=list)
    creates: list[tuple[str, str, str]] = dataclasses.field(default_factory=list)
    seen: dict[str, Any] | None = None

    def note(self, kind: str, text: str) -> None:
        """Add a note to the field that is being filled."""
        self.notes.append(Note(kind, self.filling, text))

    def names(self) -> dict[str, Any]:
        """Return what templates see: the record's fields, ``parent`` and ``go_live``."""
        if self.seen is None:
            self.seen = {**self.record, "parent": self.parent, "go_live": self.go_live}
        return self.seen


Reader = Callable[[Run], Any]
"""Reads a value off a run; None is empty."""


def reader(path: str) -> Reader:
    """Return what reads a path: dots go inside, a list is read item by item.

    ``parent.…`` reads the record that this one lies in, ``go_live`` the day of the switch.
    """
    steps = tuple(path.split("."))
    if steps == ("go_live",):
        return lambda run: run.go_live
    if steps[0] == "parent":
        return lambda run: walk(run.parent, steps[1:])
    if len(steps) == 1:
        only = steps[0]
        return lambda run: run.record.get(only)
    return lambda run: walk(run.record, steps)


def walk(value: Any, steps: tuple[str, ...]) -> Any:
    """Follow keys into nested mappings; None where one is missing."""
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list):
            value = [item.get(step) for item in value if isinstance(item, dict)]
        else:
            return None
    return value


def is_empty(value: Any) -> bool:
    """Tell whether a value counts as empty: nothing, blank text, an empty list or mapping."""
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or (isinstance(value, list | dict) and not value)


def as_text(value: Any) -> str:
    """Write a value as tables and messages compare and show it."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return _name_of(value)
    if isinstance(value, list):
        return ", ".join(as_text(item) for item in value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)


_NAMES = (
    "label",
    "title",
    "text",
    "name",
    "email",
    "number",
    "address",
    "url",
    "screen_name",
    "id",
)


def _name_of(value: Mapping[str, Any]) -> str:
    """Return the words by which people know a nested record."""
    for key in _NAMES:
        if not is_empty(value.get(key)):
            return as_text(value[key])
    return "(empty)"


def shown(value: Any) -> str:
    """Write a value for a message: short, on one line."""
    text = " ".join(as_text(value).split())
    return text if len(text) <= 80 else text[:79] + "…"


def each(value: Any, step: Callable[[Any], Any]) -> Any:
    """Apply a step to a value, or to every item of a list; lists that come out are joined on."""
    if not isinstance(value, list):
        return step(value)
    results: list[Any] = []
    for item in value:
        if is_empty(item):
            continue
        result = step(item)
        if isinstance(result, list):
            results.extend(result)
        elif result is not None:
            results.append(result)
    return results
