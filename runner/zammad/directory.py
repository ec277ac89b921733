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


@dataclass(frozen=True, slots=True)
class Kind:
    """One listed kind of record: where it lives, what identifies it, which fields we look at."""

    entity: str
    path: str
    keys: tuple[str, ...]
    fields: tuple[str, ...]
    per_page: int = 1000


class Directory:
    """All records of one kind, each as the non-empty values of the fields we look at.

    ``also`` names further fields: the attributes of custom fields.
    """

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.also: tuple[str, ...] = ()
        self._rows: dict[str, dict[str, Any]] = {}

    def load(self, zammad: Zammad) -> None:
        """Read the whole list."""
        for row in zammad.pages(self.kind.path, per_page=self.kind.per_page):
            self.add(row)

    def add(self, row: Mapping[str, Any]) -> None:
        """Take a record in; one without an ``id`` is only planned. The first of a key stays."""
        wanted = ("id", *self.kind.fields, *self.also)
        kept = {name: row[name] for name in wanted if row.get(name) not in (None, "", [], {})}
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

    def named(self, name: str) -> dict[str, Any] | None:
        """Return the record of this name (of users: login or email)."""
        return self._rows.get(name.casefold())

    def forget(self, values: Mapping[str, Any]) -> None:
        """Drop a record that is not there any more."""
        for key in self._keys(values):
            self._rows.pop(key, None)

    def _keys(self, values: Mapping[str, Any]) -> Iterable[str]:
        for name in self.kind.keys:
            value = values.get(name)
            if isinstance(value, str) and value.strip():
                yield value.strip().casefold()
