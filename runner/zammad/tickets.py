"""Tickets (reference §b9): found by number, ours only by our message id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runner.zammad.client import Zammad


def by_number(zammad: Zammad, number: str) -> dict[str, Any] | None:
    """Find a ticket exactly by its number, in SQL, without the search index.

    5.2 answers ``{tickets, assets}``, 6.5 a plain list (both recorded).
    """
    condition = {"ticket.number": {"operator": "is", "value": number}}
    answer = zammad.search("/tickets/search", {"condition": condition, "limit": 10})
    if isinstance(answer, dict):
        answer = list(answer.get("assets", {}).get("Ticket", {}).values())
    return next((row for row in answer if str(row.get("number")) == number), None)


def of_customer(zammad: Zammad, user_id: int) -> list[int]:
    """Return ids of up to 200 tickets whose customer is ``user_id``."""
    condition = {"ticket.customer_id": {"operator": "is", "value": str(user_id)}}
    answer = zammad.search("/tickets/search", {"condition": condition, "limit": 200})
    if isinstance(answer, dict):
        answer = list(answer.get("assets", {}).get("Ticket", {}).values())
    return [row["id"] for row in answer]


def read(zammad: Zammad, ticket_id: int) -> dict[str, Any]:
    """Return one ticket with the names of what it refers to."""
    row: dict[str, Any] = zammad.get(f"/tickets/{ticket_id}", {"expand": "true"})
    return row


def tags(zammad: Zammad, ticket_id: int) -> list[str]:
    """Return the tags of a ticket."""
    answer = zammad.get("/tags", {"object": "Ticket", "o_id": ticket_id})
    return [str(tag) for tag in answer.get("tags") or ()]
