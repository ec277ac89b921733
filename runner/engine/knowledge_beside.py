"""What stands beside a record in the knowledge base: titles that are given, and what to adopt.

Titles are unique beside each other in Zammad (422 otherwise): of two equal ones in Kayako the
second gets a number behind it. A category that is there under the same title is taken as it is;
an answer of somebody else's keeps its title, and ours gets the number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.engine.knowledge_texts import Text
from runner.engine.ownership import is_ours, made_since
from runner.mapping.model import Note, Reference
from runner.zammad import knowledge_base
from runner.zammad.knowledge_base import Held

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.engine.world import World
    from runner.errors import Refused

CATEGORIES, SECTIONS, ANSWERS = "kb_categories", "kb_sections", "kb_answers"
SOURCES = {CATEGORIES: "categories", SECTIONS: "sections", ANSWERS: "articles"}
"""Which of Kayako's resources becomes which entity, in the order in which one needs the other."""

_MOST_TITLE = 250


@dataclass(slots=True)
class Knowledge:
    """The knowledge base on both sides: what was read, and which titles this run has given.

    ``linking`` are articles that link to other ones which move.
    """

    held: Held = field(default_factory=Held)
    given: dict[tuple[str, str, str], str] = field(default_factory=dict)
    taken: dict[int, str] = field(default_factory=dict)
    adopted: dict[str, int] = field(default_factory=dict)
    strangers: dict[tuple[bool, int | None], list[dict[str, Any]]] | None = None
    told: set[str] = field(default_factory=set)
    linking: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Draft:
    """A record on its way to a change: what transform made of it, and what is to be said."""

    entity: str
    source_id: str
    payload: dict[str, Any]
    texts: list[Text]
    notes: list[Note]

    @property
    def place(self) -> Reference | None:
        """What it lies in; None is the top."""
        return self.payload.get("category" if self.entity == ANSWERS else "parent")


def look(world: World) -> Knowledge:
    """Return the knowledge base; read once, as far as Zammad can be reached."""
    if world.knowledge is None:
        held = Held() if world.zammad is None else knowledge_base.read(world.zammad)
        world.knowledge = Knowledge(held)
    return world.knowledge


def close(world: World, entity: str, refusal: Refused) -> bool:
    """Remember that the token may not write here; say whether the run can do without.

    A refusal after something was written is that record's own.
    """
    written = any(document["status"] == "done" for document in world.ledger.table(CATEGORIES))
    if refusal.status != 403 or written:
        return False
    look(world).held.why_not = knowledge_base.NO_RIGHT
    world.closed[entity] = knowledge_base.NO_RIGHT
    return True


def titled(world: World, draft: Draft, *, adopts: int | None) -> list[Text]:
    """Return the texts with titles that nothing beside them has in the same language."""
    knowledge = look(world)
    strangers = knowledge_base.titles(row for row in _beside(world, draft) if row["id"] != adopts)
    mine = f"{draft.entity}/{draft.source_id}"
    titled = []
    for text in draft.texts:
        title, number = text.title, 1
        while True:
            key = (_shelf(draft), text.code, title.casefold())
            free = knowledge.given.get(key, mine) == mine
            if free and (text.code, title.casefold()) not in strangers:
                break
            number += 1
            title = f"{text.title[: _MOST_TITLE - 8]} ({number})"
        if title != text.title:
            words = f"{text.code}: the title is taken beside it; this one is now {title}"
            draft.notes.append(Note("converted", "title", words))
        knowledge.given[key] = mine
        titled.append(Text(text.code, title, text.body))
    return titled


def _shelf(draft: Draft) -> str:
    """Name where titles must differ: among answers or categories of one category."""
    return f"{'answers' if draft.entity == ANSWERS else 'categories'} of {draft.place or 'the top'}"


def twin_of(world: World, draft: Draft) -> int | None:
    """Return the category that is there under the same title and that nothing else has taken."""
    if draft.entity == ANSWERS:
        return None
    wanted = {(text.code, text.title.casefold()) for text in draft.texts}
    for row in _beside(world, draft):
        if row["id"] not in look(world).taken and knowledge_base.titles([row]) & wanted:
            return int(row["id"])
    return None


def _beside(world: World, draft: Draft) -> list[dict[str, Any]]:
    """Return what Zammad has at the place of a record, and is not ours."""
    knowledge = look(world)
    above = None if draft.place is None else world.target_id(draft.place)
    if draft.place is not None and above is None:
        above = knowledge.adopted.get(str(draft.place))
        if above is None:
            return []
    if knowledge.strangers is None:
        knowledge.strangers = _foreign(world, knowledge.held)
    return knowledge.strangers.get((draft.entity == ANSWERS, above), [])


def _foreign(world: World, held: Held) -> dict[tuple[bool, int | None], list[dict[str, Any]]]:
    """Return all that is in Zammad and not ours, by kind and by what it lies in.

    What may be the arrival of something that an interrupted run sent counts as ours.
    """
    found: dict[tuple[bool, int | None], list[dict[str, Any]]] = {}
    for entities, rows, column in (
        ((ANSWERS,), held.answers, "category_id"),
        ((CATEGORIES, SECTIONS), held.categories, "parent_id"),
    ):
        documents = [one for name in entities for one in world.ledger.table(name)]
        ours = {one.get("target_id") for one in documents if not one.get("adopted")}
        sent = [one for one in documents if one["status"] == "intended"]
        for row in rows.values():
            if row["id"] not in ours and not any(_may_be(one, row) for one in sent):
                key = (entities == (ANSWERS,), row[column])
                found.setdefault(key, []).append(row)
    return found


def _may_be(document: Mapping[str, Any], row: dict[str, Any]) -> bool:
    """Say whether a row may be what ``document`` sent, be it while import mode was off."""
    name = str((document.get("applied") or {}).get("name", "")).casefold()
    if name not in {title for _, title in knowledge_base.titles([row])}:
        return False
    return is_ours(document, row) or made_since(document, row.get("created_at"))


def primary(world: World) -> str:
    """Return the language that the knowledge base falls back to, or is going to."""
    held = look(world).held
    language = world.snapshot.settings.get("account.default_language") or "en-us"
    entry = world.mappings.vocabularies["languages"].entries.get(language)
    wanted = str(entry.value if entry else language)
    return held.primary or (wanted if wanted in held.system or not held.system else "en-us")
