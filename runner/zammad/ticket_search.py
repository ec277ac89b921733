"""Finding tickets: by condition, answered from the database, and by words, as agents search.

A search with a condition does not ask Elasticsearch (reference §b, lookups), so it is true while
an index is not. Versions answer in different shapes (§k2): a plain list, or ids beside ``assets``;
only some tell the total.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.zammad.client import Zammad

PAGE = 200
"""Tickets that one answer holds at most (reference §k2)."""
MOST = 10_000
"""Tickets that are looked at for one question at most: 50 requests, however many there are."""

_PATH = "/tickets/search"

Condition = dict[str, dict[str, Any]]
"""Tests by column: ``{"ticket.state_id": {"operator": "is", "value": ["3"]}}``; all must hold."""


@dataclass(frozen=True, slots=True)
class Found:
    """Tickets that match, ``total`` of them; ``more`` says that there may be even more."""

    rows: list[dict[str, Any]]
    total: int
    more: bool = False


def by_condition(zammad: Zammad, condition: Condition, *, most: int = MOST) -> Found:
    """Return the first ``most`` tickets that match, the oldest first."""
    rows: dict[int, dict[str, Any]] = {}
    page = 1
    while len(rows) < most:
        body = {"condition": condition, "sort_by": "id", "order_by": "asc"}
        answer = _rows(zammad.search(_PATH, {**body, "page": page, "per_page": PAGE}))
        fresh = {row["id"]: row for row in answer if row["id"] not in rows}
        if not fresh:
            return Found(list(rows.values()), len(rows))
        rows.update(fresh)
        page += 1
    total, more = count(zammad, condition)
    return Found(list(rows.values())[:most], max(total, most), more)


def count(zammad: Zammad, condition: Condition) -> tuple[int, bool]:
    """Return how many tickets match, and whether there may be more than that: one request."""
    body = {"condition": condition, "page": 1, "per_page": PAGE, "only_total_count": True}
    answer = zammad.search(_PATH, body)
    if isinstance(answer, dict) and "total_count" in answer:
        return int(answer["total_count"]), False
    number = len(_rows(answer))
    return number, number >= PAGE


def by_words(zammad: Zammad, words: str) -> list[int]:
    """Return the ids of the tickets that an agent's search for these words shows first."""
    answer = zammad.get(_PATH, {"query": words, "limit": 50})
    return [row["id"] for row in _rows(answer)]


def _rows(answer: list[dict[str, Any]] | Mapping[str, Any]) -> list[dict[str, Any]]:
    if isinstance(answer, list):
        return answer
    tickets = answer.get("assets", {}).get("Ticket", {})
    return [tickets[str(number)] for number in answer.get("tickets", ())]
