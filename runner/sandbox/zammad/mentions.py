"""Watchers of tickets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.sandbox.zammad import access, values
from runner.sandbox.zammad.state import State, stamps
from runner.sandbox.zammad.wire import Call, Reply, forbidden, missing, unprocessable

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.sandbox.zammad.store import Row


def read(state: State, ticket: Row, given: Any) -> list[int]:
    """Return who of a new ticket's ``mentions`` watches it, before anything is stored.

    Raises:
        Failure: one has no access; 5.2 leaves such people out silently (API reference §b9).
    """
    found = []
    for number in given if isinstance(given, list) else []:
        user = state.row("users", values.integer(number))
        if user is not None and _may_watch(state, user, ticket):
            found.append(user["id"])
        elif state.dialect.mention_answers_true:
            raise unprocessable("User has no agent access to this ticket")
    return found


def add_all(state: State, call: Call, ticket: Row, people: list[int]) -> None:
    """Let users watch a new ticket."""
    for user_id in people:
        _add(state, call, ticket, user_id)


def _may_watch(state: State, user: Row, ticket: Row) -> bool:
    return access.group_access(state, user, ticket["group_id"], "read", "change")


def _add(state: State, call: Call, ticket: Row, user_id: int) -> Row:
    row = {
        "id": state.store.next_id("mentions"),
        "mentionable_type": "Ticket",
        "mentionable_id": ticket["id"],
        "user_id": user_id,
        **stamps(state, {}, importing=False, user_id=call.user["id"]),
    }
    state.store.insert("mentions", row)
    state.store.ticket_mentions[ticket["id"]].append(row["id"])
    ticket["updated_at"] = row["updated_at"]
    return row


def _ticket(state: State, call: Call) -> Row:
    identifier = values.integer(call.params.get("mentionable_id"))
    ticket = state.row("tickets", identifier)
    if call.params.get("mentionable_type") != "Ticket" or ticket is None:
        raise missing("Ticket", identifier)
    return ticket


def _watchers(state: State, ticket: Row) -> list[Row]:
    rows = state.store.tables.mentions
    return [rows[number] for number in state.store.ticket_mentions.get(ticket["id"], ())]


def _create(state: State, call: Call) -> Reply:
    ticket = _ticket(state, call)
    if not _may_watch(state, call.user, ticket):
        raise forbidden("Not authorized (user)!")
    if any(row["user_id"] == call.user["id"] for row in _watchers(state, ticket)):
        raise unprocessable(state.dialect.object_taken)
    row = _add(state, call, ticket, call.user["id"])
    return Reply(state.dialect.mention_answers_true or row, 201)


def _index(state: State, call: Call) -> Reply:
    ticket = _ticket(state, call)
    if not _may_watch(state, call.user, ticket):
        raise forbidden("Not authorized (user)!")
    return Reply({"mentions": _watchers(state, ticket)})


def _delete(state: State, call: Call) -> Reply:
    row = state.row("mentions", call.ids[0])
    if row is None:
        raise missing("Mention", call.ids[0])
    if row["user_id"] != call.user["id"]:
        raise forbidden("Not authorized (user)!")
    state.store.remove("mentions", row["id"])
    state.store.ticket_mentions[row["mentionable_id"]].remove(row["id"])
    state.store.tables.tickets[row["mentionable_id"]]["updated_at"] = state.now()
    return Reply({})


ROUTES: dict[tuple[str, str], Callable[[State, Call], Reply]] = {
    ("POST", "mentions"): _create,
    ("GET", "mentions"): _index,
    ("DELETE", "mentions/:id"): _delete,
}
