"""The endpoints of users."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

from runner.sandbox.zammad import access, listing, moments, people, search, user_params, values
from runner.sandbox.zammad.state import State, stamps
from runner.sandbox.zammad.wire import Call, Reply, forbidden, missing, unprocessable

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.sandbox.zammad.store import Row

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|[^@\s]+@[^@\s]+")
_ALL_UPPER = re.compile(r"[A-ZÀ-ÖØ-Þ]+")
_ASSOCIATIONS = frozenset(
    {"role_ids", "roles", "group_ids", "groups", "organization_ids", "organizations"}
)
_LOGIN_SUFFIXES = 20


def _me(state: State, call: Call) -> Reply:
    return Reply(people.present(state, call.user, expand=call.flag("expand")))


def _index(state: State, call: Call) -> Reply:
    access.require(state, call, "ticket.agent", "admin.user")
    rows = listing.page(call, state.store.tables.users, default=100)
    return Reply([people.present(state, row, expand=call.flag("expand")) for row in rows])


def _show(state: State, call: Call) -> Reply:
    row = _row(state, call)
    if row is not call.user:
        access.require(state, call, "ticket.agent", "admin.user")
    return Reply(people.present(state, row, expand=call.flag("expand")))


def _row(state: State, call: Call) -> Row:
    row = state.store.tables.users.get(call.ids[0])
    if row is None:
        raise missing("User", call.ids[0])
    return row


def _create(state: State, call: Call) -> Reply:
    access.require(state, call, "ticket.agent", "admin.user")
    params = call.params
    fields = user_params.fields_of(state, call, creating=True)
    row = {**people.blank(), **fields}
    row["role_ids"] = row["role_ids"] or _signup_roles(state)
    _name(row)
    _check_identity(state, row)
    _check_email(state, call, row, None)
    _login(state, call, row, params.get("login"))
    _assign_by_domain(state, row)
    _check_organizations(row)
    _check_agent_limit(state, row, None)
    spoken = call.user["preferences"].get("locale")
    if spoken:
        # A new user speaks like the one who makes them, whatever was sent (reference §a3).
        row["preferences"] = {**row["preferences"], "locale": spoken}
    if _agents(state, row):
        row["preferences"] = {**people.AGENT_PREFERENCES, **row["preferences"]}
    row.update(stamps(state, params, importing=call.importing, user_id=call.user["id"]))
    # Roles are assigned after the rest and touch the user (API reference §a3).
    row["updated_at"] = state.now()
    row["id"] = state.store.next_id("users")
    people.insert(state, row)
    _touch_roles(state, call, row["role_ids"])
    _set_password(state, row, params)
    return Reply(people.present(state, row, expand=call.flag("expand")), 201)


def _update(state: State, call: Call) -> Reply:
    row = _row(state, call)
    access.require(state, call, "admin.user", "ticket.agent")
    params = call.params
    fields = user_params.fields_of(state, call, creating=False)
    after = {**row, **fields}
    _name(after)
    if "email" in fields:
        _check_email(state, call, after, row["id"])
        fields["email"] = after["email"]
    _check_organizations(after)
    _check_agent_limit(state, after, row)
    fields |= {"firstname": after["firstname"], "lastname": after["lastname"]}
    if "login" in fields:
        fields["login"] = _free_login(state, call, str(fields["login"]).lower(), row["id"])
    if _agents(state, after) and not after["preferences"]:
        fields["preferences"] = people.AGENT_PREFERENCES
    people.unindex(state, row)
    changed = state.store.change(row, fields)
    people.index(state, row)
    _touch(state, call, row, changed=changed)
    _set_password(state, row, params)
    return Reply(people.present(state, row, expand=call.flag("expand")))


def _touch(state: State, call: Call, row: Row, *, changed: bool) -> None:
    """Move ``updated_at``; a sent one sticks unless associations were sent too."""
    associations = not _ASSOCIATIONS.isdisjoint(call.params)
    columns = stamps(
        state, call.params, importing=call.importing, user_id=call.user["id"], created=False
    )
    if associations:
        columns["updated_at"] = state.now()
    if call.importing and "created_at" in call.params:
        columns["created_at"] = moments.read(call.params["created_at"]) or row["created_at"]
    sent = call.importing and not {"created_at", "updated_at"}.isdisjoint(call.params)
    if changed or associations or sent:
        state.store.change(row, columns)


def _name(row: Row) -> None:
    """Split a lone name and lower shouting ones (recording, "single name is split")."""
    first, last = row["firstname"].strip(), row["lastname"].strip()
    if bool(first) != bool(last):
        first, _, last = (first or last).partition(" ")
    row["firstname"] = first.capitalize() if _shouts(first) else first
    row["lastname"] = last.capitalize() if _shouts(last) else last


def _shouts(name: str) -> bool:
    return len(name) > 1 and _ALL_UPPER.fullmatch(name) is not None


def _check_identity(state: State, row: Row) -> None:
    names = ("login", "firstname", "lastname", "phone", "mobile", "email")
    if not any(row[name] for name in names):
        wanted = state.dialect.identifiers
        raise unprocessable(f"At least one identifier ({wanted}) for user is required.")


def _check_email(state: State, call: Call, row: Row, own_id: int | None) -> None:
    """Check and lower an email; in import mode nothing is lowered and doubles are welcome."""
    email = row["email"].strip()
    row["email"] = email if call.importing else email.lower()
    if not email:
        return
    checked = not call.importing or state.dialect.emails_checked_on_import
    if checked and not _EMAIL.fullmatch(email):
        raise unprocessable(f"Invalid email '{email}'")
    if call.importing or state.settings.value("user_email_multiple_use", call.worker):
        return
    if any(holder != own_id for holder in state.store.emails.get(email.lower(), ())):
        raise unprocessable(state.dialect.email_taken.format(row["email"]))


def _login(state: State, call: Call, row: Row, wanted: Any) -> None:
    login = str(wanted or row["email"] or f"auto-{uuid.uuid4()}").strip().lower()
    row["login"] = _free_login(state, call, login, None)


def _free_login(state: State, call: Call, login: str, own_id: int | None) -> str:
    """Return the login, with a number behind it when another user has it.

    Recording 6.5 shows the suffix there too, although the source was said to refuse.
    """
    del call
    candidates = [login, *(f"{login}{number}" for number in range(1, _LOGIN_SUFFIXES + 1))]
    for candidate in candidates:
        if state.store.logins.get(candidate, own_id) == own_id:
            return candidate
    return f"{login}{uuid.uuid4()}"


def _assign_by_domain(state: State, row: Row) -> None:
    domain = row["email"].rpartition("@")[2].lower()
    if row["organization_id"] is None and domain:
        row["organization_id"] = state.store.domains.get(domain)


def _check_organizations(row: Row) -> None:
    if row["organization_ids"] and row["organization_id"] is None:
        raise unprocessable(
            "Secondary organizations are only allowed when the primary organization is given."
        )


def _agents(state: State, row: Row) -> bool:
    return access.may(state, row, "ticket.agent")


def _check_agent_limit(state: State, after: Row, before: Row | None) -> None:
    limit = values.integer(state.settings.value("system_agent_limit"))
    if limit is None or not access.is_agent(state, after):
        return
    if before is not None and access.is_agent(state, before):
        return
    agents = sum(access.is_agent(state, row) for row in state.store.tables.users.values())
    if agents >= limit:
        raise unprocessable("Agent limit exceeded, please check your account settings.")


def _signup_roles(state: State) -> list[int]:
    return [row["id"] for row in state.store.tables.roles.values() if row["default_at_signup"]]


def _touch_roles(state: State, call: Call, role_ids: list[int]) -> None:
    """Roles remember who gave them last (recording 5.2, assets of a search)."""
    for identifier in role_ids:
        fields = {"updated_by_id": call.user["id"], "updated_at": state.now()}
        state.store.change(state.store.tables.roles[identifier], fields)


def _set_password(state: State, row: Row, params: Row) -> None:
    if params.get("password"):
        state.passwords[row["id"]] = str(params["password"])


def _delete(state: State, call: Call) -> Reply:
    access.require(state, call, "admin.user")
    row = _row(state, call)
    identifier = row["id"]
    if row is call.user:
        raise forbidden()
    if row["group_ids"] or state.store.referenced("users", identifier):
        raise unprocessable("Can't delete, object has references.")
    people.remove(state, identifier)
    return Reply({})


def _search(state: State, call: Call) -> Reply:
    access.require(state, call, "ticket.agent", "admin.user")
    rows = search.find(state, call, "users", ("firstname", "lastname", "email", "login"))
    if call.flag("only_total_count"):
        return Reply({"total_count": len(rows)})
    rows.sort(key=lambda row: (row["active"], row["updated_at"], row["id"]), reverse=True)
    shown = listing.slice_of(call, rows, default=100)
    return Reply([people.present(state, row, expand=call.flag("expand")) for row in shown])


ROUTES: dict[tuple[str, str], Callable[[State, Call], Reply]] = {
    ("GET", "users"): _index,
    ("POST", "users"): _create,
    ("GET", "users/me"): _me,
    ("GET", "users/search"): _search,
    ("POST", "users/search"): _search,
    ("GET", "users/:id"): _show,
    ("PUT", "users/:id"): _update,
    ("DELETE", "users/:id"): _delete,
}
