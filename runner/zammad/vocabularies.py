"""Ticket states and priorities: closed lists that a mapping may add to (reference §b8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.errors import RecordError

if TYPE_CHECKING:
    from runner.zammad.client import Zammad

PATHS = {"ticket_state": "/ticket_states", "ticket_priority": "/ticket_priorities"}


def read(zammad: Zammad, kind: str) -> dict[str, dict[str, Any]]:
    """Return the states or priorities that are there, by name."""
    return {row["name"]: row for row in zammad.pages(PATHS[kind], per_page=1000)}


def create(zammad: Zammad, kind: str, name: str, like: str) -> int:
    """Create a state or priority that behaves like one that is there; return its id.

    Raises:
        RecordError: there is nothing called ``like``.
    """
    there = read(zammad, kind)
    if name in there:
        return int(there[name]["id"])
    body: dict[str, Any] = {"name": name, "active": True}
    if kind == "ticket_state":
        if like not in there:
            raise RecordError(
                f"state {name} shall be like {like}, which Zammad does not have",
                advice=f"write one of these into mappings/vocabularies: {', '.join(there)}",
            )
        body["state_type_id"] = there[like]["state_type_id"]
    return int(zammad.create(PATHS[kind], body)["id"])
