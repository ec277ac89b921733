"""Answers of the knowledge base: texts in several languages that keep their past."""

from __future__ import annotations

import re
import uuid
from itertools import count
from typing import TYPE_CHECKING

from runner.sandbox.zammad import (
    access,
    files,
    knowledge_publishing,
    knowledge_rows,
    knowledge_texts,
    markup,
    moments,
    values,
)
from runner.sandbox.zammad.state import State, stamps
from runner.sandbox.zammad.wire import Call, Reply, missing

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.sandbox.zammad.store import Row

_SHOWN_IMAGE = re.compile(r'src="/api/v1/attachments/\d+"([^>]*?) cid="([^"]+)"')
_CATEGORY = "KnowledgeBase::Category"
_BLANK: Row = {
    "id": 0,
    "category_id": None,
    "promoted": False,
    "internal_note": None,
    "position": 0,
    "archived_at": None,
    "archived_by_id": None,
    "internal_at": None,
    "internal_by_id": None,
    "published_at": None,
    "published_by_id": None,
}


def find(state: State, call: Call) -> Row:
    """Return the answer of the path.

    Raises:
        Failure: 403 for anybody but an editor, 404 for an unknown one.
    """
    access.require(state, call, "knowledge_base.editor")
    row = state.row("knowledge_answers", call.ids[1])
    if row is None:
        raise missing("KnowledgeBase::Answer", call.ids[1])
    return row


def touch(state: State, row: Row) -> None:
    """Note that something of an answer changed: its translations and its category move too."""
    tables = state.store.tables
    row["updated_at"] = state.now()
    tables.knowledge_categories[row["category_id"]]["updated_at"] = state.now()
    for one in tables.knowledge_answer_translations.values():
        if one["answer_id"] == row["id"]:
            one["updated_at"] = state.now()


def _fields(state: State, call: Call) -> Row:
    """Return the columns of a request; its category has to be named every time.

    Raises:
        Failure: 404 without a known category, 422 for dates in the wrong order.
    """
    category = state.row("knowledge_categories", values.integer(call.params.get("category_id")))
    if category is None:
        raise missing(_CATEGORY, call.params.get("category_id"))
    fields: Row = {"category_id": category["id"]}
    if "promoted" in call.params:
        fields["promoted"] = bool(values.boolean(call.params["promoted"]))
    if "internal_note" in call.params:
        fields["internal_note"] = call.params["internal_note"]
    return fields | knowledge_publishing.dates(call)


def _create(state: State, call: Call) -> Reply:
    access.require(state, call, "knowledge_base.editor")
    now = state.now()
    kept = call.params if call.importing else {}
    row = {**_BLANK, **_fields(state, call), "tags": []}
    row["created_at"] = moments.read(kept.get("created_at")) or now
    # Its translations are stored after it and move it (recording: the sent one is lost here).
    row["updated_at"] = now
    knowledge_publishing.check(row)
    items = knowledge_texts.given(call.params)
    knowledge_texts.check(state, knowledge_texts.ANSWER, row, items)
    row["position"] = knowledge_texts.position(state, knowledge_texts.ANSWER, row)
    row["id"] = state.store.next_id("knowledge_answers")
    knowledge_publishing.sign(row, _BLANK, call.user["id"])
    state.store.insert("knowledge_answers", row)
    contents = _store_texts(state, call, row, items)
    touch(state, row)
    found = knowledge_rows.of_answer(state, row, contents)
    return Reply({"id": row["id"], "assets": found}, 201)


def _update(state: State, call: Call) -> Reply:
    row = find(state, call)
    before = dict(row)
    after = {**row, **_fields(state, call)}
    knowledge_publishing.check(after)
    items = knowledge_texts.given(call.params)
    knowledge_texts.check(state, knowledge_texts.ANSWER, after, items)
    knowledge_publishing.sign(after, before, call.user["id"])
    state.store.change(row, after)
    contents = _store_texts(state, call, row, items)
    touch(state, row)
    sent = moments.read(call.params.get("updated_at")) if call.importing else None
    if sent and not items:
        row["updated_at"] = sent
    return Reply({"id": row["id"], "assets": knowledge_rows.of_answer(state, row, contents)})


