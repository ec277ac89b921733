"""Links between tickets (reference §b13): the source is named by its number, the target by its id.

A link moves ``updated_at`` of both tickets. One that is there already is refused by 5.2 and
answered without an id by 6.5 (both recorded), so what is there is told by the list alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runner.zammad.client import Zammad


def add_parent(zammad: Zammad, *, parent_number: str, child_id: int) -> None:
    """Make one ticket the parent of another; sent once.

    Raises:
        OutcomeUnknown: it was sent and no answer came; ask ``parents`` before sending again.
        Refused: Zammad said no; where the link is there already, too.
    """
    body = {
        "link_type": "parent",
        "link_object_source": "Ticket",
        "link_object_source_number": parent_number,
        "link_object_target": "Ticket",
        "link_object_target_value": child_id,
    }
    zammad.create("/links/add", body)


def parents(zammad: Zammad, child_id: int) -> list[int]:
    """Return the ids of a ticket's parents.

    The recorded answers are plain lists; the application's own screens are sent the same list
    beside its records, as ``links``.
    """
    query = {"link_object": "Ticket", "link_object_value": child_id}
    answer: Any = zammad.get("/links", query)
    rows = answer.get("links") or [] if isinstance(answer, dict) else answer
    return [
        int(row["link_object_value"])
        for row in rows
        if row.get("link_type") == "parent" and row.get("link_object") == "Ticket"
    ]


def remove_parent(zammad: Zammad, *, parent_id: int, child_id: int) -> None:
    """Take a link away; without effect when it, or one of the tickets, is not there."""
    body = {
        "link_type": "parent",
        "link_object_source": "Ticket",
        "link_object_source_value": parent_id,
        "link_object_target": "Ticket",
        "link_object_target_value": child_id,
    }
    zammad.delete("/links/remove", body)
