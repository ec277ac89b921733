from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from runner.engine import reset, restored
from runner.engine.reset import Removal
from runner.engine.world import World
from runner.errors import Refused
from tests.engine.support import HOST, Small, looked
from tests.zammad.support import Desk


def put(world: World, entity: str, target_id: int | None, **more: Any) -> None:
    common = {"source_id": str(target_id), "target_id": target_id, "status": "done"}
    world.ledger.table(entity).put({**common, **more})


def undone(
    world: World,
    desk: Desk,
    *,
    discard_changes: bool = False,
    steps: int = 10**9,
    told: list[tuple[str, int, int | None]] | None = None,
) -> Removal:
    left = [steps]
    heard: list[tuple[str, int, int | None]] = [] if told is None else told

    def stopped() -> bool:
        left[0] -= 1
        return left[0] < 0

    if not world.ledger.target:
        world.ledger.save_target({"settings": {"import_mode": False}})
    return reset.reset(
        world.ledger,
        desk.zammad,
        kayako_host=HOST,
        discard_changes=discard_changes,
        settle_seconds=0,
        tell=lambda _: None,
        stopped=stopped,
        progress=lambda *row: heard.append(row),
    )


def ours(desk: Desk, number: str, **more: Any) -> tuple[int, dict[str, Any]]:
    """Make a ticket as apply does and return its id with the ledger's children."""
    ticket_id = desk.ticket(number, article={"message_id": f"<kayako-post-1@{HOST}>"}, **more)
    (row,) = desk.zammad.get(f"/ticket_articles/by_ticket/{ticket_id}")
    return ticket_id, {"posts": {"1": [row["id"], "d"]}, "time": {}}


def test_what_we_made_goes_and_the_ledger_is_empty(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(), zammad_desk)
    group, customer = zammad_desk.group("Ours"), zammad_desk.user("customer-1@example.org")
    ticket_id, children = ours(zammad_desk, "1", customer_id=customer)
    put(world, "tickets", ticket_id, children=children)
    put(world, "users", customer)
    put(world, "groups", group)
    world.ledger.save_target({"me": {"id": 3, "group_ids": {"1": ["full"]}}})
    outlook = reset.outlook(world.ledger)
    done = undone(world, zammad_desk)
    assert done.removed == outlook.removed == {"tickets": 1, "users": 1, "groups": 1}
    assert done.remains == []
    tables = zammad_desk.fake.tables
    assert ticket_id not in tables.tickets
    assert customer not in tables.users
    assert group not in tables.groups
    assert world.ledger.target == {}
    assert zammad_desk.fake.setting("import_mode") is False
    assert zammad_desk.zammad.get("/users/me")["group_ids"] == {"1": ["full"]}


def test_it_tells_how_far_it_is(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(), zammad_desk)
    for name in ("One", "Two"):
        put(world, "groups", zammad_desk.group(name))
    told: list[tuple[str, int, int | None]] = []
    undone(world, zammad_desk, told=told)
    assert told == [("groups", 1, 2), ("groups", 2, 2)]


def test_import_mode_that_was_on_before_us_stays_on(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(), zammad_desk)
    zammad_desk.set(import_mode=False)
    world.ledger.save_target({"settings": {"import_mode": True}})
    undone(world, zammad_desk)
    assert zammad_desk.fake.setting("import_mode") is True


def test_what_is_gone_already_counts_as_removed(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(), zammad_desk)
    put(world, "tickets", 4711, children={"posts": {}, "time": {}})
    put(world, "organizations", 4712)
    assert undone(world, zammad_desk).removed == {"tickets": 1, "organizations": 1}


def test_an_adopted_record_gets_back_what_it_had(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(), zammad_desk)
    company = zammad_desk.zammad.create("/organizations", {"name": "A"})["id"]
    customer = zammad_desk.user(
        "customer-1@example.org", "Customer", "Agent", phone="1", organization_id=company
    )
    before = {"phone": None, "roles": [3], "organization": None, "active": False}
    put(world, "users", customer, adopted=True, before=before)
    put(world, "groups", 1, adopted=True, before={})
    assert reset.outlook(world.ledger).restored == {"users": 1}
    done = undone(world, zammad_desk)
    assert (done.restored, done.removed) == ({"users": 1}, {})
    row = zammad_desk.fake.tables.users[customer]
    assert (row["phone"], row["role_ids"], row["organization_id"]) == ("", [3], None)
    assert row["active"] is False


def test_a_ticket_with_words_of_others_stays_unless_told(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(), zammad_desk)
    ticket_id, children = ours(zammad_desk, "1")
    body = {"ticket_id": ticket_id, "type": "note", "body": "mine", "internal": True}
    zammad_desk.zammad.create("/ticket_articles", body)
    put(world, "tickets", ticket_id, children=children)
    done = undone(world, zammad_desk)
    (entry,) = done.remains
    assert "1 articles that were written in Zammad" in entry["reason"]
    assert done.console() == [f"Ticket.where(id: [{ticket_id}]).find_each(&:destroy)"]
    assert len(world.ledger.table("tickets")) == 1
    assert undone(world, zammad_desk, discard_changes=True).removed == {"tickets": 1}


