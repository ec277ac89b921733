"""Which tickets Zammad acts on by itself as soon as import mode is off.

Its scheduler looks every few minutes for reminders and waiting that are over, escalations, and
owners who did nothing for too long (Zammad's app/models/ticket.rb: ``process_pending``,
``process_escalation``, ``process_auto_unassign``); agents are told as their profile says
(app/models/transaction/notification.rb, which returns at once in import mode). Each question here
costs at most 50 requests, see ``ticket_search``.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from runner.engine.obstacle import Obstacle
from runner.engine.told import Told
from runner.errors import Refused
from runner.zammad import ticket_search, users

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.ledger import Ledger
    from runner.zammad.client import Zammad
    from runner.zammad.ticket_search import Condition, Found

_NEW, _OPEN, _REMINDER, _ACTION = 1, 2, 3, 4
"""Types of states, as every Zammad is set up with them (reference §b8)."""
_SOON = timedelta(minutes=15)
"""So long before an escalation agents are warned (``process_escalation``)."""
_DAILY = "or set another time, or open them, in Zammad; agents: Profile, Notifications"


class Awakening:
    """Asks one Zammad; everything is seen as of ``now``, with leavers as ``finish`` leaves them."""

    def __init__(self, ledger: Ledger, zammad: Zammad, now: datetime | None = None) -> None:
        self._zammad = zammad
        self._now = now or datetime.now(UTC)
        self._states = list(zammad.pages("/ticket_states", per_page=1000))
        self._groups = list(zammad.pages("/groups", per_page=1000))
        self._told = Told(ledger, zammad, self._groups)

    def obstacles(self) -> Iterator[Obstacle]:
        """Yield what waits, each kind with the agents whom it concerns."""
        yield from self._reminders()
        yield from self._pending_actions()
        yield from self._escalations()
        yield from self._unassigned()

    def without_address(self) -> Iterator[Obstacle]:
        """Yield the groups whose agents cannot answer by mail what is open (reference §b20)."""
        addresses = self._zammad.pages("/email_addresses", per_page=1000)
        usable = {row["id"] for row in addresses if row.get("active", True)}
        waiting = self._states_of(_NEW, _OPEN, _REMINDER, _ACTION)
        details = []
        for group in self._groups:
            if group.get("email_address_id") in usable:
                continue
            condition = {"ticket.group_id": _is([group["id"]]), "ticket.state_id": _is(waiting)}
            number, more = ticket_search.count(self._zammad, condition)
            if number:
                details.append(f"{group['name']}: {_many(number, more=more)} not closed")
        if details:
            yield Obstacle(
                "addresses",
                f"groups with open tickets and no working mail address: {len(details):,}",
                tuple(details),
                steps="a new, empty mailbox for each, connected right after finish (Zammad answers"
                " and deletes what lies in it), then Manage, Groups: choose its address",
            )

    def _reminders(self) -> Iterator[Obstacle]:
        found = self._overdue(self._states_of(_REMINDER))
        if found.rows:
            yield Obstacle(
                "reminders",
                f"overdue reminders: {_many(found.total, more=found.more)}; Zammad tells their"
                " owners within minutes, and again every day",
                self._by_agent(found, "reminder_reached"),
                steps=f"give the states another time (tickets.yaml, pending_time), {_DAILY}",
            )

    def _pending_actions(self) -> Iterator[Obstacle]:
        following = {row["id"]: row.get("next_state_id") for row in self._states}
        names = {row["id"]: row["name"] for row in self._states}
        found = self._overdue([n for n in self._states_of(_ACTION) if following[n]])
        if found.rows:
            numbers = Counter(row["state_id"] for row in found.rows)
            changes = (
                f"{names[state]} → {names[following[state]]}: {number:,}"
                for state, number in numbers.most_common()
            )
            yield Obstacle(
                "pending",
                f"tickets whose waiting is over: {_many(found.total, more=found.more)}; Zammad"
                " changes their state, which sets off triggers",
                (*changes, *self._by_agent(found, "update")),
                steps="set another time or state for them",
            )

    def _escalations(self) -> Iterator[Obstacle]:
        until = _stamp(self._now + _SOON)
        condition = {"ticket.escalation_at": {"operator": "before (absolute)", "value": until}}
        found = ticket_search.by_condition(self._zammad, condition)
        if found.rows:
            yield Obstacle(
                "escalations",
                f"tickets that escalate now or within 15 minutes:"
                f" {_many(found.total, more=found.more)}",
                self._by_agent(found, "escalation"),
                steps="answer or close them, or remove the SLA until they are",
            )
        names = self._names("/slas")
        if names:
            yield Obstacle(
                "escalations",
                f"SLAs: {len(names):,}; in import mode nothing is counted, after it Zammad counts"
                " with the first change of each ticket, from its creation on",
                names,
                steps="remove them and make them again after going live, for new tickets only",
            )

    def _unassigned(self) -> Iterator[Obstacle]:
        details = []
        working = self._states_of(_NEW, _OPEN)
        for group in self._groups:
            minutes = group.get("assignment_timeout")
            if not minutes or not group.get("active"):
                continue
            before = _stamp(self._now - timedelta(minutes=int(minutes)))
            condition: Condition = {
                "ticket.group_id": _is([group["id"]]),
                "ticket.state_id": _is(working),
                "ticket.owner_id": {"operator": "is not", "value": [str(users.SYSTEM_USER_ID)]},
                "ticket.last_owner_update_at": {"operator": "before (absolute)", "value": before},
            }
            number, more = ticket_search.count(self._zammad, condition)
            if number:
                details.append(
                    f"{group['name']}: {_many(number, more=more)}, after {minutes} minutes"
                )
        if details:
            yield Obstacle(
                "unassign",
                "tickets that lose their owner, by group",
                tuple(details),
                steps="Zammad: Manage, Groups: empty the assignment timeout for a while",
            )

    def _overdue(self, states: list[int]) -> Found:
        """Return tickets in these states whose time has come."""
        if not states:
            return ticket_search.Found([], 0)
        due = {"operator": "before (absolute)", "value": _stamp(self._now)}
        condition = {"ticket.state_id": _is(states), "ticket.pending_time": due}
        return ticket_search.by_condition(self._zammad, condition)

    def _by_agent(self, found: Found, event: str) -> tuple[str, ...]:
        lines = self._told.lines(found.rows, event)
        if found.total > len(found.rows):
            lines.append(f"(these are the oldest {len(found.rows):,})")
        return tuple(lines)

    def _states_of(self, *types: int) -> list[int]:
        return [row["id"] for row in self._states if row["state_type_id"] in types]

    def _names(self, path: str) -> tuple[str, ...]:
        try:
            return tuple(row["name"] for row in self._zammad.pages(path, per_page=1000))
        except Refused as refusal:
            return (f"cannot be read ({refusal.status}): look yourself",)


def _is(ids: list[int]) -> dict[str, Any]:
    return {"operator": "is", "value": [str(number) for number in ids]}


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _many(number: int, *, more: bool) -> str:
    return f"{number:,} or more" if more else f"{number:,}"
