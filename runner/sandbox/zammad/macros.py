"""Macros: what an agent's one click does to a ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.zammad import named
from runner.sandbox.zammad.wire import Call, unprocessable

if TYPE_CHECKING:
    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row

_NEEDED_OF_A_NOTE = ("body", "subject", "internal")


def _check(state: State, call: Call, row: Row, before: Row | None) -> None:
    """Refuse a macro that does nothing, and a note that lacks a part.

    The first is recorded (6.5, "macro without actions"); the second is how Zammad checks what
    triggers, jobs and macros perform.
    """
    del state, call, before
    if not row["perform"]:
        raise unprocessable("Attribute 'perform\" of relation \"macros' required!")
    note = row["perform"].get("article.note")
    for part in _NEEDED_OF_A_NOTE if note else ():
        if not note.get(part):
            raise unprocessable(f"Invalid perform article.note, {part} is missing!")


MACRO = named.Kind(
    table="macros",
    model="Macro",
    read=("ticket.agent", "admin.macro"),
    write=("admin.macro",),
    defaults={
        "name": "",
        "perform": {},
        "active": True,
        "ux_flow_next_up": "none",
        "note": None,
        "group_ids": [],
    },
    check=_check,
)


def fill(state: State, by: Row) -> None:
    """Create the macro of a fresh installation."""
    row = {
        "id": 1,
        **MACRO.defaults,
        "name": "Close & Tag as Spam",
        "perform": {
            "ticket.state_id": {"value": state.store.names["ticket_states"]["closed"]},
            "ticket.tags": {"operator": "add", "value": "spam"},
            "ticket.owner_id": {"pre_condition": "current_user.id", "value": ""},
        },
        "ux_flow_next_up": "next_task",
        **by,
    }
    state.store.insert("macros", row)
    state.store.names["macros"][row["name"].lower()] = row["id"]