def test_what_was_on_its_way_goes_when_it_arrived(small: Small, zammad_desk: Desk) -> None:
    world = small()
    zammad_desk.importing()
    ticket_id, _ = ours(zammad_desk, "1")
    customer = zammad_desk.user("customer-1@example.org")
    state = zammad_desk.zammad.create("/ticket_states", {"name": "Mine", "state_type_id": 2})
    looked(world, zammad_desk)
    now = datetime.now(UTC).isoformat()
    common: dict[str, Any] = {"target_id": None, "status": "intended", "at": now}
    for entity, source_id, keys in (
        ("tickets", "1", {"number": "1"}),
        ("tickets", "2", {"number": "2"}),
        ("users", "7", {"login": "customer-1@example.org"}),
        ("states", "Mine", {}),
    ):
        document = {"source_id": source_id, "applied": keys, **common}
        world.ledger.table(entity).put(document)
    done = undone(world, zammad_desk)
    assert done.removed == {"tickets": 1, "users": 1, "states": 1}
    tables = zammad_desk.fake.tables
    assert ticket_id not in tables.tickets
    assert customer not in tables.users
    assert state["id"] not in tables.ticket_states


@pytest.mark.parametrize("discard_changes", [False, True])
def test_a_strangers_ticket_of_that_number_stays(
    small: Small, zammad_desk: Desk, *, discard_changes: bool
) -> None:
    world = looked(small(), zammad_desk)
    ticket_id = zammad_desk.ticket("1")
    put(world, "tickets", None, source_id="1", status="intended")
    assert undone(world, zammad_desk, discard_changes=discard_changes).removed == {}
    assert ticket_id in zammad_desk.fake.tables.tickets


def test_a_ticket_that_arrived_and_was_answered_remains_and_is_told(
    small: Small, zammad_desk: Desk
) -> None:
    world = looked(small(), zammad_desk)
    ticket_id, _ = ours(zammad_desk, "1")
    body = {"ticket_id": ticket_id, "type": "note", "body": "mine", "internal": True}
    zammad_desk.zammad.create("/ticket_articles", body)
    put(world, "tickets", None, source_id="1", status="intended")
    (entry,) = undone(world, zammad_desk).remains
    assert entry["target_id"] == ticket_id
    assert undone(world, zammad_desk, discard_changes=True).removed == {"tickets": 1}


def test_skips_and_failures_are_forgotten_without_a_request(
    small: Small, zammad_desk: Desk
) -> None:
    world = looked(small(), zammad_desk)
    put(world, "tickets", None, source_id="1", status="failed")
    put(world, "tickets", None, source_id="2", status="skipped")
    written = zammad_desk.writes()
    undone(world, zammad_desk)
    assert not [line for line in zammad_desk.writes()[len(written) :] if "settings" not in line]


def test_a_user_with_references_is_erased(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(), zammad_desk)
    author = zammad_desk.user("agent-1@example.org", "Agent", group_ids={"1": ["full"]})
    zammad_desk.ticket("5", owner_id=author)
    put(world, "users", author)
    done = undone(world, zammad_desk)
    assert done.removed == {"users": 1}
    assert "POST /data_privacy_tasks" in zammad_desk.writes()
    assert author not in zammad_desk.fake.tables.users


def test_a_customer_of_tickets_that_are_not_ours_stays(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(), zammad_desk)
    customer = zammad_desk.user("customer-1@example.org")
    zammad_desk.ticket("5", customer_id=customer)
    put(world, "users", customer)
    (entry,) = undone(world, zammad_desk).remains
    assert "customer of 1 tickets" in entry["reason"]
    assert customer in zammad_desk.fake.tables.users


def test_a_failed_erasure_is_told(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(), zammad_desk)
    author = zammad_desk.user("agent-1@example.org", "Agent", group_ids={"1": ["full"]})
    zammad_desk.ticket("5", owner_id=author)
    put(world, "users", author)
    zammad_desk.fake.faults.fail("POST", "/data_privacy_tasks", "reset_before")
    (entry,) = undone(world, zammad_desk).remains
    assert entry["entity"] == "users"
    assert author in zammad_desk.fake.tables.users


