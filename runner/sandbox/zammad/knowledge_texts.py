"""Titles in several languages: what categories and answers of the knowledge base share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.sandbox.zammad import values
from runner.sandbox.zammad.wire import Failure, missing, unprocessable

if TYPE_CHECKING:
    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row

_LONGEST_TITLE = 250


@dataclass(frozen=True, slots=True)
class Titled:
    """What has translations.

    Attributes:
        model: what Zammad calls it.
        translations: the table of its translations.
        owner: the column of a translation that names what it belongs to.
        table: the table of what it belongs to.
        beside: the column that those whose titles must differ share.
    """

    model: str
    translations: str
    owner: str
    table: str
    beside: tuple[str, ...]


CATEGORY = Titled(
    model="KnowledgeBase::Category",
    translations="knowledge_category_translations",
    owner="category_id",
    table="knowledge_categories",
    beside=("knowledge_base_id", "parent_id"),
)
ANSWER = Titled(
    model="KnowledgeBase::Answer",
    translations="knowledge_answer_translations",
    owner="answer_id",
    table="knowledge_answers",
    beside=("category_id",),
)


def given(params: Row) -> list[Row]:
    """Return the translations of a request: a list, or an object by position."""
    found: Any = params.get("translations_attributes") or []
    return [dict(item) for item in (found.values() if isinstance(found, dict) else found)]


def check(state: State, kind: Titled, row: Row, items: list[Row]) -> None:
    """Look at translations before anything is stored.

    Args:
        state: the server.
        kind: what they belong to.
        row: the category or answer, with the values it is going to have.
        items: the translations; titles are cut in place.

    Raises:
        Failure: 422 for an unknown language, for a language twice and for a title that is taken
            beside it; 500 for a blank title (recording 6.5, "knowledge base category without a
            title").
    """
    held = _held(state, kind, row)
    for item in items:
        known = _known(state, kind, row, item)
        if known is None:
            locale = values.integer(item.get("kb_locale_id"))
            if locale not in state.store.tables.knowledge_locales:
                raise unprocessable("Translations kb locale must exist")
            if locale in held:
                raise unprocessable("Translations kb locale has already been taken")
            held[locale] = item
        if known is None or "title" in item:
            _check_title(state, kind, row, item, known)


def _check_title(state: State, kind: Titled, row: Row, item: Row, known: Row | None) -> None:
    title = values.text(item.get("title"), _LONGEST_TITLE) or ""
    if not title.strip():
        words = f"undefined method `translations.title' for an instance of {kind.model}"
        raise Failure(500, words, human=False)
    item["title"] = title
    locale = known["kb_locale_id"] if known else values.integer(item["kb_locale_id"])
    owners = state.store.tables.named(kind.table)
    for other in state.store.tables.named(kind.translations).values():
        if other["title"] != title or other["kb_locale_id"] != locale or other is known:
            continue
        neighbour = owners[other[kind.owner]]
        if all(neighbour[name] == row[name] for name in kind.beside):
            raise unprocessable("Translations title is already used")


def _held(state: State, kind: Titled, row: Row) -> dict[int | None, Row]:
    rows = state.store.tables.named(kind.translations).values()
    return {one["kb_locale_id"]: one for one in rows if one[kind.owner] == row["id"]}


def _known(state: State, kind: Titled, row: Row, item: Row) -> Row | None:
    """Return the translation that an item changes; None for a new one."""
    if not item.get("id"):
        return None
    found = state.row(kind.translations, values.integer(item["id"]))
    if found is None or found[kind.owner] != row["id"]:
        raise missing(f"{kind.model}::Translation", item["id"])
    return found


def store(state: State, kind: Titled, row: Row, item: Row, columns: Row) -> Row:
    """Store one checked translation; return it.

    Args:
        state: the server.
        kind: what it belongs to.
        row: the stored category or answer.
        item: the translation as sent.
        columns: dates, people and what else a new one has.
    """
    known = _known(state, kind, row, item)
    if known is not None:
        if "title" in item:
            state.store.change(known, {"title": item["title"]})
        known["updated_at"] = state.now()
        return known
    translation = {
        "id": state.store.next_id(kind.translations),
        "title": item["title"],
        "kb_locale_id": values.integer(item["kb_locale_id"]),
        kind.owner: row["id"],
        **columns,
    }
    return state.store.insert(kind.translations, translation)


def position(state: State, kind: Titled, row: Row) -> int:
    """Return the place of a new one: after those beside it."""
    rows = state.store.tables.named(kind.table).values()
    return sum(all(one[name] == row[name] for name in kind.beside) for one in rows)


def arrange(state: State, kind: Titled, ordered: Any) -> None:
    """Put rows into the order of ``ordered_ids``."""
    for place, identifier in enumerate(ordered or []):
        found = state.row(kind.table, values.integer(identifier))
        if found is None:
            raise missing(kind.model, identifier)
        state.store.change(found, {"position": place, "updated_at": state.now()})
