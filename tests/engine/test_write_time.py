"""Time entries on their way: nothing twice, nothing lost, on both kinds of Zammad."""

from __future__ import annotations

from typing import Any

import pytest

from runner.engine import tickets, write_ticket
from runner.engine.change import Action, Change
from runner.engine.world import World
from runner.errors import OutcomeUnknown, PreflightError, RecordError, Refused
from runner.zammad import time_accounting
from tests.engine.support import HOST, Small, case, fill, looked, post, read, record
from tests.engine.test_time_entries import entry
from tests.zammad.support import Desk, Port, desk

LATER = "2021-08-29T10:00:00+00:00"
POSTS = [post(10), post(11, created_at=LATER)]
ENTRIES = [entry(1, 600), entry(2, 90, created_at=LATER), entry(3, 59, created_at=LATER)]


def tracked(small: Small, on: Desk, entries: list[dict[str, Any]] | None = None) -> World:
    """Return a world with one case of two posts, whose group and customer are there."""
    made = small(cases=[case(1, post_count=2, tags=[])], threads={1: POSTS})
    fill(made.snapshot, "timetracking", ENTRIES if entries is None else entries)
    group_id = on.group("Kayako unassigned")
    customer = on.user("customer-7@example.org")
    looked(made, on)
    common = {"target_id": group_id, "status": "done"}
    made.ledger.table("groups").put({"source_id": "=Kayako unassigned", **common})
    made.ledger.table("users").put({"source_id": "7", "target_id": customer, "status": "done"})
    return made


@pytest.fixture
def world(small: Small, zammad_desk: Desk) -> World:
    return tracked(small, zammad_desk)


def of(world: World) -> Change:
    return tickets.of_case(world, record(world, "cases", 1))


def write(world: World, change: Change | None = None) -> dict[str, Any]:
    assert world.zammad is not None
    write_ticket.write(world, world.zammad, change or of(world))
    return dict(world.ledger.table("tickets").get("1") or {})


def interrupted(world: World, *, known: dict[str, Any] | None = None) -> None:
    """Forget all of a ticket but that it was on its way (or what was known before)."""
    cut_off = {"source_id": "1", "target_id": None, "status": "intended"}
    world.ledger.table("tickets").put(known or cut_off)


def there(on: Desk) -> list[tuple[str, str]]:
    """Return how long and when, of every entry."""
    rows = on.fake.tables.time_accountings.values()
    return [(row["time_unit"], row["created_at"][:16]) for row in rows]


ALL = [("10.0", "2021-08-28T10:00"), ("1.5", "2021-08-29T10:00"), ("0.98", "2021-08-29T10:00")]


def test_each_entry_is_written_with_its_date_before_the_last_put(
    world: World, zammad_desk: Desk
) -> None:
    zammad_desk.fake.requests.clear()
    document = write(world)
    assert there(zammad_desk) == ALL
    path = f"/api/v1/tickets/{document['target_id']}"
    asked = [(request.method, request.path) for request in zammad_desk.fake.requests]
    assert asked[2:] == [("POST", f"{path}/time_accountings")] * 3 + [("PUT", path)]
    row = zammad_desk.zammad.get(f"/tickets/{document['target_id']}")
    assert (row["time_unit"], row["updated_at"]) == ("12.48", "2021-08-27T10:49:56.000Z")
    kept = document["children"]["time"]
    assert {key: value[0] for key, value in kept.items()} == {"1": 1, "2": 2, "3": 3}
    assert of(world).action is Action.UNCHANGED


@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "500_after"])
@pytest.mark.parametrize("nth", [1, 3])
def test_a_lost_answer_doubles_no_entry(
    world: World, zammad_desk: Desk, fault: str, nth: int
) -> None:
    zammad_desk.fake.faults.fail("POST", "/time_accountings$", fault, nth=nth)
    document = write(world)
    assert there(zammad_desk) == ALL
    ids = {value[0] for value in document["children"]["time"].values()}
    assert ids == set(zammad_desk.fake.tables.time_accountings)


def test_four_lost_answers_leave_the_outcome_open(world: World, zammad_desk: Desk) -> None:
    for _ in range(4):
        zammad_desk.fake.faults.fail("POST", "/time_accountings$", "reset_before")
    with pytest.raises(OutcomeUnknown):
        write(world)


def test_an_interrupted_run_sends_exactly_what_is_missing(world: World, zammad_desk: Desk) -> None:
    fill(world.snapshot, "timetracking", [{**ENTRIES[2], "log_type": "VIEWED"}])
    write(world)
    interrupted(world)
    fill(world.snapshot, "timetracking", [ENTRIES[2]])
    zammad_desk.fake.requests.clear()
    document = write(world)
    assert there(zammad_desk) == ALL
    assert sum(line.startswith("POST") for line in zammad_desk.writes()) == 1
    assert set(document["children"]["time"]) == {"1", "2", "3"}


