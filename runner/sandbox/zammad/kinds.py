"""The small objects of Zammad: their columns, rights and rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.zammad import named, values
from runner.sandbox.zammad.state import State
from runner.sandbox.zammad.wire import Call, Reply, unprocessable

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.sandbox.zammad.dialect import Dialect
    from runner.sandbox.zammad.store import Row

_ANYBODY_WORKING = ("ticket.agent", "ticket.customer", "admin")


def routes(dialect: Dialect) -> dict[tuple[str, str], Callable[[State, Call], Reply]]:
    """Return the endpoints of all small objects in one version."""
    organization, group = _organization(dialect), _group(dialect)
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


def _organization(dialect: Dialect) -> named.Kind:
    return named.Kind(
        table="organizations",
        model="Organization",
        read=("ticket.agent", "ticket.customer", "admin.organization"),
        write=("ticket.agent", "admin.organization"),
        defaults={
            "name": "",
            "shared": True,
            "domain": "",
            "domain_assignment": False,
            "active": True,
            **dialect.organization_extras,
            "note": "",
        },
        cut_at=100,
        attributes="Organization",
        show=show_organization,
        check=_check_organization,
        stored=_index_domain,
        in_use=lambda state, row: bool(state.store.members.get(row["id"])),
    )


def show_organization(state: State, row: Row) -> Row:
    """Return an organization with its members."""
    result = dict(row)
    primary: list[int] = []
    secondary: list[int] = []
    for identifier in sorted(state.store.members.get(row["id"], ())):
        user = state.store.tables.users[identifier]
        (primary if user["organization_id"] == row["id"] else secondary).append(identifier)
    for attribute in state.added_attributes.get("Organization", ()):
        result.setdefault(attribute["name"], None)
    return {**result, "member_ids": primary, "secondary_member_ids": secondary}


def _check_organization(state: State, call: Call, row: Row, before: Row | None) -> None:
    del state, call, before
    if row["domain_assignment"] and not row["domain"]:
        raise unprocessable("Domain can't be blank")


def _index_domain(state: State, call: Call, row: Row, before: Row | None) -> None:
    del call
    domains = state.store.domains
    if before is not None and domains.get(before["domain"].lower()) == row["id"]:
        del domains[before["domain"].lower()]
    if row["domain_assignment"] and row["active"]:
        domains.setdefault(row["domain"].lower(), row["id"])


def _group(dialect: Dialect) -> named.Kind:
    return named.Kind(
        table="groups",
        model="Group",
        read=("ticket.agent", "ticket.customer", "admin"),
        write=("admin.group",),
        defaults={
            "signature_id": None,
            "email_address_id": None,
            "name": "",
            **dict.fromkeys(dialect.group_extras),
            "assignment_timeout": None,
            "follow_up_possible": "yes",
            "follow_up_assignment": True,
            "active": True,
            "shared_drafts": True,
            "note": None,
        },
        cut_at=160,
        relations=("signature", "email_address"),
        attributes="Group",
        show=show_group,
        check=_check_group if dialect.nested_groups else _nothing,
        stored=_rename_inner_groups if dialect.nested_groups else _nothing,
        in_use=lambda state, row: bool(state.store.group_users.get(row["id"])),
    )


def _nothing(state: State, call: Call, row: Row, before: Row | None) -> None:
    del state, call, row, before


def show_group(state: State, row: Row) -> Row:
    """Return a group with the users who have access to it, inactive ones too."""
    result = dict(row)
    for attribute in state.added_attributes.get("Group", ()):
        result.setdefault(attribute["name"], None)
    return {**result, "user_ids": sorted(state.store.group_users.get(row["id"], ()))}


def _check_group(state: State, call: Call, row: Row, before: Row | None) -> None:
    """Work out name, last name and parent of a group (recordings 6.5, "group under a group…")."""
    sent = call.params
    groups = state.store.tables.groups
    if sent.get("name_last"):
        if "::" in str(sent["name_last"]):
            raise unprocessable(
                "Name last No double colons (::) allowed, reserved delimiter", human=True
            )
        row["name_last"] = str(sent["name_last"])
    elif sent.get("name") and (before is None or sent["name"] != before["name"]):
        path, _, row["name_last"] = str(sent["name"]).rpartition("::")
        if path:
            row["parent_id"] = state.store.names["groups"].get(path.lower())
            if row["parent_id"] is None:
                raise unprocessable("Name contains invalid path")
    parent = groups.get(values.integer(row["parent_id"]) or 0)
    row["name"] = f"{parent['name']}::{row['name_last']}" if parent else row["name_last"] or ""


def _rename_inner_groups(state: State, call: Call, row: Row, before: Row | None) -> None:
    del call
    if before is None or before["name"] == row["name"]:
        return
    names = state.store.names["groups"]
    old, new = f"{before['name']}::", f"{row['name']}::"
    for group in state.store.tables.groups.values():
        if group["name"].startswith(old):
            del names[group["name"].lower()]
            group["name"] = new + group["name"].removeprefix(old)
            names[group["name"].lower()] = group["id"]


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
