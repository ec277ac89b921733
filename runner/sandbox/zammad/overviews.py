"""Overviews: the lists of tickets that agents and customers work from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runner.sandbox.zammad import named
from runner.sandbox.zammad.wire import Call, unprocessable

if TYPE_CHECKING:
    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row

_SHIPPED = (
    "My Assigned Tickets",
    "Unassigned & Open Tickets",
    "My Pending Reached Tickets",
    "My Subscribed Tickets",
    "Open Tickets",
    "Pending Reached Tickets",
    "Escalated Tickets",
    "My Replacement Tickets",
    "My Tickets",
    "My Organization Tickets",
)


def _check(state: State, call: Call, row: Row, before: Row | None) -> None:
    """Give a new overview its address; refuse one that nobody would see."""
    del call
    if not row["role_ids"]:
        raise unprocessable("Roles can't be blank")
    if before is None:
        row["link"] = _link(state, row["name"])


def _link(state: State, name: str) -> str:
    """Return the name as part of an address that no other overview has."""
    wanted = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    taken = {row["link"] for row in state.store.tables.overviews.values()}
    free, number = wanted, 1
    while free in taken:
        free, number = f"{wanted}_{number}", number + 1
    return free


OVERVIEW = named.Kind(
    table="overviews",
    model="Overview",
    read=("ticket.agent", "admin.overview"),
    write=("admin.overview",),
    defaults={
        "name": "",
        "link": "",
        "prio": 0,
        "condition": {},
        "order": {},
        "group_by": None,
        "group_direction": None,
        "organization_shared": False,
        "out_of_office": False,
        "view": {},
        "active": True,
        "role_ids": [],
        "user_ids": [],
    },
    unique=False,
    check=_check,
)


def fill(state: State, by: Row) -> None:
    """Create the overviews of a fresh installation; recorded is that there are ten of them."""
    for identifier, name in enumerate(_SHIPPED, start=1):
        row = {"id": identifier, **OVERVIEW.defaults, "name": name, "role_ids": [2], **by}
        row["link"] = _link(state, name)
        state.store.insert("overviews", row)
        state.store.names["overviews"][name.lower()] = identifier
