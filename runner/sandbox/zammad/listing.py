"""Pages of lists: ``page`` and ``per_page`` (or ``limit``), with silent maxima."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.zammad import values

if TYPE_CHECKING:
    from runner.sandbox.zammad.store import Row
    from runner.sandbox.zammad.wire import Call

MOST = 1000
"""The hard maximum of most lists (API reference §b, pagination)."""


def bounds(call: Call, *, default: int, most: int) -> tuple[int, int]:
    """Return the first and the end position of the page that was asked for."""
    asked = values.integer(call.params.get("per_page") or call.params.get("limit"))
    size = min(asked if asked and asked > 0 else default, most)
    page = max(values.integer(call.params.get("page")) or 1, 1)
    return (page - 1) * size, page * size


def slice_of(call: Call, rows: list[Row], *, default: int, most: int = MOST) -> list[Row]:
    """Return the page of ``rows`` that was asked for."""
    first, end = bounds(call, default=default, most=most)
    return rows[first:end]


def page(call: Call, table: dict[int, Row], *, default: int = 500, most: int = MOST) -> list[Row]:
    """Return the page of a table, by ascending id, that was asked for."""
    first, end = bounds(call, default=default, most=most)
    return [table[identifier] for identifier in sorted(table)[first:end]]
