"""Organizations and groups: their columns, rules, members and names inside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.zammad import named, values
from runner.sandbox.zammad.wire import Call, unprocessable

if TYPE_CHECKING:
    from runner.sandbox.zammad.dialect import Dialect
    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row


def organization(dialect: Dialect) -> named.Kind:
    """Return what organizations are in one version."""
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


def group(dialect: Dialect) -> named.Kind:
    """Return what groups are in one version."""
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
