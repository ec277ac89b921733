"""The small objects of Zammad: their columns, rights and rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.zammad import (
    calendars,
    directory,
    macros,
    named,
    overviews,
    slas,
    text_modules,
)
from runner.sandbox.zammad.state import State
from runner.sandbox.zammad.wire import Call, Reply, unprocessable

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.sandbox.zammad.dialect import Dialect
    from runner.sandbox.zammad.store import Row

_ANYBODY_WORKING = ("ticket.agent", "ticket.customer", "admin")


def routes(dialect: Dialect) -> dict[tuple[str, str], Callable[[State, Call], Reply]]:
    """Return the endpoints of all small objects in one version."""
    organization, group = directory.organization(dialect), directory.group(dialect)
    found = {
        **named.routes("organizations", organization),
        **named.routes("groups", group),
        **named.routes("roles", _ROLE),
        **named.routes("ticket_states", _STATE),
        **named.routes("ticket_priorities", _PRIORITY),
        **named.routes("triggers", _rule("triggers", "Trigger", "admin.trigger")),
        **named.routes("jobs", _rule("jobs", "Job", "admin.scheduler")),
        **named.routes("signatures", _SIGNATURE),
        **named.routes("email_addresses", _EMAIL_ADDRESS),
        **named.routes("text_modules", text_modules.TEXT_MODULE),
        **named.routes("macros", macros.MACRO),
        **named.routes("slas", slas.SLA),
        **named.routes("overviews", overviews.OVERVIEW),
        **calendars.routes(),
    }
    # There is no way to delete a role over REST (API reference §c).
    del found["DELETE", "roles/:id"]
    for method in ("GET", "POST"):
        found[method, "organizations/search"] = named.searching(organization)
        if dialect.nested_groups:
            found[method, "groups/search"] = named.searching(group)
    if dialect.time_accountings:
        found.update(named.routes("time_accounting/types", _TIME_TYPE))
    return found


def _check_role(state: State, call: Call, row: Row, before: Row | None) -> None:
    ids = state.dialect.permission_ids
    names_by_id = {number: name for name, number in ids.items()}
    if "permissions" in call.params:
        wanted = [str(name) for name in call.params["permissions"] or []]
        row["permissions"] = wanted
        row["permission_ids"] = [ids.get(name, 100 + len(name)) for name in wanted]
    elif "permission_ids" in call.params:
        row["permission_ids"] = [int(number) for number in call.params["permission_ids"] or []]
        row["permissions"] = [
            names_by_id[number] for number in row["permission_ids"] if number in names_by_id
        ]
    elif before is None:
        row["permissions"] = []


def show_role(state: State, row: Row) -> Row:
    """Return a role; its permissions go by number."""
    del state
    return {name: value for name, value in row.items() if name != "permissions"}


_ROLE = named.Kind(
    table="roles",
    model="Role",
    read=("admin.role", "ticket.agent", "admin"),
    write=("admin.role",),
    defaults={
        "name": "",
        "preferences": {},
        "default_at_signup": False,
        "active": True,
        "note": "",
        "permission_ids": [],
        "knowledge_base_permission_ids": [],
        "group_ids": {},
        "permissions": [],
    },
    cut_at=100,
    show=show_role,
    check=_check_role,
)


def _check_state(state: State, call: Call, row: Row, before: Row | None) -> None:
    del state, call, before
    if row["state_type_id"] not in range(1, 8):
        raise unprocessable("Invalid value for param 'state_type_id'")


def _one_default(table: str) -> Callable[[State, Call, Row, Row | None], None]:
    """Return a function that keeps the default flags of a table to one row each."""

    def stored(state: State, call: Call, row: Row, before: Row | None) -> None:
        del call, before
        for flag in ("default_create", "default_follow_up"):
            if row.get(flag):
                for other in state.store.tables.named(table).values():
                    if other is not row and flag in other:
                        other[flag] = False

    return stored


_STATE = named.Kind(
    table="ticket_states",
    model="Ticket::State",
    read=_ANYBODY_WORKING,
    write=("admin.object", "admin.ticket_state"),
    defaults={
        "state_type_id": None,
        "name": "",
        "next_state_id": None,
        "ignore_escalation": False,
        "default_create": False,
        "default_follow_up": False,
        "note": None,
        "active": True,
    },
    check=_check_state,
    stored=_one_default("ticket_states"),
)
_PRIORITY = named.Kind(
    table="ticket_priorities",
    model="Ticket::Priority",
    read=_ANYBODY_WORKING,
    write=("admin.object", "admin.ticket_priority"),
    defaults={
        "name": "",
        "default_create": False,
        "ui_icon": None,
        "ui_color": None,
        "note": None,
        "active": True,
    },
    stored=_one_default("ticket_priorities"),
)
_SIGNATURE = named.Kind(
    table="signatures",
    model="Signature",
    read=("ticket.agent", "admin.channel_email"),
    write=("admin.channel_email",),
    defaults={"name": "", "body": None, "note": None, "active": True},
)
_TIME_TYPE = named.Kind(
    table="time_accounting_types",
    model="Ticket::TimeAccounting::Type",
    read=("ticket.agent", "admin.time_accounting"),
    write=("admin.time_accounting",),
    defaults={"name": "", "note": None, "active": True},
)


def _rule(table: str, model: str, permission: str) -> named.Kind:
    """Return triggers or jobs: things with a condition and what to perform."""
    defaults: Row = {"name": "", "condition": {}, "perform": {}, "active": True, "note": None}
    if table == "triggers":
        defaults |= {"activator": "action", "execution_condition_mode": "selective"}
    else:
        defaults |= {"timeplan": {}}
    return named.Kind(
        table=table, model=model, read=(permission,), write=(permission,), defaults=defaults
    )


def _check_email_address(state: State, call: Call, row: Row, before: Row | None) -> None:
    """An address without a channel cannot send: it is switched off outside and in import mode."""
    del before
    if call.params.get("realname"):
        row["name"] = str(call.params["realname"])
    if state.row("channels", row["channel_id"]) is None:
        row["active"] = False


_EMAIL_ADDRESS = named.Kind(
    table="email_addresses",
    model="EmailAddress",
    read=("ticket.agent", "admin.channel_email"),
    write=("admin.channel_email",),
    defaults={
        "channel_id": None,
        "name": "",
        "email": "",
        "active": True,
        "note": None,
        "preferences": {},
    },
    unique=False,
    check=_check_email_address,
)
