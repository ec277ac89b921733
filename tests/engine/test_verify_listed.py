"""What verify says of the records in Zammad's lists, one kind of difference after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from runner.engine import drift, records, write_record
from runner.engine.change import Action
from runner.engine.verified import Kind, Verified
from runner.engine.verify_listed import Listed, as_zammad_splits, same_value
from runner.engine.world import World
from runner.errors import Refused
from runner.snapshot.writing import Writer
from tests.engine.support import Edit, Small, agent, fill, looked, organization, record, team, user
from tests.zammad.support import Desk

RESOURCES = ("teams", "organizations", "users")
ENTITIES = ("groups", "organizations", "users")


def moved(world: World, desk: Desk) -> World:
    """Write everything that the world lists, and look at Zammad as the next run does."""
    looked(world, desk)
    for entity, resource in zip(ENTITIES, RESOURCES, strict=True):
        for row in world.snapshot.records(resource):
            change = records.of_record(world, entity, row)
            document = write_record.write(world, desk.zammad, change)
            world.ledger.table(entity).put(document)
    return again(world, desk)


def again(world: World, desk: Desk) -> World:
    fresh = World(world.mappings, world.snapshot, world.ledger, world.kayako_host, world.go_live)
    return looked(fresh, desk)


def compared(world: World, desk: Desk, entity: str = "users") -> Verified:
    result = Verified("")
    Listed(world, desk.zammad, result, entity).compare(lambda *_: None)
    return result


def told(result: Verified) -> list[tuple[str, str, Kind]]:
    return [(one.source_id, one.field, one.kind) for one in result.deviations]


def target_of(world: World, entity: str, source_id: str) -> int:
    return int((world.ledger.table(entity).get(source_id) or {})["target_id"])


def test_a_fresh_move_is_as_it_should_be(small: Small, zammad_desk: Desk) -> None:
    world = moved(small(), zammad_desk)
    for entity in ENTITIES:
        result = compared(world, zammad_desk, entity)
        assert told(result) == [], entity
        assert result.counts[entity]["wanted"] == result.counts[entity]["there"] > 0
    assert drift.look(world, zammad_desk.zammad).counts == {}


def test_a_list_that_moves_while_it_is_read_counts_each_record_once(
    small: Small, zammad_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = moved(small(), zammad_desk)
    rows = list(zammad_desk.zammad.pages("/users", per_page=100))

    def shifting(*_: Any, **__: Any) -> Iterator[dict[str, Any]]:
        yield from rows
        yield rows[-1]

    monkeypatch.setattr(zammad_desk.zammad, "pages", shifting)
    result = compared(world, zammad_desk)
    assert result.counts["users"]["there"] == 2
    assert told(result) == []


def test_what_left_kayako_is_counted_apart(small: Small, zammad_desk: Desk) -> None:
    world = moved(small(), zammad_desk)
    Writer(world.snapshot).mark_gone("users", 7)
    result = compared(world, zammad_desk)
    assert (result.counts["users"]["gone"], result.counts["users"]["there"]) == (1, 1)
    assert told(result) == []


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (
            "zammad_fields:\n",
            "skip:\n  is_enabled:\n    true: for this test\n\nzammad_fields:\n",
            Kind.EXTRA,
        ),
        (
            "zammad_fields:\n",
            "zammad_fields:\n  fax:\n    from: full_name\n    as: integer\n",
            Kind.OUTDATED,
        ),
    ],
)
def test_what_mappings_leave_out_by_now_is_told(
    small: Small, zammad_desk: Desk, edited: Edit, *, before: str, after: str, kind: Kind
) -> None:
    world = moved(small(), zammad_desk)
    world.mappings = edited("users.yaml", before, after)
    assert {(field, how) for _, field, how in told(compared(world, zammad_desk))} == {
        ("record", kind)
    }


def test_what_was_never_written_is_missing_and_what_failed_is_counted(
    small: Small, zammad_desk: Desk
) -> None:
    world = moved(small(), zammad_desk)
    fill(world.snapshot, "users", [user(8), user(9)])
    failed = {"source_id": "9", "target_id": None, "status": "failed"}
    world.ledger.table("users").put(failed)
    result = compared(world, zammad_desk)
    assert told(result) == [("8", "record", Kind.MISSING)]
    assert result.counts["users"]["failed"] == 1
    world.ledger.start_run("apply", scope="--ids 1")
    result = compared(world, zammad_desk)
    assert told(result) == []
    assert result.told == {"users not in the scope of the last apply (--ids 1)": 1}


def test_what_was_deleted_in_zammad_is_missing_and_is_drift(
    small: Small, zammad_desk: Desk
) -> None:
    world = moved(small(), zammad_desk)
    zammad_desk.fake.tables.users.pop(target_of(world, "users", "7"))
    world = again(world, zammad_desk)
    assert ("7", "record", Kind.MISSING) in told(compared(world, zammad_desk))
    found = drift.look(world, zammad_desk.zammad)
    assert found.counts == {("users", drift.GONE): 1}
    assert found.rows[0]["label"] == "customer-7@example.org"


def test_an_organization_that_somebody_gave_or_took_is_told(
    small: Small, zammad_desk: Desk
) -> None:
    rows = [user(7, organization=organization()), user(8)]
    world = moved(small(users=rows), zammad_desk)
    acme = target_of(world, "organizations", "5")
    tables = zammad_desk.fake.tables
    tables.users[target_of(world, "users", "7")]["organization_id"] = None
    tables.users[target_of(world, "users", "8")]["organization_id"] = acme
    world = again(world, zammad_desk)
    # Nobody said that user 8 has none, so only what was written is missed.
    assert told(compared(world, zammad_desk)) == [("7", "organization", Kind.CHANGED)]
    found = drift.look(world, zammad_desk.zammad)
    assert [(row["source_id"], row["fields"]) for row in found.rows] == [("7", ["organization"])]


def test_an_organization_that_kayako_took_is_told_until_it_is_emptied(
    small: Small, zammad_desk: Desk
) -> None:
    world = moved(small(users=[user(7, organization=organization())]), zammad_desk)
    fill(world.snapshot, "users", [user(7)])
    assert told(compared(world, zammad_desk)) == [("7", "organization", Kind.OUTDATED)]
    change = records.of_record(world, "users", record(world, "users", 7))
    world.ledger.table("users").put(write_record.write(world, zammad_desk.zammad, change))
    assert told(compared(again(world, zammad_desk), zammad_desk)) == []


def test_roles_that_changed_in_zammad_are_told(small: Small, zammad_desk: Desk) -> None:
    world = moved(small(), zammad_desk)
    zammad_desk.fake.tables.users[target_of(world, "users", "7")]["role_ids"] = [2, 3]
    world = again(world, zammad_desk)
    assert told(compared(world, zammad_desk)) == [("7", "roles", Kind.CHANGED)]
    (row,) = drift.look(world, zammad_desk.zammad).rows
    assert row["fields"] == ["roles"]


def test_two_records_of_one_name_are_told_once(small: Small, zammad_desk: Desk) -> None:
    world = moved(small(), zammad_desk)
    ours = zammad_desk.fake.tables.organizations[target_of(world, "organizations", "5")]
    zammad_desk.fake.tables.organizations[99] = {**ours, "id": 99}
    world = again(world, zammad_desk)
    result = compared(world, zammad_desk, "organizations")
    assert [how for _, _, how in told(result)] == [Kind.DOUBLED]
    assert result.counts["organizations"]["not ours"] >= 1


def test_groups_of_an_agent_are_those_of_the_teams_once_finish_gave_them(
    small: Small, zammad_desk: Desk
) -> None:
    rows = [team(), team(2, "Second")]
    world = moved(small(teams=rows, users=[agent(2, teams=rows)]), zammad_desk)
    table = world.ledger.table("users")
    known = table.get("2") or {}
    table.put({**known, "deferred": {**known["deferred"], "written": True}})
    user_row = zammad_desk.fake.tables.users[target_of(world, "users", "2")]
    assert told(compared(again(world, zammad_desk), zammad_desk)) == []
    second = str(target_of(world, "groups", "2"))
    user_row["group_ids"] = {
        number: how for number, how in user_row["group_ids"].items() if number != second
    }
    assert told(compared(again(world, zammad_desk), zammad_desk)) == [("2", "groups", Kind.CHANGED)]
    user_row["active"] = False
    found = told(compared(again(world, zammad_desk), zammad_desk))
    assert ("2", "groups", Kind.CHANGED) not in found, "Zammad shows no groups of these"


@pytest.mark.parametrize(
    ("name", "value", "there", "same"),
    [
        ("login", " Ann@Acme.example", "ann@acme.example", True),
        ("firstname", "ANN", "Ann", True),
        ("firstname", "ANN", "Anna", False),
        ("default", False, True, True),
        ("default", True, False, False),
        ("no_such_field", "a", "b", False),
    ],
)
def test_what_counts_as_the_same(
    small: Small, name: str, value: object, there: object, *, same: bool
) -> None:
    entity = "calendars" if name == "default" else "users"
    assert same_value(small(), entity, name, value, there) is same


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"firstname": "Ann Bee", "lastname": ""}, ("Ann", "Bee")),
        ({"lastname": "Ann Bee Cee"}, ("Ann", "Bee Cee")),
        ({"firstname": "Ann", "lastname": "Bee"}, ("Ann", "Bee")),
    ],
)
def test_a_lone_name_is_split_as_zammad_does(given: dict[str, Any], shown: tuple[str, str]) -> None:
    found = as_zammad_splits(given)
    assert (found["firstname"], found["lastname"]) == shown


def ticket(world: World, desk: Desk, number: str, **applied: Any) -> int:
    """Make a ticket as an apply left it."""
    desk.importing()
    then = "2021-09-01T08:00:00Z"
    ticket_id = desk.ticket(number, title="T")
    desk.fake.tables.tickets[ticket_id]["updated_at"] = then
    document = {"source_id": number, "target_id": ticket_id, "status": "done"}
    applied = {"title": "T", "updated_at": then, **applied}
    world.ledger.table("tickets").put({**document, "applied": applied})
    return ticket_id


def test_tickets_that_nobody_touched_are_not_asked_for(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(), zammad_desk)
    ticket(world, zammad_desk, "1")
    retitled = ticket(world, zammad_desk, "2", title="Ours")
    zammad_desk.fake.tables.tickets[retitled]["updated_at"] = "2026-01-01T00:00:00Z"
    skipped = {"source_id": "3", "target_id": retitled, "status": "failed"}
    world.ledger.table("tickets").put(skipped)
    zammad_desk.fake.requests.clear()
    found = drift.look(world, zammad_desk.zammad)
    assert [(row["target_id"], row["fields"]) for row in found.rows] == [(retitled, ["title"])]
    assert found.looked_at["tickets"] == 2
    asked = [one.path for one in zammad_desk.fake.requests if "/tickets/" in one.path]
    assert asked == [f"/api/v1/tickets/{retitled}"]


@pytest.mark.parametrize(
    ("status", "what"), [(404, drift.GONE), (403, drift.CLOSED), (None, drift.CHANGED)]
)
def test_a_ticket_that_is_in_no_list_is_asked_for(
    small: Small,
    zammad_desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    status: int | None,
    what: str,
) -> None:
    world = looked(small(), zammad_desk)
    number = ticket(world, zammad_desk, "1", title="Ours")
    theirs = {**zammad_desk.fake.tables.tickets[1]}
    real = zammad_desk.zammad.pages

    def without(path: str, **how: Any) -> Iterator[dict[str, Any]]:
        rows = [row for row in real(path, **how) if path != "/tickets" or row["id"] != number]
        yield from rows
        if path == "/tickets":
            yield from rows  # each of them twice: the list moved

    monkeypatch.setattr(zammad_desk.zammad, "pages", without)

    def read(_: object, ticket_id: int) -> dict[str, Any]:
        assert ticket_id == number
        if status is not None:
            raise Refused("no", status=status)
        return {**theirs, "id": number, "title": "Theirs"}

    monkeypatch.setattr(drift.tickets, "read", read)
    assert drift.look(world, zammad_desk.zammad).counts == {("tickets", what): 1}


def test_a_refusal_of_another_kind_ends_the_look(
    small: Small, zammad_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = looked(small(), zammad_desk)
    zammad_desk.fake.tables.tickets.pop(ticket(world, zammad_desk, "1"))

    def read(*_: object) -> None:
        raise Refused("no", status=422)

    monkeypatch.setattr(drift.tickets, "read", read)
    with pytest.raises(Refused):
        drift.look(world, zammad_desk.zammad)


def test_what_was_adopted_is_compared_with_what_it_was_given(
    small: Small, zammad_desk: Desk
) -> None:
    zammad_desk.user("customer-7@example.org", lastname="", phone="kept")
    world = moved(small(users=[user(7)]), zammad_desk)
    known = world.ledger.table("users").get("7") or {}
    assert known["adopted"]
    assert told(compared(world, zammad_desk)) == []
    zammad_desk.fake.tables.users[known["target_id"]].update(lastname="Theirs", phone="")
    world = again(world, zammad_desk)
    assert told(compared(world, zammad_desk)) == [("7", "lastname", Kind.CHANGED)]
    assert drift.look(world, zammad_desk.zammad).rows[0]["fields"] == ["lastname"]


def test_records_that_wait_or_were_skipped_are_no_drift(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(), zammad_desk)
    world.ledger.table("users").put({"source_id": "7", "target_id": None, "status": "skipped"})
    assert drift.look(world, zammad_desk.zammad).as_json() == {
        "looked_at": {},
        "counts": [],
        "records": [],
    }


def test_a_record_of_a_closed_list_is_left_out(small: Small) -> None:
    world = small()
    world.closed["groups"] = "no right"
    change = records.of_record(world, "groups", record(world, "teams", 1))
    assert (change.action, change.reason) == (Action.SKIP, "no right")
