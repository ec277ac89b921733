"""Where a link to a Kayako page leads in Zammad."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from runner.engine import conversations
from runner.mapping import links
from runner.mapping.model import Note

if TYPE_CHECKING:
    from runner.engine.world import World
    from runner.ledger import Ledger


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

    Ids of tickets that are not written yet are not known, so the number that the mapping gives
    has to do: Zammad's browser client opens both (routes of its ticket zoom controller).
    """
    if kind != links.CONVERSATION:
        found = answer_page(world.ledger, str(identifier))
        return None if found is None else f"{world.zammad_url}/#{found}"
    known = world.ledger.table("tickets").get(str(identifier))
    page = ticket_page(known) if known else None
    if page is None:
        number = _number(world, identifier)
        page = None if number is None else _numbered(number)
    return None if page is None else f"{world.zammad_url}/#{page}"


def answer_page(ledger: Ledger, article_id: str) -> str | None:
    """Return the page of a Help Center article in the knowledge base, to stand behind ``/#``."""
    known = ledger.table("kb_answers").get(article_id) or {}
    base = ledger.table("knowledge_bases").get("1") or {}
    texts = (known.get("applied") or {}).get("texts") or {}
    if known.get("target_id") is None or base.get("target_id") is None or not texts:
        return None
    locale = quote(next(iter(texts)), safe="")
    return f"knowledge_base/{base['target_id']}/locale/{locale}/answer/{known['target_id']}"


def in_answer(world: World, body: str, notes: list[Note]) -> str:
    """Return the text of an answer whose links to conversations lead to their tickets.

    Links to other articles stay: while answers are written, nobody knows the ids of later ones.
    """
    if world.zammad_url is None:
        return body
    changed, stayed = links.rewrite(
        body,
        is_html=True,
        hosts=world.kayako_hosts,
        resolve=lambda kind, identifier: (
            place(world, kind, identifier) if kind == links.CONVERSATION else None
        ),
    )
    notes += [Note("kept", "links", f"{link} still leads to Kayako") for link in stayed]
    return changed


def ticket_page(document: dict[str, Any]) -> str | None:
    """Return the page of a ticket as the ledger knows it, to stand behind ``/#``."""
    if document.get("target_id") is None:
        return None
    number = (document.get("applied") or {}).get("number")
    return f"ticket/zoom/{document['target_id']}" if number is None else _numbered(number)


def _numbered(number: object) -> str:
    return f"ticket/zoom/number/{quote(str(number), safe='')}"


def _number(world: World, case_id: int) -> str | None:
    """Return the number that a conversation's ticket will have; None when it has none."""
    record = world.snapshot.record("cases", case_id)
    if record is None or world.snapshot.is_gone("cases", case_id):
        return None
    outcome = conversations.outcome(world, record)
    number = outcome.payload.get("number")
    return None if outcome.skip is not None or number is None else str(number)
