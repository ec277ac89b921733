"""One request as the endpoints see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.sandbox.kayako.answers import Listing, Single, not_found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.sandbox.data import Helpdesk
    from runner.sandbox.data.table import Key, Record
    from runner.sandbox.kayako.paging import Pages


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that was let in: its query, the data, and who asks.

    ``me`` is the record of the user who asks; ``sees_all`` is false for an agent whose access
    ends at the conversations that are assigned to them.
    """

    query: Mapping[str, str]
    helpdesk: Helpdesk
    pages: Pages
    me: Record
    sees_all: bool

    def require(self, resource_type: str, key: Key) -> Record:
        """The record, or a 404.

        Raises:
            Problem: there is none.
        """
        record = self.helpdesk.find(resource_type, key)
        if record is None:
            raise not_found(resource_type)
        return record

    def single(self, resource_type: str, key: Key) -> Single:
        """One record by its id, or a 404."""
        return Single(resource_type, self.require(resource_type, key))

    def whole(self, resource_type: str) -> Listing:
        """A whole vocabulary in its order of display, without pages."""
        records = list(self.helpdesk.listed(resource_type))
        records.sort(key=lambda record: record.get("sort_order") or 0)
        return self.pages.whole(resource_type, records)

    def table(self, resource_type: str, *, newest_first: bool = False) -> Listing:
        """A page of all records of a type, by ascending id or the other way round."""
        table = self.helpdesk.table(resource_type)
        ids = table.ids()
        hidden = {key for kind, key in self.helpdesk.hidden if kind == resource_type}
        if hidden:
            ids = [key for key in ids if key not in hidden]
        wanted = self.wanted_ids()
        if wanted is not None:
            ids = [key for key in ids if key in wanted]
        if newest_first:
            total = len(ids)

            def fetch(offset: int, limit: int) -> list[Record]:
                page = ids[max(total - offset - limit, 0) : max(total - offset, 0)]
                return [table[key] for key in reversed(page)]

            return self.pages.by_offset(resource_type, total, fetch)
        return self.pages.by_offset(
            resource_type,
            len(ids),
            lambda offset, limit: [table[key] for key in ids[offset : offset + limit]],
        )

    def paged(self, resource_type: str, records: list[Record]) -> Listing:
        """A page of a short list that is at hand."""
        return self.pages.by_offset(
            resource_type, len(records), lambda offset, limit: records[offset : offset + limit]
        )

    def wanted_ids(self) -> set[int] | None:
        """The parameter ``ids`` as numbers; None where the request has none."""
        text = self.query.get("ids", "")
        if not text:
            return None
        return {int(part) for part in text.split(",") if part.strip().isdecimal()}
