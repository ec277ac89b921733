"""Where a link to a Kayako page leads in Zammad."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from runner.engine import conversations
from runner.mapping import links
from runner.mapping.model import Note
from runner.mapping.transform import transform

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def answer_page(ledger: Ledger, article_id: str, code: str = "") -> str | None:
    """Return the page of a Help Center article in the knowledge base, to stand behind ``/#``.

    With ``code`` it is the page in that language, provided that the answer has it.
    """
    known = ledger.table("kb_answers").get(article_id) or {}
    base = ledger.table("knowledge_bases").get("1") or {}
    texts = (known.get("applied") or {}).get("texts") or {}
    if known.get("target_id") is None or base.get("target_id") is None or not texts:
        return None
    locale = quote(_language(texts, code), safe="")
    return f"knowledge_base/{base['target_id']}/locale/{locale}/answer/{known['target_id']}"


def _language(texts: Mapping[str, Any], code: str) -> str:
    return code if code in texts else next(iter(texts))


def in_answer(world: World, code: str, body: str, notes: list[Note]) -> tuple[str, bool]:
    """Return the text of an answer whose links lead to Zammad, and whether any leads to an answer.

    A link to an article that moves, and is not there yet, stays for now without a note: the step
    after the answers (``knowledge_links``) asks again. Links to answers say whom they mean, as
    those do that Zammad's own editor makes: only then does its public help page lead readers to
    the public page (its rich text helper, in all versions that have a knowledge base).
    """
    if world.zammad_url is None:
        return body, False
    later: set[int] = set()
    marks: dict[str, str] = {}

    def resolve(kind: str, identifier: int) -> str | None:
        if kind == links.CONVERSATION:
            return place(world, kind, identifier)
        page = answer_page(world.ledger, str(identifier), code)
        if page is None:
            if _becomes_answer(world, identifier):
                later.add(identifier)
            return None
        address = f"{world.zammad_url}/#{page}"
        marks[address] = _mark(world.ledger, str(identifier), code)
        return address

    changed, stayed = links.rewrite(
        body, is_html=True, hosts=world.kayako_hosts, resolve=resolve, marks=marks
    )
    lost = [link for link in stayed if links.article_of(link) not in later]
    notes += [Note("kept", "links", f"{link} still leads to Kayako") for link in lost]
    return changed, bool(marks or later)


def _becomes_answer(world: World, article_id: int) -> bool:
    """Say whether an article that is not in the knowledge base is going to be."""
    record = world.snapshot.record("articles", article_id)
    if record is None or world.snapshot.is_gone("articles", article_id):
        return False
    outcome = transform(world.mappings, "kb_answers", record, go_live=world.go_live)
    return outcome.skip is None and not outcome.failures


def _mark(ledger: Ledger, article_id: str, code: str) -> str:
    """Return the attributes by which Zammad knows which answer a link means: by its translation."""
    known = ledger.table("kb_answers").get(article_id) or {}
    ids = (known.get("children") or {}).get("texts") or {}
    number = ids.get(_language(known["applied"]["texts"], code))
    if number is None:
        return ""
    return f' data-target-type="knowledge-base-answer" data-target-id="{number}"'


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
