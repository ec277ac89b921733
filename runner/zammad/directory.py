"""What is already in Zammad, by natural key: read once in pages, then kept up to date by us.

Works without Elasticsearch and is immune to its lag (reference §b, "Lookup by natural key").
Keys are compared without regard to case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runner.zammad.client import Zammad


_EMPTY: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class Kind:
    """One listed kind of record: where it lives, what identifies it, which fields we look at.

    ``right`` is the permission without which a run goes on and leaves records of the kind out;
    the kinds that have none are those without which nothing can be moved.
    """

    entity: str
    path: str
    keys: tuple[str, ...]
    fields: tuple[str, ...]
    per_page: int = 1000
    right: str = ""


class Directory:
    """All records of one kind, each as the non-empty values of the fields we look at."""

    def __init__(self, kind: Kind, mapped: Iterable[str] = ()) -> None:
        """Look at the kind's own fields and at those that a mapping fills."""
        self.kind = kind
        references = (f"{name}_id" for name in mapped)
        self._fields = dict.fromkeys(("id", "created_at", *kind.fields, *mapped, *references))
        self._rows: dict[str, dict[str, Any]] = {}
        self._by_id: dict[int, dict[str, Any]] = {}

    def watch(self, names: Iterable[str]) -> None:
        """Look at further fields from now on: the attributes of custom fields."""
        self._fields |= dict.fromkeys(names)

    def load(self, zammad: Zammad) -> None:
        """Read the whole list."""
        for row in zammad.pages(self.kind.path, per_page=self.kind.per_page):
            self.add(row)

    def add(self, row: Mapping[str, Any]) -> None:
        """Take a record in; one without an ``id`` is only planned. The first of a key stays."""
        kept = {name: row[name] for name in self._fields if row.get(name) not in _EMPTY}
        if "id" in kept:
            kept = self._by_id.setdefault(kept["id"], kept)
        for key in self._keys(row):
            self._rows.setdefault(key, kept)

    def found(self, row: Mapping[str, Any]) -> None:
        """Put a record in the place of whatever its keys led to (a planned one was created)."""
        for key in self._keys(row):
            self._rows.pop(key, None)
        self.add(row)

    def find(self, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the record that one of the kind's keys in ``values`` leads to."""
        return next((self._rows[key] for key in self._keys(values) if key in self._rows), None)

    def by_id(self, target_id: int) -> dict[str, Any] | None:
        """Return the record of this id."""
        return self._by_id.get(target_id)

    def named(self, name: str) -> dict[str, Any] | None:
        """Return the record of this name (of users: login or email)."""
        return self._rows.get(name.strip().lower())

    def forget(self, values: Mapping[str, Any]) -> None:
        """Drop a record that is not there any more."""
        for key in self._keys(values):
            self._rows.pop(key, None)

    def _keys(self, values: Mapping[str, Any]) -> Iterable[str]:
        for name in self.kind.keys:
            value = values.get(name)
            if isinstance(value, str) and value.strip():
                yield value.strip().lower()
