"""The scheduler of the fake Zammad: who hears of tickets as soon as import mode is off."""

from __future__ import annotations

from typing import Any

from tests.sandbox.zammad.support import PAST, Client

LATER = "2101-01-01T00:00:00Z"


def agent(zammad: Client) -> Any:
    return zammad.user("agent", roles=["Agent"], group_ids={"1": ["full"]})["id"]


def kinds(zammad: Client) -> list[str]:
    return [mail["kind"] for mail in zammad.fake.mails_sent]


def went(zammad: Client) -> list[tuple[str, str]]:
    """Go round once more; return the mails that this sent."""
    before = len(zammad.fake.mails_sent)
    zammad.fake.tick()
    return [(mail["kind"], mail["to"]) for mail in zammad.fake.mails_sent[before:]]


def test_owners_are_reminded_after_import_mode_once_a_day(importing: Client) -> None:
    owner = agent(importing)
    waiting = {"state": "pending reminder", "owner_id": owner}
    importing.ticket(**waiting, pending_time=PAST)
    importing.ticket(**waiting, pending_time=LATER)
    assert went(importing) == []
    importing.set(import_mode=False)
    assert went(importing) == [("reminder_reached", "agent@example.org")]
    assert went(importing) == []


def test_waiting_ends_in_import_mode_too_but_nobody_hears_of_it(importing: Client) -> None:
    waiting = {"state": "pending close", "pending_time": PAST, "owner_id": agent(importing)}
    first = importing.ticket(**waiting)
    assert went(importing) == []
    assert importing.call("GET", f"/tickets/{first['id']}?expand=true")["state"] == "closed"
    second = importing.ticket(**waiting)
    importing.set(import_mode=False)
    assert went(importing) == [("update", "agent@example.org")]
    assert importing.call("GET", f"/tickets/{second['id']}?expand=true")["state"] == "closed"


def test_escalations_are_mailed(importing: Client) -> None:
    importing.ticket(escalation_at=PAST, owner_id=agent(importing))
    importing.set(import_mode=False)
    assert went(importing) == [("escalation", "agent@example.org")]


def test_an_owner_is_lost_only_where_it_is_known_since_when(importing: Client) -> None:
    importing.call("PUT", "/groups/1", {"assignment_timeout": 10})
    owner = agent(importing)
    kept = importing.ticket(owner_id=owner)
    lost = importing.ticket(owner_id=owner, last_owner_update_at=PAST)
    importing.fake.tick()
    assert importing.call("GET", f"/tickets/{kept['id']}")["owner_id"] == owner
    assert importing.call("GET", f"/tickets/{lost['id']}")["owner_id"] == 1


def rule(zammad: Client, path: str, **more: Any) -> None:
    perform = {"notification.email": {"recipient": "ticket_customer", "subject": "", "body": ""}}
    condition = {"ticket.state_id": {"operator": "is", "value": ["4"]}}
    body = {"name": "Closed", "condition": condition, "perform": perform, "active": True}
    zammad.call("POST", path, {**body, **more})


def test_a_trigger_mails_customers_of_tickets_that_match(zammad: Client) -> None:
    rule(zammad, "/triggers")
    zammad.ticket()
    assert kinds(zammad) == []
    zammad.ticket(state="closed")
    assert kinds(zammad) == ["trigger"]
    zammad.set(import_mode=True)
    zammad.ticket(state="closed")
    assert kinds(zammad) == ["trigger"]


def test_a_job_acts_when_its_time_has_come(importing: Client) -> None:
    days = dict.fromkeys(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), True)
    hours = {str(hour): True for hour in range(24)}
    always = {"days": days, "hours": hours, "minutes": {str(n * 10): True for n in range(6)}}
    importing.ticket(state="closed")
    rule(importing, "/jobs", timeplan={**always, "hours": {}})
    importing.set(import_mode=False)
    assert went(importing) == []
    rule(importing, "/jobs", name="Always", timeplan=always)
    importing.set(import_mode=True)
    assert went(importing) == []
    importing.set(import_mode=False)
    assert went(importing) == [("job", "nicole.braun@zammad.org")]
