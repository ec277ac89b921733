from __future__ import annotations

from typing import Any

import pytest

from runner.engine.finish import Finished, finish, pending
from runner.engine.world import World
from tests.engine.support import Small, looked
from tests.zammad.support import Desk


def put(world: World, entity: str, target_id: int, values: dict[str, Any], **more: Any) -> None:
    deferred = {"values": values, "written": more.pop("written", False)}
    if "had" in more:
        deferred["had"] = more.pop("had")
    common = {"source_id": str(target_id), "target_id": target_id, "status": "done"}
    world.ledger.table(entity).put({**common, "deferred": deferred, **more})


def finished(world: World, desk: Desk) -> Finished:
    return finish(world, desk.zammad, settle_seconds=0, tell=lambda _: None)


def team(number: int) -> dict[str, str]:
    return {"ref": f"groups/{number}"}


def test_what_was_left_is_written_once_and_import_mode_goes_off(
    small: Small, zammad_desk: Desk
) -> None:
    world = looked(small(), zammad_desk)
    group, user = zammad_desk.group("Old"), zammad_desk.user("customer-1@example.org")
    company = zammad_desk.zammad.create("/organizations", {"name": "A", "domain": "a.example"})
    put(world, "groups", group, {"active": False})
    put(world, "users", user, {"active": False})
    put(world, "organizations", company["id"], {"domain_assignment": True})
    done = finished(world, zammad_desk)
    assert done.written == {"users": 1, "organizations": 1, "groups": 1}
    assert done.import_mode_was_on
    assert done.failed == []
    tables = zammad_desk.fake.tables
    assert tables.groups[group]["active"] is False
    assert tables.users[user]["active"] is False
    assert tables.organizations[company["id"]]["domain_assignment"] is True
    assert zammad_desk.fake.setting("import_mode") is False
    written = zammad_desk.writes()
    assert finished(world, zammad_desk) == Finished()
    assert zammad_desk.writes() == written


def test_an_agent_gets_the_groups_of_his_teams_instead_of_those_for_writing(
    small: Small, zammad_desk: Desk
) -> None:
    own, other = zammad_desk.group("Own"), zammad_desk.group("Other")
    agent = zammad_desk.user("agent@example.org", "Agent", group_ids={str(other): ["full"]})
    world = looked(small(), zammad_desk)
    put(world, "groups", own, {}, written=True)
    put(world, "users", agent, {"groups": [team(own), team(99)]}, had={"group_ids": {}})
    finished(world, zammad_desk)
    assert zammad_desk.zammad.get(f"/users/{agent}")["group_ids"] == {str(own): ["full"]}


def test_an_adopted_agent_keeps_what_was_there_and_gets_the_teams(
    small: Small, zammad_desk: Desk
) -> None:
    own, had = zammad_desk.group("Own"), zammad_desk.group("Had")
    agent = zammad_desk.user("agent@example.org", "Agent", group_ids={str(had): ["read"]})
    world = looked(small(), zammad_desk)
    put(world, "groups", own, {}, written=True)
    put(world, "users", agent, {"groups": [team(own)]}, adopted=True)
    finished(world, zammad_desk)
    now = zammad_desk.zammad.get(f"/users/{agent}")["group_ids"]
    assert now == {str(own): ["full"], str(had): ["read"]}
    document = world.ledger.table("users").get(str(agent)) or {}
    assert document["before"]["group_ids"] == {str(had): ["read"]}
    assert document["deferred"]["written"] is True


def test_a_disabled_agent_that_was_there_keeps_what_only_shows_while_he_is_active(
    small: Small, zammad_desk: Desk
) -> None:
    own, had = zammad_desk.group("Own"), zammad_desk.group("Had")
    access = {str(had): ["read"]}
    agent = zammad_desk.user("agent@example.org", "Agent", group_ids=access, active=False)
    world = looked(small(), zammad_desk)
    put(world, "groups", own, {}, written=True)
    put(world, "users", agent, {"groups": [team(own)]}, adopted=True)
    finished(world, zammad_desk)
    row = zammad_desk.fake.tables.users[agent]
    assert row["group_ids"] == {str(own): ["full"], str(had): ["read"]}
    assert row["active"] is False


