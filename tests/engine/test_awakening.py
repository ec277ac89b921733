"""Which tickets Zammad acts on by itself once import mode is off, and who is told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from runner.engine.awakening import Awakening
from runner.engine.obstacle import Obstacle
from tests.engine.support import Small
from tests.zammad.fixtures import old_desk
from tests.zammad.support import Desk

__all__ = ["old_desk"]

NOW = datetime(2026, 12, 7, 9, 0, tzinfo=UTC)
BEFORE, AFTER = "2026-12-06T00:00:00Z", "2026-12-08T00:00:00Z"


@pytest.fixture(params=["zammad_desk", "old_desk"])
def either(request: pytest.FixtureRequest) -> Desk:
    """Both versions answer searches in another shape."""
    found: Desk = request.getfixturevalue(request.param)
    return found


def obstacles(small: Small, desk: Desk) -> dict[str, list[Obstacle]]:
    found: dict[str, list[Obstacle]] = {}
    for row in Awakening(small().ledger, desk.zammad, NOW).obstacles():
        found.setdefault(row.kind, []).append(row)
    return found


def agent(desk: Desk, name: str, **values: Any) -> int:
    access = {str(group): ["full"] for group in desk.fake.tables.groups}
    return desk.user(f"{name}@example.org", "Agent", group_ids=access, **values)


def test_overdue_reminders_are_counted_by_owner_and_say_who_gets_mail(
    small: Small, either: Desk
) -> None:
    either.importing()
    first, second = agent(either, "agent-1"), agent(either, "agent-2", preferences={})
    either.fake.tables.users[second]["preferences"] = {}
    waiting = {"state": "pending reminder", "pending_time": BEFORE}
    for number in range(3):
        either.ticket(f"10{number}", owner_id=first, **waiting)
    either.ticket("200", owner_id=second, **waiting)
    either.ticket("300", **waiting)
    either.ticket("400", owner_id=first, state="pending reminder", pending_time=AFTER)
    (row,) = obstacles(small, either)["reminders"]
    assert row.text.startswith("overdue reminders: 5;")
    assert row.details[0] == "A B <agent-1@example.org>, by mail: 3"
    assert "A B <agent-2@example.org>, no mail: 1" in row.details
    assert "without an owner: 1" in row.details


def test_who_asked_to_hear_of_tickets_of_others_is_named_too(small: Small, either: Desk) -> None:
    either.importing()
    owner = agent(either, "agent-1")
    wishes = {
        "agent-2": ({"no": True}, None),
        "agent-3": ({"owned_by_nobody": True}, ["1"]),
        "agent-4": ({"no": True}, ["4711"]),
        "agent-5": ({"owned_by_me": True}, None),
    }
    for name, (criteria, groups) in wishes.items():
        matrix = {"reminder_reached": {"criteria": criteria, "channel": {"email": True}}}
        config = {"matrix": matrix} | ({"group_ids": groups} if groups else {})
        row = either.fake.tables.users[agent(either, name)]
        row["preferences"] = {"notification_config": config}
    waiting = {"state": "pending reminder", "pending_time": BEFORE}
    either.ticket("1", owner_id=owner, **waiting)
    either.ticket("2", **waiting)
    (row,) = obstacles(small, either)["reminders"]
    also = [line for line in row.details if "tickets of others" in line]
    assert also == [
        "A B <agent-2@example.org>, by mail about tickets of others: 2",
        "A B <agent-3@example.org>, by mail about tickets of others: 1",
    ]


def test_who_leaves_with_finish_gets_no_mail(small: Small, zammad_desk: Desk) -> None:
    zammad_desk.importing()
    owner = agent(zammad_desk, "agent-1")
    zammad_desk.ticket("1", owner_id=owner, state="pending reminder", pending_time=BEFORE)
    ledger = small().ledger
    leaver = {"source_id": "7", "target_id": owner, "status": "done"}
    ledger.table("users").put({**leaver, "deferred": {"values": {"active": False}}})
    (row,) = Awakening(ledger, zammad_desk.zammad, NOW).obstacles()
    assert row.details == ("A B <agent-1@example.org>, no mail: 1",)


def test_waiting_that_is_over_names_the_state_that_comes(small: Small, either: Desk) -> None:
    either.importing()
    either.ticket("1", state="pending close", pending_time=BEFORE)
    (row,) = obstacles(small, either)["pending"]
    assert row.details[0] == "pending close → closed: 1"


def test_escalations_count_from_a_quarter_of_an_hour_before(small: Small, either: Desk) -> None:
    either.importing()
    for number, moment in enumerate(("2026-12-01T00:00:00Z", "2026-12-07T09:10:00Z", AFTER)):
        either.ticket(f"1{number}", escalation_at=moment)
    (row,) = obstacles(small, either)["escalations"]
    assert row.text.endswith(": 2")


def test_slas_are_named_although_nothing_escalates_yet(small: Small, zammad_desk: Desk) -> None:
    calendar = next(iter(zammad_desk.fake.tables.calendars), None)
    sla = {"name": "One hour", "first_response_time": 60, "calendar_id": calendar}
    zammad_desk.zammad.create("/slas", sla)
    (row,) = obstacles(small, zammad_desk)["escalations"]
    assert row.details == ("One hour",)


def test_owners_are_lost_only_where_zammad_knows_since_when_they_are(
    small: Small, either: Desk
) -> None:
    owner = agent(either, "agent-1")
    either.zammad.update("/groups/1", {"assignment_timeout": 30})
    either.importing()
    either.ticket("1", owner_id=owner, state="open")
    assert "unassign" not in obstacles(small, either)
    either.ticket("2", owner_id=owner, state="open", last_owner_update_at=BEFORE)
    (row,) = obstacles(small, either)["unassign"]
    assert row.details == ("Users: 1, after 30 minutes",)


def test_groups_with_open_tickets_need_an_address_that_works(small: Small, either: Desk) -> None:
    other, quiet = either.group("Other"), either.group("Quiet")
    zammad = either.zammad
    zammad.update("/users/3", {"group_ids": {str(n): ["full"] for n in (1, other, quiet)}})
    address = zammad.create("/email_addresses", {"name": "S", "email": "s@example.org"})["id"]
    either.fake.tables.email_addresses[address]["active"] = True
    zammad.update("/groups/1", {"email_address_id": address})
    either.importing()
    either.ticket("1", group="Users")
    either.ticket("2", group="Other")
    either.ticket("3", group="Quiet", state="closed")
    ledger = small().ledger
    (row,) = Awakening(ledger, zammad, NOW).without_address()
    assert row.details == ("Other: 1 not closed",)
    either.fake.tables.email_addresses[address]["active"] = False
    (row,) = Awakening(ledger, zammad, NOW).without_address()
    assert [line.split(":")[0] for line in row.details] == ["Users", "Other"]


def test_a_quiet_zammad_has_nothing_to_say(small: Small, either: Desk) -> None:
    assert obstacles(small, either) == {}
