"""Records by id, kept or made on demand, so that a large helpdesk costs little memory."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

Record = dict[str, Any]
Key = int | str


class Table(Mapping[Any, Record]):
    """Records of one resource type by id; ids are integers, or strings for social objects.

    ``span`` are ids whose records ``make`` builds anew at each access. What is put stays as it
    is and wins over what would be made; what is removed is gone for good.
    """

    def __init__(
        self,
        records: Iterable[Record] = (),
        *,
        span: range = range(0),
        make: Callable[[int], Record] | None = None,
    ) -> None:
        self._kept: dict[Key, Record] = {}
        self._make = make
        self._span = span
        self._gone: set[Key] = set()
        self._ids: list[Any] = list(span)
        for record in records:
            self.put(record)

    def __getitem__(self, key: Key) -> Record:
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        if self._make is None or not isinstance(key, int) or key not in self._span:
            raise KeyError(key)
        if key in self._gone:
            raise KeyError(key)
        return self._make(key)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, key: object) -> bool:
        return key in self._kept or (
            isinstance(key, int) and key in self._span and key not in self._gone
        )

    def put(self, record: Record) -> None:
        """Keep ``record`` under its ``id`` (``uuid`` where it has no id, as channels)."""
        key: Key = record["id"] if "id" in record else record["uuid"]
        if key not in self:
            insort(self._ids, key)
        self._kept[key] = record
        self._gone.discard(key)

    def remove(self, key: Key) -> None:
        """Forget the record; raises ``KeyError`` if there is none."""
        if key not in self:
            raise KeyError(key)
        self._kept.pop(key, None)
        self._gone.add(key)
        del self._ids[bisect_left(self._ids, key)]

    def ids(self) -> Sequence[Any]:
        """All ids in ascending order; not a copy: read it, do not change it."""
        return self._ids


class Recency:
    """Ids ordered by the second of their last change: the order of Kayako's case lists."""

    def __init__(self, entries: Iterable[tuple[int, int]] = ()) -> None:
        self._order = sorted(entries)

    def __len__(self) -> int:
        return len(self._order)

    def add(self, moment: int, identifier: int) -> None:
        """Insert one id; the caller knows that it is not there yet."""
        insort(self._order, (moment, identifier))

    def discard(self, moment: int, identifier: int) -> bool:
        """Take one id out; ``moment`` is the one it was added with. Says whether it was there."""
        entry = (moment, identifier)
        at = bisect_left(self._order, entry)
        if at >= len(self._order) or self._order[at] != entry:
            return False
        del self._order[at]
        return True

    def newest_first(self, offset: int, limit: int) -> list[int]:
        """The ids at ``offset`` to ``offset + limit`` counted from the latest change."""
        end = len(self._order) - offset
        if end <= 0:
            return []
        return [identifier for _, identifier in reversed(self._order[max(end - limit, 0) : end])]
