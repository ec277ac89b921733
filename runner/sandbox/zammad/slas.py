"""SLAs: how soon a ticket has to be answered, in minutes of a calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.zammad import named
from runner.sandbox.zammad.wire import Call, unprocessable

if TYPE_CHECKING:
    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row


def _check(state: State, call: Call, row: Row, before: Row | None) -> None:
    """Refuse times that exclude each other (recording 6.5, "sla with response and update …")."""
    del state, call, before
    if row["response_time"] and row["update_time"]:
        raise unprocessable("Cannot have both response time and update time.")


SLA = named.Kind(
    table="slas",
    model="Sla",
    read=("admin.sla",),
    write=("admin.sla",),
    defaults={
        "calendar_id": None,
        "name": "",
        "first_response_time": None,
        "response_time": None,
        "update_time": None,
        "solution_time": None,
        "condition": {},
        "data": {},
    },
    check=_check,
)
