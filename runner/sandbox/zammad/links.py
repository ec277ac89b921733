"""Links between tickets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.sandbox.zammad import access, values
from runner.sandbox.zammad.wire import Call, Reply, forbidden, missing, unprocessable

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row

_TYPES = {"normal": 1, "parent": 2, "child": 3}
_OTHER_SIDE = {"normal": "normal", "parent": "child", "child": "parent"}
_TICKET = 1


def add(state: State, kind: str, source_id: int, target_id: int) -> Row:
    """Link two tickets: the source is ``kind`` of the target; both move.

    An existing link is refused (5.2) or answered without an id (6.5), as recorded.

    Raises:
        Failure: 422.
    """
    if kind not in _TYPES:
        raise unprocessable(f"Invalid link type '{kind}'")
    row: Row = {
        "id": None,
        "link_type_id": _TYPES[kind],
        "link_object_source_id": _TICKET,
        "link_object_source_value": source_id,
        "link_object_target_id": _TICKET,
        "link_object_target_value": target_id,
        "created_at": None,
        "updated_at": None,
    }
    if _existing(state, row) is not None:
        if state.dialect.link_again_allowed:
            return row
        raise unprocessable(state.dialect.object_taken)
    now = state.now()
    row |= {"id": state.store.next_id("links"), "created_at": now, "updated_at": now}
    state.store.insert("links", row)
    for identifier in (source_id, target_id):
        state.store.tables.tickets[identifier]["updated_at"] = now
        state.store.ticket_links[identifier].append(row["id"])
    return row


def _existing(state: State, wanted: Row) -> Row | None:
    keys = ("link_type_id", "link_object_source_value", "link_object_target_value")
    for row in _links(state, wanted["link_object_source_value"]):
        if all(row[key] == wanted[key] for key in keys):
            return row
    return None


def _links(state: State, ticket_id: int) -> list[Row]:
    rows = state.store.tables.links
    return [rows[number] for number in state.store.ticket_links.get(ticket_id, ())]


def remove(state: State, row: Row) -> None:
    """Take a link away from both tickets."""
    state.store.remove("links", row["id"])
    for end in ("link_object_source_value", "link_object_target_value"):
        state.store.ticket_links[row[end]].remove(row["id"])


def add_all(state: State, ticket: Row, given: Any) -> None:
    """Link a new ticket as its ``links`` say: ``{"Ticket": {"child": [3]}}``."""
    wanted = given.get("Ticket") if isinstance(given, dict) else None
    for kind, numbers in (wanted or {}).items():
        for number in numbers:
            target = state.row("tickets", values.integer(number))
            if target is not None:
                add(state, kind, ticket["id"], target["id"])


def of_ticket(state: State, identifier: int) -> list[Row]:
    """Return what a ticket is linked with and what the other one is to it."""
    names = {number: name for name, number in _TYPES.items()}
    found = []
    for row in _links(state, identifier):
        kind = names[row["link_type_id"]]
        if row["link_object_source_value"] == identifier:
            other, seen = row["link_object_target_value"], _OTHER_SIDE[kind]
        else:
            other, seen = row["link_object_source_value"], kind
        found.append({"link_type": seen, "link_object": "Ticket", "link_object_value": other})
    return found


def _ticket(state: State, call: Call, identifier: Any, level: str) -> Row:
    row = state.row("tickets", values.integer(identifier))
    if row is None:
        raise missing("Ticket", identifier)
    if not access.may_see_ticket(state, call.user, row, level):
        raise forbidden()
    return row


def _add(state: State, call: Call) -> Reply:
    number = call.text("link_object_source_number")
    source_id = state.store.numbers.get(number)
    if source_id is None:
        raise missing("Ticket", number)
    source = _ticket(state, call, source_id, "read")
    target = _ticket(state, call, call.params.get("link_object_target_value"), "change")
    return Reply(add(state, call.text("link_type"), source["id"], target["id"]), 201)


def _index(state: State, call: Call) -> Reply:
    ticket = _ticket(state, call, call.params.get("link_object_value"), "read")
    return Reply(of_ticket(state, ticket["id"]))


def _remove(state: State, call: Call) -> Reply:
    source = _ticket(state, call, call.params.get("link_object_source_value"), "read")
    target = _ticket(state, call, call.params.get("link_object_target_value"), "change")
    wanted = {
        "link_type_id": _TYPES.get(call.text("link_type")),
        "link_object_source_value": source["id"],
        "link_object_target_value": target["id"],
    }
    row = _existing(state, wanted)
    if row is not None:
        remove(state, row)
        source["updated_at"] = target["updated_at"] = state.now()
    return Reply(body=True, status=201)


ROUTES: dict[tuple[str, str], Callable[[State, Call], Reply]] = {
    ("GET", "links"): _index,
    ("POST", "links/add"): _add,
    ("DELETE", "links/remove"): _remove,
}
