"""The checks that hold for tickets even in import mode (API reference §0, fact 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.zammad import access, values
from runner.sandbox.zammad.wire import Call, Failure, forbidden, unprocessable

if TYPE_CHECKING:
    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row

NOBODY = 1
_NEW, _OPEN, _REMINDER, _ACTION, _CLOSED = 1, 2, 3, 4, 5
_ON_CREATE = frozenset({_NEW, _OPEN, _REMINDER, _ACTION, _CLOSED})
_ON_EDIT = _ON_CREATE - {_NEW}
_PENDING = frozenset({_REMINDER, _ACTION})
_SEEDED_STATES = 7


def check_create(state: State, call: Call, row: Row) -> None:
    """Check a ticket that is about to be created.

    Raises:
        Failure: 403 when the caller may not create in the group, else 422.
    """
    if row["group_id"] is None:
        raise unprocessable("The required value 'group_id' is missing.")
    agent = access.is_agent(state, call.user)
    if agent and not access.group_access(state, call.user, row["group_id"], "create"):
        raise forbidden()
    if not agent and not access.may(state, call.user, "ticket.customer"):
        raise forbidden()
    for name in ("customer_id", "title"):
        if not row[name]:
            human = state.dialect.required_by_database
            raise unprocessable(state.dialect.required.format(name), human=human)
    _check_group(state, row)
    _check_owner(state, row)
    _check_state(state, row, _ON_CREATE)
    _check_priority(state, row)
    _check_choices(state, call, row, row)


def check_update(state: State, call: Call, before: Row, after: Row) -> None:
    """Check a ticket that is about to be changed; only what differs is looked at.

    Raises:
        Failure: 422.
    """
    changed = {name for name, value in after.items() if before.get(name) != value}
    if not after["title"]:
        raise unprocessable(state.dialect.required.format("title"), human=False)
    if "group_id" in changed:
        _check_group(state, after)
        if not access.group_access(state, call.user, after["group_id"], "create", "change"):
            raise _refused(after["group_id"], "group_id")
    if "owner_id" in changed:
        _check_owner(state, after)
    if "state_id" in changed:
        _check_state(state, after, _ON_EDIT)
    if "priority_id" in changed:
        _check_priority(state, after)
    _check_choices(state, call, after, {name: after[name] for name in changed})


def is_pending(state: State, state_id: int) -> bool:
    """Return whether a ticket in this state waits for a time."""
    return state.store.tables.ticket_states[state_id]["state_type_id"] in _PENDING


def is_closed(state: State, state_id: int) -> bool:
    """Return whether a ticket in this state is done."""
    return bool(state.store.tables.ticket_states[state_id]["state_type_id"] == _CLOSED)


def _refused(value: object, field: str) -> Failure:
    return unprocessable(f"Invalid value '{value}' for field '{field}'!", human=False)


def _check_group(state: State, row: Row) -> None:
    group = state.store.tables.groups.get(row["group_id"])
    if group is None or not group["active"]:
        raise _refused(row["group_id"], "group_id")


def _check_owner(state: State, row: Row) -> None:
    """The owner is nobody, or an active agent with full access to the group."""
    if row["owner_id"] == NOBODY:
        return
    owner = state.store.tables.users.get(row["owner_id"])
    if owner is None or not access.group_access(state, owner, row["group_id"]):
        raise _refused(row["owner_id"], "owner_id")


def _check_state(state: State, row: Row, allowed: frozenset[int]) -> None:
    """The state is on the screen's list; on 5.2 that list knows the seeded states only."""
    found = state.store.tables.ticket_states[row["state_id"]]
    usable = state.dialect.custom_states_usable or found["id"] <= _SEEDED_STATES
    if not usable or not found["active"] or found["state_type_id"] not in allowed:
        raise _refused(row["state_id"], "state_id")
    if found["state_type_id"] in _PENDING and not row["pending_time"]:
        raise unprocessable("Missing required value for field 'pending_time'!", human=False)


def _check_priority(state: State, row: Row) -> None:
    if not state.store.tables.ticket_priorities[row["priority_id"]]["active"]:
        raise _refused(row["priority_id"], "priority_id")


def _check_choices(state: State, call: Call, row: Row, fields: Row) -> None:
    """Refuse select values that are no option, where the version does so."""
    if not state.dialect.unknown_choices_refused:
        return
    for attribute in values.active_attributes(state, "Ticket", call.worker):
        name = attribute["name"]
        allowed = values.choices(attribute) if name in fields else None
        given = row.get(name)
        if allowed is None or not given:
            continue
        for item in given if isinstance(given, list) else [given]:
            if item not in allowed:
                raise _refused(item, name)
