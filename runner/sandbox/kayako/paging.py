"""Which part of a list an answer holds, and where the next part is (kayako-api.md §3, §6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from runner.sandbox.data.table import Record
from runner.sandbox.kayako.answers import Listing, Problem

DEFAULT_LIMIT = 10

Fetch = Callable[[int, int], Sequence[Record]]


@dataclass(frozen=True, slots=True)
class Pages:
    """How a server pages: its cap, and whether it puts addresses of other pages into bodies."""

    address: str
    query: Mapping[str, str]
    cap: int
    links: bool

    def number(self, name: str, default: int) -> int:
        """A parameter that must be a whole number from 0.

        Raises:
            Problem: it is not.
        """
        text = self.query.get(name, "")
        if not text:
            return default
        if not text.isdecimal():
            raise Problem(400, "FIELD_INVALID", f"The value of '{name}' is invalid", parameter=name)
        return int(text)

    def limit(self) -> int:
        """The limit that is applied: at least 1, at most the server's cap."""
        return min(max(self.number("limit", DEFAULT_LIMIT), 1), self.cap)

    def by_offset(self, resource: str, total: int, fetch: Fetch) -> Listing:
        """A page of a list that is counted from its start."""
        offset, limit = self.number("offset", 0), self.limit()
        records = list(fetch(offset, limit))
        paging: dict[str, int | str] = {"offset": offset, "limit": limit}
        following = None
        if offset + len(records) < total and records:
            following = self._url(offset=offset + limit)
            last = (total - 1) // limit * limit
            around = {"next_url": following, "last_url": self._url(offset=last)}
        else:
            around = {}
        if offset:
            before = self._url(offset=max(offset - limit, 0))
            around = {"first_url": self._url(offset=0), "previous_url": before, **around}
        if self.links:
            paging |= around
        return Listing(resource, records, total, paging, following)

    def by_cursor(self, resource: str, newest_first: Sequence[Record]) -> Listing:
        """A page of a list that is read from a record on: ``after_id`` gives older ones.

        The cursor is a position in the list, not a comparison of ids; it excludes its record. A
        cursor that is not in the list starts at the first id below (or ends at the last above).

        Raises:
            Problem: both cursors at once.
        """
        limit = self.limit()
        after, before = self.number("after_id", 0), self.number("before_id", 0)
        if after and before:
            raise Problem(400, "FIELD_INVALID", "Only one of after_id and before_id is possible")
        ids = [record["id"] for record in newest_first]
        start, end = 0, limit
        if after:
            start = sum(1 for key in ids if key >= after)
            end = start + limit
        elif before:
            end = sum(1 for key in ids if key > before)
            start = max(end - limit, 0)
        records = list(newest_first[start:end])
        paging: dict[str, int | str] = {"limit": limit}
        following = None
        around: dict[str, str] = {}
        if records and start > 0:
            around["previous_url"] = self._url(before_id=records[0]["id"])
        if records and end < len(ids):
            following = self._url(after_id=records[-1]["id"])
            around["next_url"] = following
        if self.links:
            paging |= around
        return Listing(resource, records, len(ids), paging, following)

    def whole(self, resource: str, records: Sequence[Record]) -> Listing:
        """A list that knows no pages and ignores ``limit``."""
        return Listing(resource, list(records), len(records))

    def _url(self, **position: int) -> str:
        moving = {"offset", "after_id", "before_id", "_session_id"}
        kept = {key: value for key, value in self.query.items() if key not in moving}
        query = sorted({**kept, **position}.items(), key=lambda pair: pair[0])
        return f"{self.address}?{urlencode([(key, str(value)) for key, value in query])}"
