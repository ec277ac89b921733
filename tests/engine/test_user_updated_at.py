"""The option that keeps the time of users' last change, which roles and groups move in Zammad."""

from __future__ import annotations

from typing import Any

import pytest

from runner.engine import records, write_record
from runner.engine.change import Action, Change
from runner.engine.finish import finish
from runner.engine.verified import Verified
from runner.engine.verify_listed import Listed
from runner.engine.world import World
from tests.engine.support import Small, agent, fill, looked, record, user
from tests.zammad.support import Desk

THEN, MOMENT = "2021-08-27T10:49:56.000Z", "2021-09-02T08:00:00+00:00"


@pytest.fixture
def world(small: Small, zammad_desk: Desk) -> World:
    made = looked(small(), zammad_desk)
    made.user_updated_at = True
    return made


def of(world: World, number: int = 7) -> Change:
    return records.of_record(world, "users", record(world, "users", number))


def write(world: World, number: int = 7) -> dict[str, Any]:
    assert world.zammad is not None
    change = of(world, number)
    document = write_record.write(world, world.zammad, change)
    world.ledger.table("users").put(document)
    return document


def updated_at(desk: Desk, document: dict[str, Any]) -> str:
    return str(desk.zammad.get(f"/users/{document['target_id']}")["updated_at"])


def compared(world: World) -> set[tuple[str, str]]:
    assert world.zammad is not None
    result = Verified("https://zammad.example.org")
    Listed(world, world.zammad, result, "users").compare(lambda *_: None)
    return {(found.source_id, found.field) for found in result.deviations}


def test_it_costs_one_request_more_and_is_kept(world: World, zammad_desk: Desk) -> None:
    zammad_desk.fake.requests.clear()
    document = write(world)
    assert updated_at(zammad_desk, document) == THEN
    assert zammad_desk.writes() == ["POST /users", f"PUT /users/{document['target_id']}"]
    assert of(world).action is Action.UNCHANGED


def test_without_the_option_zammad_has_its_own(world: World, zammad_desk: Desk) -> None:
    world.user_updated_at = False
    zammad_desk.fake.requests.clear()
    document = write(world)
    assert updated_at(zammad_desk, document) > "2026"
    assert zammad_desk.writes() == ["POST /users"]


def test_it_can_be_switched_on_later_and_off_again(world: World, zammad_desk: Desk) -> None:
    world.user_updated_at = False
    write(world)
    world.user_updated_at = True
    assert of(world).fields == {"updated_at": "2021-08-27T10:49:56Z"}
    zammad_desk.fake.requests.clear()
    document = write(world)
    assert zammad_desk.writes() == [f"PUT /users/{document['target_id']}"]
    assert updated_at(zammad_desk, document) == THEN
    world.user_updated_at = False
    assert of(world).action is Action.UNCHANGED


def test_a_lost_answer_leaves_the_right_time_and_one_user(world: World, zammad_desk: Desk) -> None:
    zammad_desk.fake.faults.fail("POST", "/users$", "reset_after")
    zammad_desk.fake.faults.fail("PUT", "/users/", "reset_after")
    assert updated_at(zammad_desk, write(world)) == THEN
    assert zammad_desk.writes().count("POST /users") == 1


def test_a_later_change_moves_it_to_the_new_time(world: World, zammad_desk: Desk) -> None:
    write(world)
    fill(world.snapshot, "users", [user(full_name="New Name", updated_at=MOMENT), agent()])
    document = write(world)
    assert updated_at(zammad_desk, document) == "2021-09-02T08:00:00.000Z"


def test_a_user_who_was_there_before_us_keeps_his_own(world: World, zammad_desk: Desk) -> None:
    zammad_desk.user("customer-7@example.org", lastname="")
    world.directories["users"].load(zammad_desk.zammad)
    assert of(world).adopted
    assert updated_at(zammad_desk, write(world)) > "2026"


def test_finish_puts_it_back_and_verify_wants_it_from_then_on(
    world: World, zammad_desk: Desk
) -> None:
    group = zammad_desk.group("General")
    world.ledger.table("groups").put({"source_id": "1", "target_id": group, "status": "done"})
    customer, colleague = write(world), write(world, 2)
    path = f"/users/{colleague['target_id']}"
    zammad_desk.zammad.update(path, {"group_ids": {str(group): ["full"]}})
    assert compared(world) == set()
    finish(world, zammad_desk.zammad, settle_seconds=0, tell=lambda _: None)
    assert updated_at(zammad_desk, colleague) == THEN
    assert compared(world) == set()
    zammad_desk.zammad.update(f"/users/{customer['target_id']}", {"fax": "1"})
    assert ("7", "updated_at") in compared(world)
