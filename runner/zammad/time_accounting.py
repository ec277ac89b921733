"""Accounted time (reference §b15, §k3): entries of a ticket, where Zammad lists them.

A Zammad without these endpoints takes time with an article only and dates it by itself.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from runner.errors import Refused

if TYPE_CHECKING:
    from runner.zammad.client import Zammad

CENT = Decimal("0.01")
MOST = Decimal("9999.99")
"""Both an entry and a ticket's sum are decimal(6,2) in the database (reference §b15)."""


def is_listed(zammad: Zammad) -> bool:
    """Find out, without a write, whether time entries can be written by themselves.

    Any ticket is asked for its entries: as the ticket is there, 404 is the answer of a Zammad that
    knows no such address (recorded). Without a ticket the types of accounted time, which came
    with the same feature, are asked for.
    """
    rows = zammad.get("/tickets", {"per_page": 1})
    path = _path(rows[0]["id"]) if rows else "/time_accounting/types"
    try:
        zammad.get(path)
    except Refused as refusal:
        return refusal.status != 404
    return True


def of_ticket(zammad: Zammad, ticket_id: int) -> list[dict[str, Any]]:
    """Return all entries of a ticket."""
    rows: list[dict[str, Any]] = zammad.get(_path(ticket_id))
    return rows


def create(zammad: Zammad, ticket_id: int, body: dict[str, Any]) -> dict[str, Any]:
    """POST one entry once.

    Raises:
        OutcomeUnknown: it was sent and no answer came; look it up before sending again.
        Refused: Zammad said no.
    """
    row: dict[str, Any] = zammad.create(_path(ticket_id), body)
    return row


def update(zammad: Zammad, ticket_id: int, entry_id: int, body: dict[str, Any]) -> None:
    """PUT one entry."""
    zammad.update(f"{_path(ticket_id)}/{entry_id}", body)


def delete(zammad: Zammad, ticket_id: int, entry_id: int) -> None:
    """Take one entry away."""
    zammad.delete(f"{_path(ticket_id)}/{entry_id}")


def amount(value: Any) -> Decimal:
    """Read a time as Zammad tells it (``"12.5"``, nothing) as hundredths."""
    try:
        return Decimal(str(value or 0)).quantize(CENT)
    except InvalidOperation:
        return Decimal(0)


def _path(ticket_id: int) -> str:
    return f"/tickets/{ticket_id}/time_accountings"
