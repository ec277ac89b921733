"""What an edit of a mapping changes: two plans of the same snapshot, compared field by field.

A value costs a reference a ticket, long text a number; so 100,000 tickets can be compared.
"""

from __future__ import annotations

import dataclasses
import sys
import zlib
from collections import Counter
from typing import TYPE_CHECKING, Any

from runner.engine.change import Action, plain
from runner.engine.remembered import mark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.engine.change import Change

HAPPENS = "what happens"
ARTICLES = "articles"
"""Names of what is no field: the action with its reason, and what is written in a ticket."""

_LONGEST = 60
_MOST_PAIRS = 5
_MOST_EXAMPLES = 3

Value = str | int | None
"""A short value as text, a long one as a number, None where a field is left out."""


@dataclasses.dataclass(slots=True)
class Difference:
    """One field of one entity: how many records it is different in, from what to what.

    ``pairs`` counts (before, after), ``examples`` are (source id, before, after).
    """

    entity: str
    field: str
    records: int = 0
    pairs: Counter[tuple[Value, Value]] = dataclasses.field(default_factory=Counter)
    examples: list[tuple[str, Value, Value]] = dataclasses.field(default_factory=list)

    @property
    def is_told_by_pairs(self) -> bool:
        """Say whether there are few enough pairs to list each."""
        return len(self.pairs) <= _MOST_PAIRS


class Effects:
    """Compares each plan with the one before; the first has nothing to be compared with."""

    def __init__(self) -> None:
        self._before: dict[tuple[str, str], dict[str, Value]] = {}
        self._now: dict[tuple[str, str], dict[str, Value]] = {}
        self._found: dict[tuple[str, str], Difference] = {}

    def take(self, change: Change) -> None:
        """Look at one change of the plan that is being made."""
        key = (change.entity, change.source_id)
        now = dict(_values(change))
        self._now[key] = now
        before = self._before.get(key)
        if before is None:
            return
        for name in dict.fromkeys((*before, *now)):
            if before.get(name) != now.get(name):
                self._differs(change, name, before.get(name), now.get(name))

    def _differs(self, change: Change, name: str, before: Value, after: Value) -> None:
        found = self._found.setdefault((change.entity, name), Difference(change.entity, name))
        found.records += 1
        if (before, after) in found.pairs or found.is_told_by_pairs:
            found.pairs[before, after] += 1
        if len(found.examples) < _MOST_EXAMPLES:
            found.examples.append((change.source_id, before, after))

    def finish(self) -> list[Difference]:
        """Return what is different, what happens first; the next plan is compared with this one."""
        self._before, self._now = self._now, {}
        found, self._found = list(self._found.values()), {}
        return sorted(found, key=lambda one: (one.field != HAPPENS, one.entity, -one.records))


def _values(change: Change) -> Iterator[tuple[str, Value]]:
    """Yield what is compared of one record."""
    action = change.action.value
    if change.action in {Action.SKIP, Action.FAIL}:
        action = f"{action}: {change.reason}"
    yield HAPPENS, _short(action)
    for name, value in change.payload.items():
        yield name, _short(value)
    if change.children:
        marks = [mark(child.payload) for child in change.children]
        yield ARTICLES, zlib.crc32(repr(marks).encode())


def _short(value: Any) -> Value:
    if isinstance(value, str):
        text = value
    else:
        found = plain(value)
        if isinstance(found, list):
            text = ", ".join(str(_named(item)) for item in found)
        else:
            text = str(_named(found))
    if len(text) > _LONGEST:
        return zlib.crc32(text.encode("utf-8", "surrogatepass"))
    return sys.intern(text)


def _named(value: Any) -> Any:
    return value["ref"] if isinstance(value, dict) and "ref" in value else value
