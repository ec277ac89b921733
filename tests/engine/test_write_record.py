from __future__ import annotations

from typing import Any

import pytest

from runner.engine import records, results, write_record
from runner.engine.change import Action, Change
from runner.engine.world import World
from runner.errors import OutcomeUnknown, PreflightError, RecordError
from runner.mapping.model import Reference
from tests.engine.support import Small, agent, looked, organization, record, user
from tests.zammad.support import Desk


def of(world: World, number: int = 7) -> Change:
    return records.of_record(world, "users", record(world, "users", number))


def count(desk: Desk, path: str, name: str) -> int:
    rows = desk.zammad.pages(path, per_page=1000)
    return sum(name in {row.get("login"), row.get("name")} for row in rows)


def test_a_user_is_created_with_its_past_and_known_from_then_on(
    small: Small, zammad_desk: Desk
) -> None:
    world = looked(small(), zammad_desk)
    document = write_record.write(world, zammad_desk.zammad, of(world))
    row = zammad_desk.zammad.get(f"/users/{document['target_id']}")
    assert row["created_at"] == "2021-08-27T10:49:56.000Z"
    assert document["status"] == "done"
    assert (world.directories["users"].named("customer-7@example.org") or {})["id"] == row["id"]


def test_an_agent_is_created_with_access_to_the_teams_that_were_moved(
    small: Small, zammad_desk: Desk
) -> None:
    group_id = zammad_desk.group("General")
    world = looked(small(), zammad_desk)
    change = of(world, 2)
    world.ledger.table("groups").put({"source_id": "1", "target_id": group_id, "status": "done"})
    teams = [*change.deferred["groups"], Reference("groups", "99")]
    change.deferred["groups"] = teams
    document = write_record.write(world, zammad_desk.zammad, change)
    row = zammad_desk.zammad.get(f"/users/{document['target_id']}")
    assert row["group_ids"] == {str(group_id): ["full"]}


def test_what_arrived_in_an_earlier_run_is_not_sent_again(small: Small, zammad_desk: Desk) -> None:
    zammad_desk.importing()
    moment = "2021-08-27T10:49:56Z"
    user_id = zammad_desk.user("customer-7@example.org", created_at=moment)
    world = looked(small(), zammad_desk)
    intent = results.intent(Change("users", "7", Action.CREATE), None)
    world.ledger.table("users").put({**intent, "applied": {"created_at": moment}})
    document = write_record.write(world, zammad_desk.zammad, of(world))
    assert (document["target_id"], document["adopted"]) == (user_id, False)
    assert zammad_desk.writes().count("POST /users") == 1
    assert zammad_desk.zammad.get(f"/users/{user_id}")["firstname"] == "Customer"


def test_an_update_sends_its_fields_only(small: Small, zammad_desk: Desk) -> None:
    user_id = zammad_desk.user("customer-7@example.org", phone="kept", lastname="")
    world = looked(small(), zammad_desk)
    change = of(world)
    assert change.action is Action.UPDATE
    write_record.write(world, zammad_desk.zammad, change)
    row = zammad_desk.zammad.get(f"/users/{user_id}")
    assert (row["firstname"], row["lastname"], row["phone"]) == ("A", "7", "kept")


def test_a_record_that_joins_another_gets_its_id(small: Small, zammad_desk: Desk) -> None:
    rows = [organization(5), organization(6)]
    world = looked(small(organizations=rows), zammad_desk)
    changes = [
        records.of_record(world, "organizations", record(world, "organizations", number))
        for number in (5, 6)
    ]
    documents = [write_record.write(world, zammad_desk.zammad, change) for change in changes]
    assert documents[0]["target_id"] == documents[1]["target_id"]
    assert [document["adopted"] for document in documents] == [False, True]


def test_a_record_that_joins_one_which_failed_fails_too(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(), zammad_desk)
    change = of(world)
    joined = Change("users", "8", Action.UNCHANGED, payload=change.payload, label="customer-7")
    with pytest.raises(RecordError, match="shares its name"):
        write_record.write(world, zammad_desk.zammad, joined)


@pytest.mark.parametrize(
    ("entity", "number", "name"),
    [("users", 7, "customer-7@example.org"), ("organizations", 5, "Acme")],
)
@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "500_after"])
def test_a_lost_answer_never_doubles_a_record(
    small: Small, zammad_desk: Desk, *, entity: str, number: int, name: str, fault: str
) -> None:
    world = looked(small(), zammad_desk)
    change = records.of_record(world, entity, record(world, entity, number))
    zammad_desk.fake.faults.fail("POST", f"/{entity}$", fault)
    document = write_record.write(world, zammad_desk.zammad, change)
    assert document["status"] == "done"
    assert count(zammad_desk, f"/{entity}", name) == 1


def test_three_lost_answers_leave_the_outcome_open(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(), zammad_desk)
    for _ in range(3):
        zammad_desk.fake.faults.fail("POST", "/users", "reset_before")
    with pytest.raises(OutcomeUnknown):
        write_record.write(world, zammad_desk.zammad, of(world))


def test_what_cannot_be_looked_up_stays_open_and_is_not_sent_again(
    small: Small, zammad_desk: Desk
) -> None:
    world = looked(small(), zammad_desk)
    change = of(world)
    zammad_desk.fake.faults.fail("POST", "/users", "reset_after")
    for _ in range(10):
        zammad_desk.fake.faults.fail("GET", "/users/me", "500_before")
    with pytest.raises(OutcomeUnknown):
        write_record.write(world, zammad_desk.zammad, change)
    assert zammad_desk.writes().count("POST /users") == 1


def test_a_refused_record_leaves_nothing_for_others_to_join(
    small: Small, zammad_desk: Desk
) -> None:
    world = looked(small(users=[agent(2, organization=organization(99))]), zammad_desk)
    change = of(world, 2)
    broken: dict[str, Any] = {**change.payload, "roles": ["No such role"]}
    refused = Change("users", "2", Action.CREATE, payload=broken)
    with pytest.raises(RecordError):
        write_record.write(world, zammad_desk.zammad, refused)
    assert world.directories["users"].find(change.payload) is None


def test_todays_date_stops_the_run(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(users=[user()]), zammad_desk)
    zammad_desk.set(import_mode=False)
    with pytest.raises(PreflightError, match="users/7 was sent with 2021"):
        write_record.write(world, zammad_desk.zammad, of(world))


def test_a_user_that_was_made_although_zammad_refused_is_not_doubled(
    small: Small, zammad_desk: Desk
) -> None:
    world = looked(small(), zammad_desk)
    zammad_desk.fake.faults.fail("POST", "/users$", "422_after")
    change = of(world)
    world.ledger.table("users").put(results.intent(change, None))
    problem: RecordError | None = None
    try:
        write_record.write(world, zammad_desk.zammad, change)
    except RecordError as error:
        problem = error
        known = world.ledger.table("users").get("7")
        world.ledger.table("users").put(results.failed(change, error, known=known))
    again = World(world.mappings, world.snapshot, world.ledger, world.kayako_host, world.go_live)
    looked(again, zammad_desk)
    document = write_record.write(again, zammad_desk.zammad, of(again))
    assert zammad_desk.fake.faults.one_shot == []
    assert problem is not None
    assert document["status"] == "done"
    assert count(zammad_desk, "/users", "customer-7@example.org") == 1