def test_a_ticket_that_nobody_remembers_gets_no_entry_twice(
    world: World, zammad_desk: Desk
) -> None:
    change = of(world)
    write(world)
    write(world, change)
    assert there(zammad_desk) == ALL


def test_what_changed_since_the_interruption_is_put_right(world: World, zammad_desk: Desk) -> None:
    write(world)
    interrupted(world)
    fill(world.snapshot, "timetracking", [entry(1, 610)])
    write(world)
    assert there(zammad_desk)[0] == ("10.17", "2021-08-28T10:00")
    assert len(there(zammad_desk)) == 3


def test_an_entry_that_comes_later_is_one_post_and_the_put(world: World, zammad_desk: Desk) -> None:
    ticket_id = write(world)["target_id"]
    fill(world.snapshot, "timetracking", [entry(4, 60)])
    change = of(world)
    assert (change.action, change.writes) == (Action.UPDATE, True)
    before = dict(world.ledger.table("tickets").get("1") or {})
    zammad_desk.fake.requests.clear()
    write(world, change)
    assert zammad_desk.writes() == [
        f"POST /tickets/{ticket_id}/time_accountings",
        f"PUT /tickets/{ticket_id}",
    ]
    row = zammad_desk.zammad.get(f"/tickets/{ticket_id}")
    assert (row["time_unit"], row["updated_at"]) == ("13.48", "2021-08-27T10:49:56.000Z")
    interrupted(world, known=before)
    write(world)
    assert len(there(zammad_desk)) == 4


def test_an_entry_that_changed_is_changed(world: World, zammad_desk: Desk) -> None:
    ticket_id = write(world)["target_id"]
    fill(world.snapshot, "timetracking", [entry(1, 1200)])
    change = of(world)
    assert [found.action for found in change.times] == ["update", "unchanged", "unchanged"]
    zammad_desk.fake.requests.clear()
    write(world, change)
    assert zammad_desk.writes() == [
        f"PUT /tickets/{ticket_id}/time_accountings/1",
        f"PUT /tickets/{ticket_id}",
    ]
    assert there(zammad_desk)[0] == ("20.0", "2021-08-28T10:00")
    assert of(world).action is Action.UNCHANGED


def test_what_agents_changed_or_deleted_in_zammad_stays(world: World, zammad_desk: Desk) -> None:
    ticket_id = write(world)["target_id"]
    path = f"/tickets/{ticket_id}/time_accountings"
    zammad_desk.zammad.update(f"{path}/1", {"time_unit": "7"})
    zammad_desk.zammad.delete(f"{path}/2")
    fill(world.snapshot, "timetracking", [entry(1, 1200), entry(2, 120, created_at=LATER)])
    write(world)
    assert there(zammad_desk) == [("7.0", "2021-08-28T10:00"), ALL[2]]
    assert of(world).action is Action.UNCHANGED


def test_todays_date_stops_the_run_and_leaves_no_entry_behind(
    world: World, zammad_desk: Desk
) -> None:
    write(world)
    fill(world.snapshot, "timetracking", [entry(4, 60)])
    zammad_desk.set(import_mode=False)
    with pytest.raises(PreflightError, match="time entry 4 was sent with"):
        write(world)
    assert there(zammad_desk) == ALL


def test_a_token_without_the_right_is_told_which_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = of(world)

    def refuse(*_: object) -> None:
        raise Refused("Zammad answered 403", status=403)

    monkeypatch.setattr(time_accounting, "create", refuse)
    with pytest.raises(Refused, match="time entry 1: ") as refused:
        write(world, change)
    assert "admin.time_accounting" in refused.value.advice


def test_whether_entries_are_records_is_found_out_without_a_write(
    zammad_desk: Desk, zammad_port: Port
) -> None:
    assert time_accounting.is_listed(zammad_desk.zammad)
    with desk(zammad_port, version="5.2") as old:
        assert not time_accounting.is_listed(old.zammad)
        old.zammad.delete("/tickets/1")
        assert not time_accounting.is_listed(old.zammad)
        assert old.writes() == ["DELETE /tickets/1"]
    with desk(zammad_port) as new:
        new.zammad.delete("/tickets/1")
        assert time_accounting.is_listed(new.zammad)


# Where time comes with articles only.


def sums(on: Desk, ticket_id: int) -> tuple[str, list[tuple[str, str]]]:
    """Return the ticket's sum, and how long of each message."""
    articles = on.zammad.get(f"/ticket_articles/by_ticket/{ticket_id}")
    names = {row["id"]: row["message_id"].partition("@")[0] for row in articles}
    rows = on.fake.tables.time_accountings.values()
    carried = [(names[row["ticket_article_id"]], row["time_unit"]) for row in rows]
    return on.zammad.get(f"/tickets/{ticket_id}")["time_unit"], carried


