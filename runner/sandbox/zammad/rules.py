"""What triggers and jobs do to a ticket: mail somebody, set columns.

Modelled on Zammad's app/models/transaction/trigger.rb and app/models/job.rb; only conditions on
columns of the ticket, with operators of searches, are understood: other rules never match.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.sandbox.zammad import search
from runner.sandbox.zammad.wire import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row

_ACTION = "ticket.action"
_CUSTOMERS = ("ticket_customer", "article_last_sender")


def fire(state: State, ticket: Row, action: str) -> None:
    """Run every active trigger that this event (create, update, …) sets off.

    A trigger without a condition is set off by nothing; not called in import mode.
    """
    for trigger in list(state.store.tables.triggers.values()):
        if trigger["active"] and matches(trigger["condition"], ticket, action):
            state.triggers_fired.append({"trigger": trigger["name"], "ticket_id": ticket["id"]})
            perform(state, trigger, ticket, kind="trigger", importing=False)


def matches(condition: Any, ticket: Row, action: str = "") -> bool:
    """Say whether a ticket meets a condition, all of whose tests are about the ticket."""
    if not isinstance(condition, dict) or not condition:
        return False
    tests = search.tests_of(condition)
    if not all(name.startswith("ticket.") for name, _, _ in tests):
        return False
    values = {_ACTION: action, **{f"ticket.{name}": value for name, value in ticket.items()}}
    try:
        return all(
            search.holds(values.get(name), operator, value) for name, operator, value in tests
        )
    except Failure:
        return False


def perform(state: State, rule: Row, ticket: Row, *, kind: str, importing: bool) -> None:
    """Set the columns that a rule names, and mail its recipients unless in import mode."""
    actions: Row = rule["perform"] or {}
    changes = {
        name.removeprefix("ticket."): int(action["value"])
        for name, action in actions.items()
        if name.startswith("ticket.") and name.endswith("_id") and action.get("value")
    }
    if state.store.change(ticket, changes):
        ticket["updated_at"] = state.now()
    recipients = (actions.get("notification.email") or {}).get("recipient") or []
    for recipient in recipients if isinstance(recipients, list) else [recipients]:
        for address in () if importing else _addresses(state, str(recipient), ticket):
            state.mails_sent.append({"kind": kind, "to": address, "ticket_id": ticket["id"]})


def _addresses(state: State, recipient: str, ticket: Row) -> Iterator[str]:
    users = state.store.tables.users
    if recipient in _CUSTOMERS:
        ids = [ticket["customer_id"]]
    elif recipient == "ticket_owner":
        ids = [ticket["owner_id"]]
    elif recipient == "ticket_agents":
        ids = sorted(state.store.group_users.get(ticket["group_id"], ()))
    else:
        ids = [int(recipient.removeprefix("userid_"))]
    yield from (users[number]["email"] for number in ids if users[number]["email"])