def _store_texts(state: State, call: Call, row: Row, items: list[Row]) -> list[int]:
    """Store titles and bodies; return the ids of the bodies that are new or changed."""
    changed = []
    for item in items:
        body = (item.get("content_attributes") or {}).get("body")
        columns = stamps(state, item, importing=call.importing, user_id=call.user["id"])
        if not item.get("id"):
            content: Row = {"id": state.store.next_id("knowledge_contents"), "body": ""}
            state.store.insert("knowledge_contents", content)
            columns = {"content_id": content["id"], **columns}
        stored = knowledge_texts.store(state, knowledge_texts.ANSWER, row, item, columns)
        if body is not None or not item.get("id"):
            content = state.store.tables.knowledge_contents[stored["content_id"]]
            content["body"] = _body(state, content, str(body or ""))
            _forget_unused(state, content)
            changed.append(content["id"])
    return changed


def _body(state: State, content: Row, source: str) -> str:
    """Clean a body and keep the pictures in it; those shown before are known by their cid."""
    numbers = count(1)

    def keep_image(mime_type: str, data: bytes) -> str:
        cid = f"KnowledgeBase::Answer::Translation::Content_body.{uuid.uuid4()}@localhost"
        [kept] = files.keep(state, [files.inline_image(mime_type, data, cid, next(numbers))])
        row = {"id": kept.id, "answer_id": None, "content_id": content["id"], "attachment": kept}
        state.store.insert("knowledge_files", row)
        return cid

    again = _SHOWN_IMAGE.sub(r'src="cid:\2"\1', source)
    return markup.sanitize(again, keep_image)


def _forget_unused(state: State, content: Row) -> None:
    """Remove pictures that a body no longer shows (has_rich_text.rb, after each save)."""
    for item in list(state.store.tables.knowledge_files.values()):
        if item["content_id"] == content["id"]:
            cid = item["attachment"].preferences["Content-ID"]
            if f'src="cid:{cid}"' not in content["body"]:
                state.store.remove("knowledge_files", item["id"])


def _show(state: State, call: Call) -> Reply:
    row = find(state, call)
    wanted = [values.integer(number) for number in call.text("include_contents").split(",")]
    known = state.store.tables.knowledge_contents
    contents = [number for number in wanted if number is not None and number in known]
    return Reply({"id": row["id"], "assets": knowledge_rows.of_answer(state, row, contents)})


def _delete(state: State, call: Call) -> Reply:
    remove(state, find(state, call))
    return Reply({})


def remove(state: State, row: Row) -> None:
    """Delete an answer with its texts and files."""
    tables = state.store.tables
    contents = set()
    for one in list(tables.knowledge_answer_translations.values()):
        if one["answer_id"] == row["id"]:
            contents.add(one["content_id"])
            state.store.remove("knowledge_answer_translations", one["id"])
            state.store.remove("knowledge_contents", one["content_id"])
    for item in list(tables.knowledge_files.values()):
        if item["answer_id"] == row["id"] or item["content_id"] in contents:
            state.store.remove("knowledge_files", item["id"])
    state.store.remove("knowledge_answers", row["id"])


def _fire(event: str) -> Callable[[State, Call], Reply]:
    """Return the handler that publishes, archives, … now."""

    def handler(state: State, call: Call) -> Reply:
        row = find(state, call)
        if knowledge_publishing.fire(state, row, event, call.user["id"]):
            touch(state, row)
        return Reply({"id": row["id"], "assets": knowledge_rows.of_answer(state, row)})

    return handler


def _set_dates(state: State, call: Call) -> Reply:
    """Publish, archive, … at any date."""
    row = find(state, call)
    before = dict(row)
    after = {**row, **knowledge_publishing.dates(call)}
    knowledge_publishing.check(after)
    knowledge_publishing.sign(after, before, call.user["id"])
    if state.store.change(row, after):
        touch(state, row)
    return Reply(knowledge_rows.answer(state, row))


_PLACE = "knowledge_bases/:id/answers"
ROUTES: dict[tuple[str, str], Callable[[State, Call], Reply]] = {
    ("POST", _PLACE): _create,
    ("GET", f"{_PLACE}/:id"): _show,
    ("PATCH", f"{_PLACE}/:id"): _update,
    ("PUT", f"{_PLACE}/:id"): _update,
    ("DELETE", f"{_PLACE}/:id"): _delete,
    ("POST", f"{_PLACE}/:id/has_publishing_update"): _set_dates,
    **{("POST", f"{_PLACE}/:id/{event}"): _fire(event) for event in knowledge_publishing.EVENTS},
}
