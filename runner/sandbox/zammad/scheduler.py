"""One round of Zammad's scheduler: reminders, waiting that is over, escalations, jobs.

Modelled on Zammad's app/models/ticket.rb (``process_pending``, ``process_escalation``,
``process_auto_unassign``), app/models/job.rb and app/models/transaction/notification.rb. As there,
tickets change in import mode too; only who would be told of it is not.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from runner.sandbox.zammad import moments, rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row

_NEW, _OPEN, _REMINDER, _ACTION = 1, 2, 3, 4
_NOBODY = 1
_WARNED_BEFORE = 15 * 60
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def tick(state: State) -> None:
    """Do what the scheduler does every few minutes, once."""
    importing = state.settings.value("import_mode") is True
    now, soon = state.now(), moments.stamp(state.clock() + _WARNED_BEFORE)
    for ticket in list(state.store.tables.tickets.values()):
        kind = state.store.tables.ticket_states[ticket["state_id"]]["state_type_id"]
        due = bool(ticket["pending_time"]) and ticket["pending_time"] <= now
        if due and kind == _ACTION:
            _end_waiting(state, ticket, importing=importing)
        elif due and kind == _REMINDER and not importing:
            _tell(state, ticket, "reminder_reached")
        if ticket["escalation_at"] and ticket["escalation_at"] <= soon and not importing:
            _tell(state, ticket, "escalation")
        if kind in (_NEW, _OPEN):
            _unassign(state, ticket, importing=importing)
    _run_jobs(state, importing=importing)


def _end_waiting(state: State, ticket: Row, *, importing: bool) -> None:
    following = state.store.tables.ticket_states[ticket["state_id"]]["next_state_id"]
    if following:
        _change(state, ticket, {"state_id": following, "pending_time": None}, importing=importing)


def _unassign(state: State, ticket: Row, *, importing: bool) -> None:
    """Take the owner away, where the last change of owner is known and long ago.

    What was written in import mode has no such time (API reference §a2).
    """
    group = state.store.tables.groups[ticket["group_id"]]
    minutes, since = group["assignment_timeout"], ticket["last_owner_update_at"]
    if not (minutes and group["active"] and since) or ticket["owner_id"] == _NOBODY:
        return
    if since < moments.stamp(state.clock() - 60 * int(minutes)):
        _change(state, ticket, {"owner_id": _NOBODY}, importing=importing)


def _change(state: State, ticket: Row, changes: Row, *, importing: bool) -> None:
    state.store.change(ticket, {**changes, "updated_at": state.now(), "updated_by_id": 1})
    if not importing:
        _tell(state, ticket, "update")
        rules.fire(state, ticket, "update")


def _tell(state: State, ticket: Row, event: str) -> None:
    """Mail the agents whose profile asks for it; reminders and escalations once a day each."""
    for user in _agents(state, ticket):
        told = (event, ticket["id"], user["id"], state.now()[:10])
        if event != "update" and told in state.told_today:
            continue
        if _wants_mail(user, ticket, event):
            state.told_today.add(told)
            mail = {"kind": event, "to": user["email"], "ticket_id": ticket["id"]}
            state.mails_sent.append(mail)


def _agents(state: State, ticket: Row) -> Iterator[Row]:
    ids = {ticket["owner_id"], *state.store.group_users.get(ticket["group_id"], ())} - {_NOBODY}
    users = state.store.tables.users
    yield from (users[number] for number in sorted(ids) if users[number]["active"])


def _wants_mail(user: Row, ticket: Row, event: str) -> bool:
    config = (user["preferences"] or {}).get("notification_config") or {}
    row = (config.get("matrix") or {}).get(event) or {"criteria": {}, "channel": {}}
    criteria = row["criteria"]
    asked = (
        (criteria.get("owned_by_me") and ticket["owner_id"] == user["id"])
        or (criteria.get("owned_by_nobody") and ticket["owner_id"] == _NOBODY)
        or criteria.get("no")
    )
    return bool(asked and row["channel"].get("email") and user["email"])


def _run_jobs(state: State, *, importing: bool) -> None:
    for job in list(state.store.tables.jobs.values()):
        if not job["active"] or not _is_time(job["timeplan"] or {}, state.clock()):
            continue
        for ticket in list(state.store.tables.tickets.values()):
            if rules.matches(job["condition"], ticket):
                rules.perform(state, job, ticket, kind="job", importing=importing)


def _is_time(timeplan: Row, at: float) -> bool:
    """Say whether a job is to run now: its day, hour and ten minutes are ticked."""
    moment = datetime.fromtimestamp(at, UTC)
    wanted = {
        "days": _DAYS[moment.weekday()],
        "hours": str(moment.hour),
        "minutes": str(moment.minute // 10 * 10),
    }
    return all((timeplan.get(part) or {}).get(value) for part, value in wanted.items())
