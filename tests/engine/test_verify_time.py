"""Time entries in Zammad compared with what they should be, on both kinds of Zammad."""

from __future__ import annotations

from typing import Any

import pytest

from runner.engine import tickets, verify_ticket
from runner.engine.verified import Verified
from runner.engine.world import World
from tests.engine.support import Small, fill, record
from tests.engine.test_time_entries import entry
from tests.engine.test_write_time import ENTRIES, LATER, tracked, write
from tests.zammad.support import Desk

OURS, FOREIGN = "record", "time entries that were written in Zammad"


@pytest.fixture
def world(small: Small, zammad_desk: Desk) -> World:
    made = tracked(small, zammad_desk)
    write(made)
    return made


@pytest.fixture
def old(small: Small, old_desk: Desk) -> World:
    made = tracked(small, old_desk)
    write(made)
    return made


def compared(world: World) -> Verified:
    assert world.zammad is not None
    result = Verified("https://zammad.example.org")
    change = tickets.of_case(world, record(world, "cases", 1), whole=True)
    known = dict(world.ledger.table("tickets").get("1") or {})
    verify_ticket.compare(world, world.zammad, result, change, known)
    return result


def found(result: Verified) -> set[tuple[str, str, str, str]]:
    return {(d.entity, d.source_id, d.field, str(d.kind)) for d in result.deviations}


def path(world: World, more: str = "") -> str:
    document = world.ledger.table("tickets").get("1") or {}
    return f"/tickets/{document['target_id']}/time_accountings{more}"


def test_entries_that_are_as_they_should_be_are_counted(world: World) -> None:
    result = compared(world)
    assert found(result) == set()
    assert result.checked["time_entries"] == 3


def test_an_entry_that_was_deleted_is_missing(world: World) -> None:
    assert world.zammad is not None
    world.zammad.delete(path(world, "/2"))
    assert ("time_entries", "1/2", OURS, "missing") in found(compared(world))


def test_changes_in_zammad_and_in_kayako_are_told_apart(world: World, zammad_desk: Desk) -> None:
    row = zammad_desk.fake.tables.time_accountings[1]
    row["created_at"] = "2021-01-01T00:00:00.000Z"
    zammad_desk.zammad.update(path(world, "/2"), {"time_unit": 9})
    fill(world.snapshot, "timetracking", [entry(3, 119, created_at=LATER)])
    assert found(compared(world)) >= {
        ("time_entries", "1/1", "created_at", "changed"),
        ("time_entries", "1/2", "time_unit", "changed"),
        ("time_entries", "1/3", "time_unit", "outdated"),
    }


def test_doubles_are_told_and_the_time_of_others_is_theirs(world: World, zammad_desk: Desk) -> None:
    body = {"time_unit": "10", "created_at": "2021-08-28T10:00:00Z"}
    zammad_desk.zammad.create(path(world), body)
    zammad_desk.zammad.create(path(world), {"time_unit": "3"})
    result = compared(world)
    assert found(result) == {("time_entries", "1/1", OURS, "doubled")}
    assert result.told[FOREIGN] == 1


def test_an_entry_that_is_gone_from_kayako_stays_and_is_told(world: World) -> None:
    fill(world.snapshot, "timetracking", [{**ENTRIES[2], "case": None}])
    result = compared(world)
    assert found(result) == set()
    assert result.told["time entries that are gone from Kayako"] == 1


def test_a_ticket_without_time_costs_no_request_more(small: Small, zammad_desk: Desk) -> None:
    world = tracked(small, zammad_desk, [])
    write(world)
    zammad_desk.fake.requests.clear()
    assert found(compared(world)) == set()
    assert len(zammad_desk.fake.requests) == 3


def test_where_time_comes_with_articles_sums_are_compared(old: World) -> None:
    assert found(compared(old)) == set()
    fill(old.snapshot, "timetracking", [entry(4, 60)])
    assert found(compared(old)) == {("tickets", "1", "time_unit", "outdated")}
    write(old)
    assert found(compared(old)) == set()


def test_a_sum_that_is_less_was_changed(old: World, old_desk: Desk) -> None:
    document = old.ledger.table("tickets").get("1") or {}
    old_desk.fake.tables.tickets[document["target_id"]]["time_unit"] = "3.0"
    result = compared(old)
    assert found(result) == {("tickets", "1", "time_unit", "changed")}
    pair: list[Any] = [(d.wanted, d.there) for d in result.deviations]
    assert pair == [("12.48", "3.00")]


def test_time_that_agents_added_explains_a_larger_sum(old: World) -> None:
    assert old.zammad is not None
    document = old.ledger.table("tickets").get("1") or {}
    body = {"ticket_id": document["target_id"], "type": "note", "body": "x", "time_unit": "4"}
    old.zammad.create("/ticket_articles", body)
    result = compared(old)
    assert found(result) == set()
    assert result.told[FOREIGN] == 1
