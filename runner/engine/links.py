"""Where a link to a Kayako page leads in Zammad."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine import conversations
from runner.mapping import links
from runner.mapping.model import Note

if TYPE_CHECKING:
    from runner.engine.world import World


def rewrite(world: World, payload: dict[str, Any], notes: list[Note]) -> dict[str, Any]:
    """Return an article whose links to conversations lead to their tickets.

    Nothing is done where the config keeps links. A link to what does not move stays, with a note.
    """
    if world.zammad_url is None:
        return payload
    body, stayed = links.rewrite(
        str(payload.get("body") or ""),
        is_html=payload.get("content_type") == "text/html",
        hosts=world.kayako_hosts,
        resolve=lambda kind, identifier: place(world, kind, identifier),
    )
    notes += [Note("kept", "links", f"{link} leads to what does not move") for link in stayed]
    return {**payload, "body": body} if body != payload.get("body", "") else payload


def place(world: World, kind: str, identifier: int) -> str | None:
    """Return the address in Zammad of what a Kayako page shows; None when it does not move.

    A ticket is named by its number, which the mapping gives: the ids of tickets that are not
    written yet are not known. Zammad's browser client opens ``#ticket/zoom/number/NUMBER``
    (routes of its ticket zoom controller, 5.2 and later).
    """
    number = ticket_number(world, identifier) if kind == links.CONVERSATION else None
    return None if number is None else f"{world.zammad_url}/#ticket/zoom/number/{number}"


def ticket_number(world: World, case_id: int) -> str | None:
    """Return the number that a conversation's ticket has or will have; None when it has none."""
    record = world.snapshot.record("cases", case_id)
    if record is None or not _is_there(world, case_id):
        return None
    outcome = conversations.outcome(world, record)
    number = outcome.payload.get("number")
    return None if outcome.skip is not None or number is None else str(number)


def _is_there(world: World, case_id: int) -> bool:
    """Say whether a conversation moves, or moved before Kayako lost it."""
    if not world.snapshot.is_gone("cases", case_id):
        return True
    known = world.ledger.table("tickets").get(str(case_id))
    return known is not None and known.get("target_id") is not None