BOTH = [("<kayako-post-10", "10.0"), ("<kayako-post-11", "2.48")]


def test_the_last_message_before_an_entry_carries_it(small: Small, old_desk: Desk) -> None:
    world = tracked(small, old_desk)
    old_desk.fake.requests.clear()
    document = write(world)
    assert old_desk.writes() == [
        "POST /tickets",
        "POST /ticket_articles",
        f"PUT /tickets/{document['target_id']}",
    ]
    assert sums(old_desk, document["target_id"]) == ("12.48", BOTH)
    posts = {key: value[0] for key, value in document["children"]["posts"].items()}
    carriers = [(value[0], value[2]) for value in document["children"]["time"].values()]
    assert carriers == [(None, posts["10"]), (None, posts["11"]), (None, posts["11"])]
    assert of(world).action is Action.UNCHANGED


@pytest.mark.parametrize("path", ["/tickets$", "/ticket_articles$"])
@pytest.mark.parametrize("fault", ["reset_before", "reset_after"])
def test_a_lost_answer_accounts_no_time_twice(
    small: Small, old_desk: Desk, path: str, fault: str
) -> None:
    world = tracked(small, old_desk)
    old_desk.fake.faults.fail("POST", path, fault)
    assert sums(old_desk, write(world)["target_id"]) == ("12.48", BOTH)


def test_an_interrupted_run_sends_the_time_that_is_missing(small: Small, old_desk: Desk) -> None:
    world = tracked(small, old_desk, ENTRIES[:1])
    write(world)
    interrupted(world)
    fill(world.snapshot, "timetracking", ENTRIES[1:])
    ticket_id = write(world)["target_id"]
    late = [("<kayako-post-10", "10.0"), ("<kayako-case-1-time-3", "2.48")]
    assert sums(old_desk, ticket_id) == ("12.48", late)
    interrupted(world)
    write(world)
    assert sums(old_desk, ticket_id) == ("12.48", late)


def test_late_time_rides_on_a_new_message_else_on_a_note_of_its_own(
    small: Small, old_desk: Desk
) -> None:
    world = tracked(small, old_desk, ENTRIES[:1])
    ticket_id = write(world)["target_id"]
    before = dict(world.ledger.table("tickets").get("1") or {})
    fill(world.snapshot, "timetracking", ENTRIES[1:2])
    change = of(world)
    assert [child.source_id for child in change.children] == ["time-2"]
    write(world, change)
    (note,) = (
        row
        for row in old_desk.zammad.get(f"/ticket_articles/by_ticket/{ticket_id}")
        if row["message_id"] == f"<kayako-case-1-time-2@{HOST}>"
    )
    assert (note["internal"], note["created_at"]) == (True, "2021-08-29T10:00:00.000Z")
    assert note["body"].startswith("1.5 minutes of work were accounted in Kayako")
    interrupted(world, known=before)
    write(world)
    fill(world.snapshot, "timetracking", ENTRIES[2:])
    fill(world.snapshot, "cases", [case(1, post_count=3, tags=[])])
    read(world.snapshot, 1, [*POSTS, post(12, created_at=LATER)])
    write(world)
    assert sums(old_desk, ticket_id) == (
        "12.48",
        [
            ("<kayako-post-10", "10.0"),
            ("<kayako-case-1-time-2", "1.5"),
            ("<kayako-post-12", "0.98"),
        ],
    )


def test_an_entry_that_changed_is_listed_where_nobody_can_change_it(
    small: Small, old_desk: Desk
) -> None:
    world = tracked(small, old_desk)
    write(world)
    fill(world.snapshot, "timetracking", [entry(1, 1200)])
    change = of(world)
    assert (change.action, change.reason) == (Action.SKIP, "time entries cannot be changed")
    assert not change.writes


def test_time_that_zammad_does_not_count_is_not_sent_again_and_again(
    small: Small, old_desk: Desk
) -> None:
    world = tracked(small, old_desk)
    ticket_id = write(world)["target_id"]
    old_desk.fake.tables.tickets[ticket_id]["time_unit"] = None
    interrupted(world)
    write(world)
    old_desk.fake.tables.tickets[ticket_id]["time_unit"] = None
    interrupted(world)
    articles = len(old_desk.fake.tables.articles.items_by_id)
    with pytest.raises(RecordError, match=r"12\.48 are missing") as error:
        write(world)
    assert "time accounting" in error.value.advice
    assert len(old_desk.fake.tables.articles.items_by_id) == articles