def test_an_adopted_owner_gets_back_what_was_widened(small: Small, zammad_desk: Desk) -> None:
    had, wide = zammad_desk.group("Had"), zammad_desk.group("Wide")
    access = {str(had): ["full"], str(wide): ["full"]}
    agent = zammad_desk.user("agent@example.org", "Agent", group_ids=access)
    world = looked(small(), zammad_desk)
    before = {"group_ids": {str(had): ["read"]}, "active": False}
    put(world, "users", agent, {}, adopted=True, before=before, had=before)
    finished(world, zammad_desk)
    row = zammad_desk.fake.tables.users[agent]
    assert row["group_ids"] == {str(had): ["read"]}
    assert row["active"] is False


def test_an_adopted_customer_is_left_alone(small: Small, zammad_desk: Desk) -> None:
    customer = zammad_desk.user("customer-1@example.org")
    world = looked(small(), zammad_desk)
    put(world, "users", customer, {}, adopted=True)
    finished(world, zammad_desk)
    assert f"PUT /users/{customer}" not in zammad_desk.writes()


def test_the_migration_user_keeps_its_groups_until_reset(small: Small, zammad_desk: Desk) -> None:
    group = zammad_desk.group("Own")
    world = looked(small(), zammad_desk)
    put(world, "groups", group, {}, written=True)
    put(world, "users", 3, {"groups": [team(group)]}, adopted=True)
    before = zammad_desk.zammad.get("/users/me")["group_ids"]
    finished(world, zammad_desk)
    assert zammad_desk.zammad.get("/users/me")["group_ids"] == before


def test_one_refusal_is_told_stays_pending_and_stops_nothing(
    small: Small, zammad_desk: Desk
) -> None:
    world = looked(small(), zammad_desk)
    put(world, "groups", 4711, {"active": False})
    put(world, "groups", zammad_desk.group("Old"), {"active": False})
    done = finished(world, zammad_desk)
    assert done.written == {"groups": 1}
    (text,) = done.failed
    assert text.startswith("groups/4711: ")
    assert "404" in text
    assert [document["target_id"] for _, document in pending(world)] == [4711]


def test_users_come_before_the_groups_that_they_are_in(small: Small) -> None:
    world = small()
    for entity in ("groups", "organizations", "users"):
        put(world, entity, 5, {"active": False})
        put(world, entity, 6, {"active": False}, written=True)
        put(world, entity, 7, {"active": False}, status="failed")
    assert [entity for entity, _ in pending(world)] == ["users", "organizations", "groups"]


def test_a_zammad_that_was_never_set_up_is_opened(small: Small, zammad_desk: Desk) -> None:
    zammad_desk.set(system_init_done=False)
    finished(looked(small(), zammad_desk), zammad_desk)
    assert zammad_desk.fake.setting("system_init_done") is True


def _state(desk: Desk, *ids: tuple[str, int]) -> list[object]:
    rows = [getattr(desk.fake.tables, table)[number]["active"] for table, number in ids]
    names = ("import_mode", "ticket_number_ignore_system_id", "postmaster_follow_up_search_in")
    return [*rows, *(desk.fake.setting(name) for name in names)]


@pytest.mark.fault(
    "finish is cut off after any of its writes",
    does="the next one goes on to the same end",
)
@pytest.mark.parametrize("last", [1, 3, 4, 5, 6, 30, 45])
def test_cut_off_after_any_write_finish_goes_on_to_the_same_end(
    small: Small, zammad_desk: Desk, monkeypatch: pytest.MonkeyPatch, last: int
) -> None:
    world = looked(small(), zammad_desk)
    group, user = zammad_desk.group("Old"), zammad_desk.user("customer-1@example.org")
    companies = len(zammad_desk.fake.tables.organizations)
    put(world, "groups", group, {"active": False})
    put(world, "users", user, {"active": False})
    send, sent = zammad_desk.zammad._ask, 0

    def ask(method: str, path: str, **options: Any) -> Any:
        nonlocal sent
        answer = send(method, path, **options)
        sent += method != "GET"
        if sent == last and method != "GET":
            raise KeyboardInterrupt
        return answer

    monkeypatch.setattr(zammad_desk.zammad, "_ask", ask)
    with pytest.raises(KeyboardInterrupt):
        finished(world, zammad_desk)
    monkeypatch.undo()
    assert finished(world, zammad_desk).failed == []
    assert _state(zammad_desk, ("groups", group), ("users", user)) == [
        *(False, False, False),
        *(True, ["references"]),
    ]
    assert len(zammad_desk.fake.tables.organizations) == companies
    assert zammad_desk.fake.mails_sent == []
    written = zammad_desk.writes()
    assert finished(world, zammad_desk) == Finished()
    assert zammad_desk.writes() == written
