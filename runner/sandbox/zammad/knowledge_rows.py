"""Records of the knowledge base as Zammad shows them, one by one and as assets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runner.sandbox.zammad import people

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row

_STORED_IMAGE = re.compile(r'src="cid:([^"]+)"((?: style="[^"]*")?)')

Assets = dict[str, dict[str, "Row"]]
"""Records by model and id, both as text."""


def category(state: State, row: Row) -> Row:
    """Return a category.

    ``child_ids`` is the category's own id, with and without children: so it was recorded (6.5,
    "knowledge base category", "knowledge base answer with the past kept").
    """
    tables = state.store.tables
    return {
        **row,
        "translation_ids": _ids(tables.knowledge_category_translations, "category_id", row),
        "answer_ids": _ids(tables.knowledge_answers, "category_id", row),
        "child_ids": [row["id"]],
        "permission_ids": [],
        "permissions_effective": [],
    }


def answer(state: State, row: Row) -> Row:
    """Return an answer with its attachments and tags."""
    tables = state.store.tables
    files = [item for item in tables.knowledge_files.values() if item["answer_id"] == row["id"]]
    files.sort(key=lambda item: (item["attachment"].filename.lower(), item["id"]))
    return {
        **row,
        "translation_ids": _ids(tables.knowledge_answer_translations, "answer_id", row),
        "attachments": [_file(item) for item in files],
        "tags": list(row["tags"]),
    }


def _file(item: Row) -> Row:
    attachment = item["attachment"]
    address = f"/api/v1/attachments/{attachment.id}"
    return {
        "id": attachment.id,
        "url": address,
        "preview_url": f"{address}?preview=1",
        "filename": attachment.filename,
        "size": str(attachment.size),
        "preferences": attachment.preferences,
    }


def content(state: State, row: Row) -> Row:
    """Return the text of an answer in one language; pictures in it point at their download."""
    ids = {
        item["attachment"].preferences["Content-ID"]: item["id"]
        for item in state.store.tables.knowledge_files.values()
        if item["content_id"] == row["id"]
    }

    def address(match: re.Match[str]) -> str:
        found = ids.get(match[1])
        source = f"/api/v1/attachments/{found}" if found else f"cid:{match[1]}"
        return f'src="{source}"{match[2]} cid="{match[1]}"'

    return {**row, "body": _STORED_IMAGE.sub(address, row["body"]), "attachments": []}


def essential(state: State) -> Assets:
    """Return everything but the texts, as an editor gets it at the start."""
    tables = state.store.tables
    found: Assets = {
        "KnowledgeBase": _all(tables.knowledge_bases.values()),
        "KnowledgeBaseTranslation": _all(tables.knowledge_translations.values()),
        "KnowledgeBaseLocale": _all(tables.knowledge_locales.values()),
        "KnowledgeBaseCategory": _all(
            category(state, row) for row in tables.knowledge_categories.values()
        ),
        "KnowledgeBaseCategoryTranslation": _all(tables.knowledge_category_translations.values()),
        "KnowledgeBaseAnswer": _all(
            answer(state, row) for row in tables.knowledge_answers.values()
        ),
        "KnowledgeBaseAnswerTranslation": _all(tables.knowledge_answer_translations.values()),
    }
    return {model: rows for model, rows in found.items() if rows}


def of_base(state: State, row: Row) -> Assets:
    """Return a knowledge base with its languages and titles."""
    tables = state.store.tables
    return {
        "KnowledgeBase": _all([row]),
        "KnowledgeBaseLocale": _all(_of(tables.knowledge_locales, "knowledge_base_id", row)),
        "KnowledgeBaseTranslation": _all(
            _of(tables.knowledge_translations, "knowledge_base_id", row)
        ),
    }


def of_category(state: State, row: Row) -> Assets:
    """Return a category with everything above it."""
    tables = state.store.tables
    path, above = [row], row
    while above["parent_id"]:
        above = tables.knowledge_categories[above["parent_id"]]
        path.append(above)
    translations = (
        translation
        for one in path
        for translation in _of(tables.knowledge_category_translations, "category_id", one)
    )
    return {
        **of_base(state, tables.knowledge_bases[row["knowledge_base_id"]]),
        "KnowledgeBaseCategory": _all(category(state, one) for one in path),
        "KnowledgeBaseCategoryTranslation": _all(translations),
    }


def of_answer(state: State, row: Row, content_ids: Iterable[int] = ()) -> Assets:
    """Return an answer with everything above it, its writers and the texts asked for."""
    tables = state.store.tables
    translations = _of(tables.knowledge_answer_translations, "answer_id", row)
    writers = {one[name] for one in translations for name in ("created_by_id", "updated_by_id")}
    texts = [tables.knowledge_contents[number] for number in content_ids]
    found = {
        **of_category(state, tables.knowledge_categories[row["category_id"]]),
        "KnowledgeBaseAnswer": _all([answer(state, row)]),
        "KnowledgeBaseAnswerTranslation": _all(translations),
        "User": {str(number): people.shown(state, tables.users[number]) for number in writers},
    }
    if texts:
        found["KnowledgeBaseAnswerTranslationContent"] = _all(content(state, one) for one in texts)
    return found


def _of(table: dict[int, Row], column: str, row: Row) -> list[Row]:
    return [one for one in table.values() if one[column] == row["id"]]


def _ids(table: dict[int, Row], column: str, row: Row) -> list[int]:
    return [one["id"] for one in _of(table, column, row)]


def _all(rows: Iterable[Row]) -> dict[str, Row]:
    return {str(row["id"]): row for row in rows}
