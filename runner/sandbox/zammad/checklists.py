"""Checklists of tickets: versions that have them allow one a ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.zammad import access, values
from runner.sandbox.zammad.state import State, stamps
from runner.sandbox.zammad.wire import Call, Reply, forbidden, missing, unprocessable

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.sandbox.zammad.dialect import Dialect
    from runner.sandbox.zammad.store import Row


def routes(dialect: Dialect) -> dict[tuple[str, str], Callable[[State, Call], Reply]]:
    """Return the endpoints of checklists; none where the version has no such setting."""
    if "checklist" not in dialect.setting_ids:
        return {}
    return {
        ("POST", "checklists"): _create,
        ("GET", "checklists/:id"): _show,
        ("PUT", "checklists/:id"): _rename,
        ("DELETE", "checklists/:id"): _delete,
        ("POST", "checklist_items"): _add,
        ("GET", "checklist_items/:id"): _show_item,
        ("PUT", "checklist_items/:id"): _change,
        ("DELETE", "checklist_items/:id"): _remove,
    }


def _ticket(state: State, call: Call, identifier: int | None) -> Row:
    if not state.settings.value("checklist", call.worker):
        raise forbidden()
    ticket = state.row("tickets", identifier)
    if ticket is None:
        raise missing("Ticket", identifier)
    if not access.may_see_ticket(state, call.user, ticket, "change"):
        raise forbidden()
    return ticket


def _checklist(state: State, call: Call, identifier: int | None) -> Row:
    row = state.row("checklists", identifier)
    if row is None:
        raise missing("Checklist", identifier)
    _ticket(state, call, row["ticket_id"])
    return row


def _item(state: State, call: Call) -> Row:
    row = state.row("checklist_items", call.ids[0])
    if row is None:
        raise missing("Checklist::Item", call.ids[0])
    _checklist(state, call, row["checklist_id"])
    return row


def _shown(state: State, row: Row) -> Row:
    items = state.store.tables.checklist_items.values()
    ids = [item["id"] for item in items if item["checklist_id"] == row["id"]]
    shown = {name: value for name, value in row.items() if name != "ticket_id"}
    return {**shown, "sorted_item_ids": [str(number) for number in ids], "item_ids": ids}


def _create(state: State, call: Call) -> Reply:
    """Create a checklist with one empty item, as Zammad does (recording: the next item is 2)."""
    ticket = _ticket(state, call, values.integer(call.params.get("ticket_id")))
    if ticket.get("checklist_id"):
        raise unprocessable("This ticket already has a checklist.")
    by = stamps(state, {}, importing=False, user_id=call.user["id"])
    row = {"id": state.store.next_id("checklists"), "name": "", "ticket_id": ticket["id"], **by}
    state.store.insert("checklists", row)
    ticket["checklist_id"] = row["id"]
    _insert_item(state, call, row, "")
    shown = {str(row["id"]): _shown(state, row)}
    return Reply({"id": row["id"], "assets": {"Checklist": shown}}, 201)


def _show(state: State, call: Call) -> Reply:
    return Reply(_shown(state, _checklist(state, call, call.ids[0])))


def _rename(state: State, call: Call) -> Reply:
    row = _checklist(state, call, call.ids[0])
    if "name" in call.params:
        name = values.text(call.params["name"], 250)
        state.store.change(row, {"name": name, "updated_at": state.now()})
    return Reply(_shown(state, row))


def _delete(state: State, call: Call) -> Reply:
    row = _checklist(state, call, call.ids[0])
    for number in _shown(state, row)["item_ids"]:
        state.store.remove("checklist_items", number)
    state.store.remove("checklists", row["id"])
    state.store.tables.tickets[row["ticket_id"]]["checklist_id"] = None
    return Reply({})


def _insert_item(state: State, call: Call, checklist: Row, text: str) -> Row:
    """Store an item; only its text counts, no date and no tick (recording 6.5)."""
    row = {
        "id": state.store.next_id("checklist_items"),
        "text": text,
        "checked": False,
        "checklist_id": checklist["id"],
        **stamps(state, {}, importing=False, user_id=call.user["id"]),
        "ticket_id": None,
    }
    return state.store.insert("checklist_items", row)


def _add(state: State, call: Call) -> Reply:
    checklist = _checklist(state, call, values.integer(call.params.get("checklist_id")))
    return Reply(_insert_item(state, call, checklist, call.text("text")), 201)


def _show_item(state: State, call: Call) -> Reply:
    return Reply(_item(state, call))


def _change(state: State, call: Call) -> Reply:
    row = _item(state, call)
    fields: Row = {}
    if "text" in call.params:
        fields["text"] = call.text("text")
    if "checked" in call.params:
        fields["checked"] = bool(values.boolean(call.params["checked"]))
    if state.store.change(row, fields):
        row["updated_at"] = state.now()
    return Reply(row)


def _remove(state: State, call: Call) -> Reply:
    state.store.remove("checklist_items", _item(state, call)["id"])
    return Reply({})