def test_what_zammad_refuses_remains_with_its_reason(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(), zammad_desk)
    group = zammad_desk.group("Ours")
    zammad_desk.zammad.update("/users/3", {"group_ids": {"1": ["full"], str(group): ["full"]}})
    zammad_desk.ticket("5", group="Ours")
    put(world, "groups", group)
    done = undone(world, zammad_desk)
    (entry,) = done.remains
    assert (entry["entity"], entry["target_id"]) == ("groups", group)
    assert done.console() == [f"Group.where(id: [{group}]).find_each(&:destroy)"]


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_a_stop_keeps_what_is_not_undone_and_goes_on_later(
    small: Small, zammad_desk: Desk, steps: int
) -> None:
    world = looked(small(), zammad_desk)
    for number in range(3):
        put(world, "users", zammad_desk.user(f"customer-{number}@example.org"))
    assert undone(world, zammad_desk, steps=steps).removed.get("users", 0) == steps
    assert len(world.ledger.table("users")) == 3 - steps
    assert zammad_desk.fake.setting("import_mode") is True
    assert undone(world, zammad_desk).removed == {"users": 3 - steps}
    assert zammad_desk.fake.setting("import_mode") is False


def test_newest_go_first() -> None:
    remains = [
        {"entity": entity, "source_id": "1", "target_id": number, "reason": ""}
        for number, entity in enumerate(("groups", "users", "states", "users"))
    ]
    assert Removal(remains=remains).console() == [
        "User.where(id: [1, 3]).find_each(&:destroy)",
        "Group.where(id: [0]).find_each(&:destroy)",
        "Ticket::State.where(id: [2]).find_each(&:destroy)",
    ]


@pytest.mark.parametrize(("state", "reason"), [("failed", "failed"), ("waiting", "two minutes")])
def test_an_erasure_that_does_not_come_about_is_told(
    small: Small, zammad_desk: Desk, monkeypatch: pytest.MonkeyPatch, state: str, reason: str
) -> None:
    author = zammad_desk.user("agent-1@example.org", "Agent", group_ids={"1": ["full"]})
    world = looked(small(), zammad_desk)
    zammad_desk.ticket("5", owner_id=author)
    put(world, "users", author)
    real = zammad_desk.zammad.get

    def get(path: str, *more: Any) -> Any:
        return {"state": state} if "/data_privacy_tasks/" in path else real(path, *more)

    monkeypatch.setattr(zammad_desk.zammad, "get", get)
    monkeypatch.setattr(reset, "_TASK_SECONDS", 0.01)
    (entry,) = undone(world, zammad_desk).remains
    assert (entry["target_id"], reason in entry["reason"]) == (author, True)


def test_a_refusal_after_access_was_taken_is_told_as_it_is(
    small: Small, zammad_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = zammad_desk.user("agent-1@example.org", "Agent", group_ids={"1": ["full"]})
    world = looked(small(), zammad_desk)
    put(world, "users", author)
    answers = iter([Refused("references", status=422), Refused("not allowed", status=403)])

    def delete(*_: object) -> None:
        raise next(answers)

    monkeypatch.setattr(zammad_desk.zammad, "delete", delete)
    (entry,) = undone(world, zammad_desk).remains
    assert entry["reason"] == "not allowed"


def test_articles_that_may_not_be_read_keep_the_ticket(
    small: Small, zammad_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = looked(small(), zammad_desk)
    ticket_id, children = ours(zammad_desk, "1")
    put(world, "tickets", ticket_id, children=children)

    def of_ticket(*_: object) -> None:
        raise Refused("not allowed", status=403)

    monkeypatch.setattr(reset.articles, "of_ticket", of_ticket)
    (entry,) = undone(world, zammad_desk).remains
    assert entry["reason"] == "not allowed"
    assert ticket_id in zammad_desk.fake.tables.tickets


def test_what_did_not_arrive_or_is_anothers_is_forgotten_without_a_deletion(
    small: Small, zammad_desk: Desk
) -> None:
    world = looked(small(), zammad_desk)
    theirs = zammad_desk.user("customer-1@example.org", created_at="2020-01-01T00:00:00Z")
    now = datetime.now(UTC).isoformat()
    sent = {"target_id": None, "status": "intended", "at": now}
    for number in (1, 2):
        applied = {"login": f"customer-{number}@example.org", "created_at": "2021-01-01T00:00:00Z"}
        world.ledger.table("users").put({"source_id": str(number), "applied": applied, **sent})
    document = {"source_id": "9", "applied": {"name": "Not there"}, **sent}
    world.ledger.table("kb_answers").put(document)
    done = undone(world, zammad_desk)
    assert (done.removed, done.remains) == ({}, [])
    assert theirs in zammad_desk.fake.tables.users


def test_an_id_that_is_anothers_by_now_is_left_alone(
    small: Small, zammad_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = looked(small(), zammad_desk)
    stranger = zammad_desk.user("stranger@example.org")
    put(world, "users", stranger, applied={"login": "customer-1@example.org"})
    monkeypatch.setattr(restored, "is_thinned", lambda *_: True)
    (entry,) = undone(world, zammad_desk).remains
    assert (entry["target_id"], entry["reason"]) == (None, "its id is another's by now")
    assert stranger in zammad_desk.fake.tables.users
