"""Taking away what we put into the knowledge base, and itself where it is ours and empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine.knowledge_beside import ANSWERS, CATEGORIES, SECTIONS
from runner.engine.knowledge_setup import BASE, BASES
from runner.engine.ownership import is_ours
from runner.errors import RecordError
from runner.zammad import knowledge_base

if TYPE_CHECKING:
    from runner.ledger import Ledger
    from runner.zammad.client import Zammad
    from runner.zammad.knowledge_base import Row

ORDER = (ANSWERS, SECTIONS, CATEGORIES, BASES)
"""From the inside out; a category that holds anything cannot be deleted (reference §c)."""

MODELS = {
    ANSWERS: ("", "KnowledgeBase::Answer"),
    SECTIONS: ("", "KnowledgeBase::Category"),
    CATEGORIES: ("", "KnowledgeBase::Category"),
    BASES: ("", "KnowledgeBase"),
}
"""What Zammad calls them; where they are depends on the knowledge base."""


def delete(ledger: Ledger, zammad: Zammad, entity: str, document: dict[str, Any]) -> None:
    """Delete one record of ours.

    Raises:
        RecordError: it stays, with the reason.
    """
    target_id = document["target_id"]
    if entity == BASES:
        held = knowledge_base.read(zammad)
        if held.categories:
            raise RecordError(f"holds {len(held.categories)} categories that are not ours")
        zammad.delete(f"/knowledge_bases/manage/{target_id}")
        return
    base = (ledger.table(BASES).get(BASE) or {}).get("target_id")
    kind = "answers" if entity == ANSWERS else "categories"
    zammad.delete(f"/knowledge_bases/{base}/{kind}/{target_id}")


def arrived(zammad: Zammad, entity: str, document: dict[str, Any]) -> Row | None:
    """Return what was on its way when a run ended, if it arrived: by its title and its time."""
    held = knowledge_base.read(zammad)
    if entity == BASES:
        return held.base if held.base and is_ours(document, held.base) else None
    rows = held.answers if entity == ANSWERS else held.categories
    name = str((document.get("applied") or {}).get("name", "")).casefold()
    for row in rows.values():
        titles = {title for _, title in knowledge_base.titles([row])}
        if name in titles and is_ours(document, row):
            return row
    return None
