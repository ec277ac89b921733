"""Categories of the knowledge base: nested, titled in several languages, without a past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.zammad import access, knowledge_rows, knowledge_texts, values
from runner.sandbox.zammad.wire import Call, Reply, missing, unprocessable

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row


def _category(state: State, call: Call) -> Row:
    access.require(state, call, "knowledge_base.editor")
    row = state.row("knowledge_categories", call.ids[1])
    if row is None:
        raise missing("KnowledgeBase::Category", call.ids[1])
    return row


def _show(state: State, call: Call) -> Reply:
    return Reply(knowledge_rows.category(state, _category(state, call)))


def _fields(state: State, call: Call, row: Row) -> Row:
    """Return the columns of a request: dates are none of them (recording 6.5)."""
    fields: Row = {}
    if "category_icon" in call.params:
        fields["category_icon"] = call.text("category_icon")
    if "parent_id" in call.params:
        fields["parent_id"] = values.integer(call.params["parent_id"])
    after = {**row, **fields}
    if not after["category_icon"]:
        raise unprocessable("Category icon can't be blank")
    above = after["parent_id"]
    while above is not None:
        parent = state.row("knowledge_categories", above)
        if parent is None or above == row["id"]:
            raise unprocessable("Parent must exist and cannot be a subcategory")
        above = parent["parent_id"]
    return fields


def _create(state: State, call: Call) -> Reply:
    access.require(state, call, "knowledge_base.editor")
    base = state.row("knowledge_bases", call.ids[0])
    if base is None:
        raise missing("KnowledgeBase", call.ids[0])
    now = state.now()
    row: Row = {
        "id": 0,
        "knowledge_base_id": base["id"],
        "parent_id": None,
        "category_icon": "",
        "position": 0,
        "created_at": now,
        "updated_at": now,
    }
    row |= _fields(state, call, row)
    items = knowledge_texts.given(call.params)
    knowledge_texts.check(state, knowledge_texts.CATEGORY, row, items)
    row["position"] = knowledge_texts.position(state, knowledge_texts.CATEGORY, row)
    row["id"] = state.store.next_id("knowledge_categories")
    state.store.insert("knowledge_categories", row)
    _store_titles(state, row, items)
    if row["parent_id"]:
        state.store.tables.knowledge_categories[row["parent_id"]]["updated_at"] = now
    return Reply(knowledge_rows.category(state, row), 201)


def _store_titles(state: State, row: Row, items: list[Row]) -> None:
    dates = {"created_at": state.now(), "updated_at": state.now()}
    for item in items:
        knowledge_texts.store(state, knowledge_texts.CATEGORY, row, item, dates)


def _update(state: State, call: Call) -> Reply:
    row = _category(state, call)
    fields = _fields(state, call, row)
    items = knowledge_texts.given(call.params)
    knowledge_texts.check(state, knowledge_texts.CATEGORY, {**row, **fields}, items)
    state.store.change(row, {**fields, "updated_at": state.now()})
    _store_titles(state, row, items)
    return Reply(knowledge_rows.category(state, row))


def _delete(state: State, call: Call) -> Reply:
    """Delete an empty category."""
    row = _category(state, call)
    tables = state.store.tables
    inner = (one["parent_id"] for one in tables.knowledge_categories.values())
    held = (one["category_id"] for one in tables.knowledge_answers.values())
    if row["id"] in {*inner, *held}:
        raise unprocessable("Cannot delete record because dependent records exist")
    for one in list(tables.knowledge_category_translations.values()):
        if one["category_id"] == row["id"]:
            state.store.remove("knowledge_category_translations", one["id"])
    state.store.remove("knowledge_categories", row["id"])
    return Reply({})


def _reorder(kind: knowledge_texts.Titled) -> Callable[[State, Call], Reply]:
    """Return the handler that puts categories or answers into an order."""

    def handler(state: State, call: Call) -> Reply:
        access.require(state, call, "knowledge_base.editor")
        knowledge_texts.arrange(state, kind, call.params.get("ordered_ids"))
        return Reply(knowledge_rows.essential(state))

    return handler


_PLACE = "knowledge_bases/:id/categories"
ROUTES: dict[tuple[str, str], Callable[[State, Call], Reply]] = {
    ("POST", _PLACE): _create,
    ("GET", f"{_PLACE}/:id"): _show,
    ("PATCH", f"{_PLACE}/:id"): _update,
    ("PUT", f"{_PLACE}/:id"): _update,
    ("DELETE", f"{_PLACE}/:id"): _delete,
    ("PATCH", f"{_PLACE}/reorder_root_categories"): _reorder(knowledge_texts.CATEGORY),
    ("PATCH", f"{_PLACE}/:id/reorder_categories"): _reorder(knowledge_texts.CATEGORY),
    ("PATCH", f"{_PLACE}/:id/reorder_answers"): _reorder(knowledge_texts.ANSWER),
}
