"""The knowledge base: what it holds, its languages, and where its records lie (reference §b21).

Zammad has one. ``POST /knowledge_bases/init`` gives it to an editor with everything but the texts;
whoever may not edit gets nothing, or what the public sees, which has no ids of anything else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.zammad.client import Zammad

Row = dict[str, Any]

NOT_OFFERED = "this Zammad has no knowledge base"
NO_RIGHT = (
    "the token may not edit the knowledge base: it needs knowledge_base.editor, and"
    " admin.knowledge_base to set one up or add a language"
)
_LOOKS = {
    "iconset": "FontAwesome",
    "color_highlight": "#38ae6a",
    "color_header": "#f9fafb",
    "color_header_link": "hsl(206,8%,50%)",
    "homepage_layout": "grid",
    "category_layout": "grid",
    "active": True,
}
"""What Zammad's own screen suggests for a new one."""


@dataclass(slots=True)
class Held:
    """A knowledge base as it was read.

    Attributes:
        why_not: why nothing can be written; empty where it can.
        base: the knowledge base, None while there is none.
        system: ids of all languages that Zammad knows, by code.
        locales: ids of the knowledge base's own languages, by code.
        primary: code of the language that it falls back to.
        categories: categories by id, each with ``titles`` by code.
        answers: answers by id, each with ``titles`` by code.
    """

    why_not: str = ""
    base: Row | None = None
    system: dict[str, int] = field(default_factory=dict)
    locales: dict[str, int] = field(default_factory=dict)
    primary: str = ""
    categories: dict[int, Row] = field(default_factory=dict)
    answers: dict[int, Row] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """The path of everything in it."""
        return f"/knowledge_bases/{(self.base or {}).get('id')}"


def read(zammad: Zammad) -> Held:
    """Return the knowledge base with everything but the texts of its answers."""
    try:
        found = zammad.search("/knowledge_bases/init", {})
        system = zammad.get("/signshow")
    except Refused as refusal:
        if refusal.status not in {403, 404}:
            raise
        return Held(why_not=NO_RIGHT if refusal.status == 403 else NOT_OFFERED)
    if not isinstance(found, dict):
        return Held(why_not=NO_RIGHT)
    bases = list(found.get("KnowledgeBase", {}).values())
    if any("kb_locale_ids" not in base for base in bases):
        return Held(why_not=NO_RIGHT)
    locales = (system.get("collections") or {}).get("Locale") or []
    held = Held(system={row["locale"]: row["id"] for row in locales})
    if bases:
        held.base = min(bases, key=lambda row: int(row["id"]))
        _fill(held, found)
    return held


def _fill(held: Held, found: dict[str, dict[str, Row]]) -> None:
    base = held.base or {}
    codes = {number: code for code, number in held.system.items()}
    by_id: dict[int, str] = {}
    for row in found.get("KnowledgeBaseLocale", {}).values():
        code = codes.get(row["system_locale_id"])
        if row["knowledge_base_id"] == base["id"] and code:
            held.locales[code] = row["id"]
            by_id[row["id"]] = code
            if row.get("primary"):
                held.primary = code
    held.primary = held.primary or next(iter(held.locales), "")
    for model, owner, into in (
        ("KnowledgeBaseCategory", "category_id", held.categories),
        ("KnowledgeBaseAnswer", "answer_id", held.answers),
    ):
        for row in found.get(model, {}).values():
            into[row["id"]] = {**row, "texts": {}}
        for text in found.get(f"{model}Translation", {}).values():
            if text[owner] in into and text["kb_locale_id"] in by_id:
                into[text[owner]]["texts"][by_id[text["kb_locale_id"]]] = text


def set_up(zammad: Zammad, held: Held, code: str) -> None:
    """Make the knowledge base, in one language."""
    locale = {"system_locale_id": held.system[code], "primary": True}
    body = {**_LOOKS, "kb_locales_attributes": [locale]}
    held.base = zammad.create("/knowledge_bases/manage", body)
    _reread_locales(zammad, held)


def add_locale(zammad: Zammad, held: Held, code: str) -> None:
    """Give the knowledge base one more language; nothing else of it changes."""
    locale = {"system_locale_id": held.system[code], "primary": False}
    zammad.patch(
        f"/knowledge_bases/manage/{(held.base or {})['id']}",
        {"kb_locales_attributes": [locale]},
        adds=True,
    )
    _reread_locales(zammad, held)


def _reread_locales(zammad: Zammad, held: Held) -> None:
    fresh = read(zammad)
    held.base, held.locales, held.primary = fresh.base, fresh.locales, fresh.primary


def answer(zammad: Zammad, held: Held, answer_id: int) -> Row:
    """Return one answer: its row with ``texts`` by code, each with ``body`` as Zammad shows it."""
    path = f"{held.place}/answers/{answer_id}"
    assets = zammad.get(path)["assets"]
    texts = assets.get("KnowledgeBaseAnswerTranslation", {}).values()
    contents = [text["content_id"] for text in texts if text["answer_id"] == answer_id]
    if contents:
        wanted = {"include_contents": ",".join(map(str, contents))}
        assets = zammad.get(path, wanted)["assets"]
    return row_of(held, assets, answer_id)


def row_of(held: Held, assets: dict[str, dict[str, Row]], answer_id: int) -> Row:
    """Return an answer out of what Zammad says of it: its row with ``texts`` by code."""
    by_id = {number: code for code, number in held.locales.items()}
    bodies = assets.get("KnowledgeBaseAnswerTranslationContent", {})
    texts: dict[str, Row] = {}
    for text in assets.get("KnowledgeBaseAnswerTranslation", {}).values():
        code = by_id.get(text["kb_locale_id"])
        if text["answer_id"] == answer_id and code:
            content = bodies.get(str(text["content_id"])) or {}
            texts[code] = {**text, "body": content.get("body")}
    return {**assets["KnowledgeBaseAnswer"][str(answer_id)], "texts": texts}


def titles(rows: Iterable[Row]) -> set[tuple[str, str]]:
    """Return the titles of categories or answers as (code, folded title)."""
    return {
        (code, str(text["title"]).casefold()) for row in rows for code, text in row["texts"].items()
    }
