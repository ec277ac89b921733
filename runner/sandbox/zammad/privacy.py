"""Erasure of users and tickets: asked for now, carried out a moment later."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from runner.sandbox.zammad import access, people, ticket_rows, values
from runner.sandbox.zammad.state import State, stamps
from runner.sandbox.zammad.wire import Call, Reply, missing, unprocessable

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.sandbox.zammad.store import Row

_SYSTEM = 1
_IN_PROCESS, _COMPLETED = "in process", "completed"
_WORD = re.compile(r"\w+")


def carry_out(state: State) -> None:
    """Complete the tasks whose time has come; called before every request."""
    if not state.privacy_due:
        return
    now = time.monotonic()
    for identifier, due in list(state.privacy_due.items()):
        if due <= now:
            del state.privacy_due[identifier]
            _carry_out(state, state.store.tables.data_privacy_tasks[identifier])


def _carry_out(state: State, task: Row) -> None:
    target = task["deletable_id"]
    if task["deletable_type"] == "Ticket":
        if target in state.store.tables.tickets:
            ticket_rows.remove(state, target)
    elif target in state.store.tables.users:
        for ticket_id in list(state.store.customer_tickets.get(target, ())):
            ticket_rows.remove(state, ticket_id)
        _hand_over(state, target)
        people.remove(state, target)
    task |= {"state": _COMPLETED, "updated_at": state.now()}


def _hand_over(state: State, user_id: int) -> None:
    """Give what the user made or owns to the system."""
    columns = ("owner_id", "created_by_id", "updated_by_id", "user_id", "origin_by_id")
    tables = vars(state.store.tables).values()
    for table in tables:
        for row in table.values() if isinstance(table, dict) else ():
            if isinstance(row, dict):
                held = [name for name in columns if row.get(name) == user_id]
                state.store.change(row, dict.fromkeys(held, _SYSTEM))
    for article in state.store.tables.articles.items_by_id.values():
        for name in ("created_by_id", "updated_by_id", "origin_by_id"):
            if getattr(article, name) == user_id:
                setattr(article, name, _SYSTEM)
                state.store.references["users", user_id] -= 1
                state.store.references["users", _SYSTEM] += 1


def _create(state: State, call: Call) -> Reply:
    access.require(state, call, "admin.data_privacy")
    kind = call.text("deletable_type")
    target = values.integer(call.params.get("deletable_id"))
    kinds = ("User", "Ticket") if state.dialect.privacy_counts else ("User",)
    if kind not in kinds or target is None:
        raise unprocessable("Data privacy task allows to delete a user only.")
    if state.row("users" if kind == "User" else "tickets", target) is None:
        raise missing(kind, target)
    _check(state, call, kind, target)
    given = call.params.get("preferences")
    row = {
        "id": state.store.next_id("data_privacy_tasks"),
        "state": _IN_PROCESS,
        "deletable_type": kind,
        "deletable_id": target,
        "preferences": {
            **(given if isinstance(given, dict) else {}),
            **(_about_user(state, target) if kind == "User" else _about_ticket(state, target)),
        },
        **stamps(state, {}, importing=False, user_id=call.user["id"]),
    }
    state.store.insert("data_privacy_tasks", row)
    state.privacy_due[row["id"]] = time.monotonic() + state.privacy_seconds
    return Reply(row, 201)


def _check(state: State, call: Call, kind: str, target: int) -> None:
    """Refuse what may not be erased.

    Raises:
        Failure: 422 for the system, oneself, the last administrator and a repetition.
    """
    for task in state.store.tables.data_privacy_tasks.values():
        same = task["deletable_type"] == kind and task["deletable_id"] == target
        if same and task["state"] == _IN_PROCESS:
            raise unprocessable("Selected object is already queued for deletion.")
    if kind != "User":
        return
    if target == _SYSTEM:
        raise unprocessable("It is not possible to delete the system user.")
    if target == call.user["id"]:
        raise unprocessable("It is not possible to delete your current account.")
    users = state.store.tables.users
    administrators = [
        row["id"] for row in users.values() if row["active"] and access.may(state, row, "admin")
    ]
    if administrators == [target]:
        raise unprocessable("It is not possible to delete the last admin account.")


def _about_user(state: State, target: int) -> Row:
    tables = state.store.tables
    user = tables.users[target]
    organization = tables.organizations.get(user["organization_id"])
    customer = sorted(state.store.customer_tickets.get(target, ()), reverse=True)
    owned = [row["number"] for row in tables.tickets.values() if row["owner_id"] == target]
    about: Row = {
        "owner_tickets": owned[::-1],
        "customer_tickets": [tables.tickets[number]["number"] for number in customer],
        "user": {
            "firstname": _veiled(user["firstname"]),
            "lastname": _veiled(user["lastname"]),
            "email": _veiled_email(user["email"]),
            "organization": _veiled(organization["name"]) if organization else None,
        },
    }
    return _counted(state, about)


def _about_ticket(state: State, target: int) -> Row:
    ticket = state.store.tables.tickets[target]
    about = {
        "ticket": {"title": _veiled(ticket["title"])},
        "customer_tickets": [ticket["number"]],
    }
    return _counted(state, about)


def _counted(state: State, about: Row) -> Row:
    if state.dialect.privacy_counts:
        for name in ("owner_tickets", "customer_tickets"):
            if name in about:
                about[f"{name}_count"] = len(about[name])
    return about


def _veiled(text: Any) -> str:
    """Leave first and last letter of every word: ``A*n``."""
    return _WORD.sub(lambda match: f"{match.group()[0]}*{match.group()[-1]}", str(text or ""))


def _veiled_email(email: str) -> str:
    """Leave the top-level domain too: ``A*n@A*e.Example``."""
    local, at, domain = email.partition("@")
    host, dot, top = domain.rpartition(".")
    return f"{_veiled(local)}{at}{_veiled(host)}{dot}{top}"


def _index(state: State, call: Call) -> Reply:
    access.require(state, call, "admin.data_privacy")
    return Reply(list(state.store.tables.data_privacy_tasks.values()))


def _show(state: State, call: Call) -> Reply:
    access.require(state, call, "admin.data_privacy")
    row = state.row("data_privacy_tasks", call.ids[0])
    if row is None:
        raise missing("DataPrivacyTask", call.ids[0])
    return Reply(row)


ROUTES: dict[tuple[str, str], Callable[[State, Call], Reply]] = {
    ("GET", "data_privacy_tasks"): _index,
    ("POST", "data_privacy_tasks"): _create,
    ("GET", "data_privacy_tasks/:id"): _show,
}
