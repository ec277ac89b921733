"""Agents in copy watch the ticket, on both versions; nobody else does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from runner.engine import tickets, verify_ticket, write_ticket
from runner.engine.access import Access
from runner.engine.change import Action
from runner.engine.verified import Kind, Verified
from runner.engine.world import World
from runner.errors import OutcomeUnknown
from runner.mapping.model import Reference
from runner.snapshot.beside import PARTICIPANTS
from runner.snapshot.writing import Writer
from tests.engine.support import Small, agent, case, looked, record, reference, user
from tests.zammad.support import Desk, Port, desk


@pytest.fixture(params=["6.5", "5.2"])
def each_desk(zammad_port: Port, request: pytest.FixtureRequest) -> Iterator[Desk]:
    with desk(zammad_port, version=request.param) as made:
        yield made


def in_copy(world: World, *people: int) -> None:
    Writer(world.snapshot).beside(PARTICIPANTS, 1, [reference("user", one) for one in people])


@pytest.fixture
def world(small: Small, each_desk: Desk) -> World:
    """Return a world with a conversation that agents 2 and 3 and customer 8 have in copy."""
    made = small(cases=[case(1)], users=[user(), agent(2), agent(3), user(8)])
    in_copy(made, 2, 8)
    group_id = each_desk.group("Kayako unassigned")
    looked(made, each_desk)
    done = {"status": "done"}
    made.ledger.table("groups").put(
        {"source_id": "=Kayako unassigned", "target_id": group_id, **done}
    )
    for number in (7, 2, 3, 8):
        login = "customer" if number > 6 else "agent"
        roles = ["Customer"] if number > 6 else ["Agent"]
        target_id = each_desk.user(f"{login}-{number}@example.org", *roles)
        document = {"source_id": str(number), "target_id": target_id, **done}
        made.ledger.table("users").put(document)
    return made


def of(world: World) -> Any:
    return tickets.of_case(world, record(world, "cases", 1))


def write(world: World) -> dict[str, Any]:
    assert world.zammad is not None
    change = of(world)
    Access(world, world.zammad).prepare(change)
    write_ticket.write(world, world.zammad, change)
    return dict(world.ledger.table("tickets").get("1") or {})


def watching(world: World, desk: Desk, ticket_id: int) -> set[str]:
    names = {
        document["target_id"]: document["source_id"] for document in world.ledger.table("users")
    }
    rows = desk.zammad.get(
        "/mentions", {"mentionable_type": "Ticket", "mentionable_id": ticket_id}
    )["mentions"]
    assert len(rows) == len({row["user_id"] for row in rows})
    return {names[row["user_id"]] for row in rows}


def test_agents_in_copy_watch_and_customers_do_not(world: World, each_desk: Desk) -> None:
    change = of(world)
    assert change.payload["mentions"] == [Reference("users", "2", None)]
    document = write(world)
    assert watching(world, each_desk, document["target_id"]) == {"2"}
    assert each_desk.fake.mails_sent == []
    assert of(world).action is Action.UNCHANGED
    row = each_desk.zammad.get(f"/tickets/{document['target_id']}")
    assert row["updated_at"] == "2021-08-27T10:49:56.000Z"


def test_people_in_copy_who_are_read_with_the_posts_are_not_missed(world: World) -> None:
    in_copy(world)
    before = record(world, "cases", 1)
    change = tickets.of_case(world, before, bodies=lambda _: in_copy(world, 2))
    assert change.payload["mentions"] == [Reference("users", "2")]


def test_who_comes_into_copy_later_is_added_and_nobody_is_taken_away(
    world: World, each_desk: Desk
) -> None:
    ticket_id = write(world)["target_id"]
    in_copy(world, 3)
    change = of(world)
    assert [difference.field for difference in change.differences] == ["mentions"]
    document = write(world)
    assert watching(world, each_desk, ticket_id) == {"2", "3"}
    assert document["applied"]["mentions"] == [{"ref": "users/3"}]
    row = each_desk.zammad.get(f"/tickets/{ticket_id}")
    assert row["updated_at"] == "2021-08-27T10:49:56.000Z"
    in_copy(world)
    assert of(world).action is Action.UNCHANGED
    assert each_desk.fake.mails_sent == []


@pytest.mark.parametrize("fault", ["reset_before", "reset_after"])
def test_a_lost_answer_lets_nobody_watch_twice(world: World, each_desk: Desk, fault: str) -> None:
    ticket_id = write(world)["target_id"]
    in_copy(world, 2, 3)
    each_desk.fake.faults.fail("POST", "/mentions$", fault)
    write(world)
    assert watching(world, each_desk, ticket_id) == {"2", "3"}


def test_four_lost_answers_leave_it_open(world: World, each_desk: Desk) -> None:
    write(world)
    in_copy(world, 2, 3)
    for _ in range(4):
        each_desk.fake.faults.fail("POST", "/mentions$", "reset_before")
    with pytest.raises(OutcomeUnknown):
        write(world)


def test_an_interrupted_run_is_completed_with_its_watchers(world: World, each_desk: Desk) -> None:
    in_copy(world)
    ticket_id = write(world)["target_id"]
    world.ledger.table("tickets").put({"source_id": "1", "target_id": None, "status": "intended"})
    in_copy(world, 2, 3)
    write(world)
    assert watching(world, each_desk, ticket_id) == {"2", "3"}


def test_verify_misses_a_watcher_and_lets_others_watch(world: World, each_desk: Desk) -> None:
    document = write(world)
    in_copy(world, 2, 3)
    change = tickets.of_case(world, record(world, "cases", 1), whole=True)
    result = Verified("https://zammad.example.org")
    verify_ticket.compare(world, each_desk.zammad, result, change, document)
    (found,) = result.deviations
    assert (found.field, found.wanted) == ("mentions", ["users/3"])
    assert found.kind is Kind.OUTDATED
    document = write(world)
    in_copy(world, 2)
    change = tickets.of_case(world, record(world, "cases", 1), whole=True)
    again = Verified("https://zammad.example.org")
    verify_ticket.compare(world, each_desk.zammad, again, change, document)
    assert again.deviations == []
    each_desk.fake.tables.mentions.clear()
    each_desk.fake.state.store.ticket_mentions.clear()
    left = Verified("https://zammad.example.org")
    verify_ticket.compare(world, each_desk.zammad, left, change, document)
    assert [(d.field, d.kind) for d in left.deviations] == [("mentions", Kind.CHANGED)]


def test_who_may_not_see_the_group_is_given_access_first(world: World, each_desk: Desk) -> None:
    assert world.zammad is not None
    change = of(world)
    user_id = world.resolve(Reference("users", "2"))
    assert each_desk.zammad.get(f"/users/{user_id}").get("group_ids") in ({}, None)
    Access(world, world.zammad).prepare(change)
    assert each_desk.writes()[-1] == f"PUT /users/{user_id}"
    document = world.ledger.table("users").get("2") or {}
    assert document["deferred"]["written"] is False
