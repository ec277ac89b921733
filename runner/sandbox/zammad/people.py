"""Users as rows: blank values, indexes, and how they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.sandbox.zammad import access

if TYPE_CHECKING:
    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row


def _notifications() -> Row:
    channel = {"email": True, "online": True}
    first = {"owned_by_me": True, "owned_by_nobody": True, "subscribed": True, "no": False}
    later = {"owned_by_me": True, "owned_by_nobody": False, "subscribed": False, "no": False}
    matrix = {
        "create": {"criteria": first, "channel": channel},
        "update": {"criteria": first, "channel": channel},
        "reminder_reached": {"criteria": later, "channel": channel},
        "escalation": {"criteria": later, "channel": channel},
    }
    return {"notification_config": {"matrix": matrix}}


AGENT_PREFERENCES = _notifications()
"""What Zammad gives every new agent; shared, so never change it in place."""

TEXT_LIMITS = {
    "login": 255,
    "firstname": 100,
    "lastname": 100,
    "email": 255,
    "web": 100,
    "phone": 100,
    "fax": 100,
    "mobile": 100,
    "department": 200,
    "street": 120,
    "zip": 100,
    "city": 100,
    "country": 100,
    "address": 500,
    "note": 5000,
    "source": 200,
}
"""Text columns of users and the length at which they are cut."""


def blank() -> Row:
    """Return a user without anything, in the order in which Zammad shows it."""
    return {
        "id": 0,
        "organization_id": None,
        "login": "",
        "firstname": "",
        "lastname": "",
        "email": "",
        "image": None,
        "image_source": None,
        "web": "",
        "phone": "",
        "fax": "",
        "mobile": "",
        "department": None,
        "street": "",
        "zip": "",
        "city": "",
        "country": "",
        "address": None,
        "vip": False,
        "verified": False,
        "active": True,
        "note": "",
        "last_login": None,
        "source": None,
        "login_failed": 0,
        "out_of_office": False,
        "out_of_office_start_at": None,
        "out_of_office_end_at": None,
        "out_of_office_replacement_id": None,
        "preferences": {},
        "role_ids": [],
        "organization_ids": [],
        "group_ids": {},
    }


def insert(state: State, row: Row) -> Row:
    """Store a user and enter it in every index."""
    state.store.insert("users", row)
    index(state, row)
    return row


def index(state: State, row: Row) -> None:
    """Enter a user's login, email, organizations and groups."""
    store = state.store
    store.logins[row["login"].lower()] = row["id"]
    if row["email"]:
        store.emails[row["email"].lower()].append(row["id"])
    for organization in _organizations(row):
        store.members[organization].add(row["id"])
    for group in row["group_ids"]:
        store.group_users[int(group)].add(row["id"])


def unindex(state: State, row: Row) -> None:
    """Take a user out of every index."""
    store = state.store
    if store.logins.get(row["login"].lower()) == row["id"]:
        del store.logins[row["login"].lower()]
    if row["email"]:
        holders = store.emails[row["email"].lower()]
        holders.remove(row["id"])
        if not holders:
            del store.emails[row["email"].lower()]
    for organization in _organizations(row):
        store.members[organization].discard(row["id"])
    for group in row["group_ids"]:
        store.group_users[int(group)].discard(row["id"])


def _organizations(row: Row) -> list[int]:
    found = list(row["organization_ids"])
    if row["organization_id"] is not None:
        found.append(row["organization_id"])
    return found


def remove(state: State, identifier: int) -> None:
    """Forget a user."""
    row = state.store.remove("users", identifier)
    unindex(state, row)
    state.passwords.pop(identifier, None)
    pictures = state.store.tables.avatars
    for number in [number for number, one in pictures.items() if one["o_id"] == identifier]:
        del pictures[number]


def shown(state: State, row: Row) -> Row:
    """Return a user as Zammad shows it.

    Only active agents show their groups (recording, "inactive agent").
    """
    result = dict(row)
    roles = result.pop("role_ids")
    groups = result.pop("group_ids")
    organizations = result.pop("organization_ids")
    for attribute in state.added_attributes.get("User", ()):
        result.setdefault(attribute["name"], None)
    result["role_ids"] = roles
    for name in state.dialect.user_lists:
        result[name] = organizations if name == "organization_ids" else []
    result["group_ids"] = groups if access.is_agent(state, row) else {}
    return result


def expanded(state: State, row: Row) -> Row:
    """Return a user with the names of what he refers to."""
    tables = state.store.tables
    result = shown(state, row)
    result["roles"] = [tables.roles[identifier]["name"] for identifier in row["role_ids"]]
    result["groups"] = {
        tables.groups[int(identifier)]["name"]: held
        for identifier, held in result["group_ids"].items()
    }
    organization = tables.organizations.get(row["organization_id"])
    if organization:
        result["organization"] = organization["name"]
    result["organizations"] = [
        tables.organizations[identifier]["name"] for identifier in row["organization_ids"]
    ]
    result["created_by"] = state.login(row["created_by_id"])
    result["updated_by"] = state.login(row["updated_by_id"])
    return result


def present(state: State, row: Row, *, expand: bool) -> Any:
    """Return a user, with names when ``expand`` is on."""
    return expanded(state, row) if expand else shown(state, row)
