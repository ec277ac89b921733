"""Macros of every kind, and what is listed for rebuilding: hours, SLAs, triggers, monitors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.data import common
from runner.sandbox.data.shapes import definitions, reference, rules

if TYPE_CHECKING:
    from runner.sandbox.data.hard.drafting import Desk
    from runner.sandbox.data.table import Record

AGENT = common.AGENTS[0]
WEEK = {day: [9, 10, 11, 13, 14, 15, 16] for day in rules.DAYS[:5]}


def write(desk: Desk) -> None:
    """Add everything to the helpdesk; ids are below 100."""
    for record in (*_macros(), *_hours(), *_automations(), *_mailboxes()):
        desk.helpdesk.add(record)
    desk.helpdesk.hidden.add(("sla", 3))


def _mailboxes() -> list[Record]:
    """Addresses that nobody thinks of: one in Kayako's own domain, an old one, a deleted one."""
    return [
        definitions.mailbox(3, "support@acme.kayako.com"),
        definitions.mailbox(4, "old@acme.example", is_enabled=False),
        definitions.mailbox(5, "deleted@acme.example", is_deleted=True),
    ]


def _macros() -> list[Record]:
    closed = reference("case_status", common.CLOSED)
    team = {"type": "TEAM", "team": reference("team", 2), "resource_type": "macro_visibility"}
    private = {"type": "PRIVATE", "team": None, "resource_type": "macro_visibility"}
    reply = "<p>Hello {{conversation.requester.name}},</p><p>thank you.</p>"
    to_agent = rules.assignee("AGENT", team=2, agent=AGENT)
    return [
        rules.macro(1, "Thanks", reply_type="REPLY", reply_contents=reply),
        rules.macro(2, "Note for the others", reply_type="NOTE", reply_contents="Looked at it."),
        rules.macro(3, "Close as spam", status=closed, add_tags=["spam"], remove_tags=["vip"]),
        rules.macro(4, "Mine", assignee=rules.assignee("CURRENT_AGENT"), status=_status(2)),
        rules.macro(5, "To sales", assignee=rules.assignee("TEAM", team=3), visibility=team),
        rules.macro(6, "To Agent 3", assignee=to_agent),
        rules.macro(7, "Back to the pile", assignee=rules.assignee("UNASSIGNED")),
        rules.macro(8, "More urgent", priority_action="INCREASE_ONE_LEVEL"),
        rules.macro(9, "Less urgent", priority_action="DECREASE_ONE_LEVEL"),
        rules.macro(10, "Critical", priority=reference("case_priority", common.CRITICAL)),
        rules.macro(11, "A problem", type=reference("case_type", 3), reply_type="REPLY"),
        rules.macro(12, "Waiting", status=_status(common.WAITING), reply_contents=reply),
        rules.macro(13, "Gone status", status=_status(common.DELETED_STATUS)),
        rules.macro(14, "Private", agent=AGENT, visibility=private, reply_contents="Only me."),
        rules.macro(15, "Of somebody who left", agent=90, visibility=private, status=closed),
        rules.macro(16, "To a team that is gone", assignee=rules.assignee("TEAM", team=97)),
        rules.macro(17, "Nothing at all"),
        rules.macro(18, "thanks", reply_type="REPLY", reply_contents="<p>Thanks.</p>"),
        rules.macro(19, "", add_tags=["nameless"]),
        rules.macro(20, "Pending", status=_status(common.PENDING), add_tags=["a, comma"]),
        rules.macro(21, "Everything", **_everything(closed, team, reply)),
    ]


def _status(key: int) -> Record | None:
    return reference("case_status", key)


def _everything(closed: Record | None, team: Record, reply: str) -> Record:
    return {
        "reply_type": "REPLY",
        "reply_contents": reply,
        "assignee": rules.assignee("TEAM", team=2),
        "type": reference("case_type", common.FEATURE_REQUEST),
        "status": closed,
        "priority": reference("case_priority", 4),
        "visibility": team,
        "add_tags": ["done", "two words"],
        "usage_count": 17,
        "last_used_at": "2026-05-01T08:00:00+00:00",
    }


def _hours() -> list[Record]:
    night = {"friday": [22, 23], "saturday": [0, 1, 2], "sunday": list(range(24))}
    holidays = [
        rules.holiday(1, "New Year", "2026-01-01T00:00:00+00:00"),
        rules.holiday(2, "Stock-taking", "2026-12-30T00:00:00+00:00", [9, 10]),
    ]
    return [
        rules.business_hour(1, "Office", WEEK, is_default=True, holidays=holidays),
        rules.business_hour(2, "Nights", night),
        rules.business_hour(3, "Never", {}),
    ]


def _automations() -> list[Record]:
    urgent = (("cases.priority", "comparison_greaterthan", "3"),)
    new = (("cases.status", "comparison_equalto", "NEW"), ("cases.channel", "equals", "MAIL"))
    return [
        rules.sla(1, "Urgent", urgent, description="For everything above high."),
        rules.sla(2, "Everybody", (), is_enabled=False),
        rules.sla(3, "Old agreement", (), is_deleted=True),
        rules.automation("trigger", 7, "Welcome", new, (("notification", "EMAIL", "Hello!"),)),
        rules.automation("trigger", 8, "Tag the big ones", urgent, (("tags", "ADD", "big"),)),
        rules.automation("monitor", 3, "Close after a week", new, (("status", "SET", "CLOSED"),)),
        definitions.view(10, "Big customers", "CUSTOM")
        | {"predicate_collections": [rules.predicates(90, urgent)], "columns": ["subject"]},
    ]
