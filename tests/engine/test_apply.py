from __future__ import annotations

import threading
from typing import Any

import pytest

from runner.engine import apply, target, tickets, walk
from runner.engine.apply import Run
from runner.engine.change import Action, Change
from runner.engine.counts import Counts
from runner.engine.world import World
from runner.errors import Interrupted, PreflightError
from tests.engine.support import Notes, Small, agent, case, fill, record, run_of, user
from tests.zammad.support import Desk


def ready(world: World, desk: Desk, **options: Any) -> tuple[Run, Notes]:
    target.look(world, desk.zammad)
    return run_of(world, **options)


def listed(run: Run, *entities: str) -> None:
    for entity in entities:
        apply.listed(run, entity, walk.listed(run.world, entity))


def streamed(run: Run) -> None:
    found = tickets.changes(run.world, run.world.snapshot.case_ids())
    apply.ticket_stream(run, found, ready=lambda: True)


def everything(run: Run) -> None:
    listed(run, "groups", "organizations", "users")
    streamed(run)


def words(counts: Counts, entity: str) -> dict[str, int]:
    return {word: number for word, number in counts.done[entity].items() if number}


def test_everything_arrives_and_a_second_run_asks_for_no_write(
    small: Small, zammad_desk: Desk
) -> None:
    world = small(cases=[case(number, assigned_agent=agent()) for number in range(1, 8)])
    run, notes = ready(world, zammad_desk)
    everything(run)
    assert words(run.counts, "tickets") == {"created": 7}
    assert words(run.counts, "groups") == {"created": 2}
    assert run.counts.totals["groups"] == 1
    assert len(notes.records) == 12
    assert all(problem is None for _, problem in notes.records)
    owners = {row["owner_id"] for row in zammad_desk.fake.tables.tickets.values()}
    assert len(owners) == 2
    written = zammad_desk.writes()
    again, _ = ready(world, zammad_desk)
    everything(again)
    assert zammad_desk.writes() == written
    assert not again.target.is_open
    assert words(again.counts, "tickets") == {"unchanged": 7}


def test_one_failure_is_written_down_and_the_rest_goes_on(small: Small, zammad_desk: Desk) -> None:
    world = small(cases=[case(1), case(2), case(3)])
    target.look(world, zammad_desk.zammad)
    zammad_desk.ticket("2")
    run, notes = run_of(world)
    everything(run)
    assert words(run.counts, "tickets") == {"created": 2, "failed": 1}
    (failed,) = [change.source_id for change, problem in notes.records if problem is not None]
    assert failed == "2"
    document = world.ledger.table("tickets").get("2") or {}
    assert document["target_id"] is None
    assert document["notes"][0][0] == "failed"
    assert "number taken" in document["notes"][0][2]


def test_a_listed_record_that_is_refused_does_not_stop_the_others(
    small: Small, zammad_desk: Desk
) -> None:
    run, _ = ready(small(), zammad_desk)
    bad = Change("users", "1", Action.CREATE, payload={"login": "x", "roles": ["No such role"]})
    good = list(walk.listed(run.world, "users"))
    apply.listed(run, "users", [bad, *good])
    assert words(run.counts, "users") == {"created": 2, "failed": 1}
    assert (run.world.ledger.table("users").get("1") or {})["notes"][0][0] == "failed"


def test_skips_and_failures_are_written_down_with_their_reason(
    small: Small, zammad_desk: Desk
) -> None:
    world = small(cases=[case(1, state="TRASH")])
    run, _ = ready(world, zammad_desk)
    for _ in range(2):
        streamed(run)
    document = world.ledger.table("tickets").get("1") or {}
    assert document["notes"][0] == ["skipped", "", "deleted in Kayako"]
    fail = Change("tickets", "9", Action.FAIL, "its posts could not be read")
    apply.ticket_stream(run, iter([fail]), ready=lambda: True)
    assert (world.ledger.table("tickets").get("9") or {})["status"] == "failed"
    assert zammad_desk.writes() == []
    assert words(run.counts, "tickets") == {"skipped": 2, "failed": 1}


def test_a_ticket_that_is_now_left_out_stays_known(small: Small, zammad_desk: Desk) -> None:
    world = small(cases=[case(1)])
    run, _ = ready(world, zammad_desk)
    everything(run)
    fill(world.snapshot, "cases", [case(1, state="TRASH")])
    streamed(run)
    assert (world.ledger.table("tickets").get("1") or {})["status"] == "done"


def test_a_failure_that_is_over_is_forgotten(small: Small, zammad_desk: Desk) -> None:
    world = small(cases=[case(1)])
    run, _ = ready(world, zammad_desk)
    everything(run)
    for entity, source_id in (("tickets", "1"), ("users", "7")):
        fail = Change(entity, source_id, Action.FAIL, "a mistake in a mapping")
        if entity == "tickets":
            apply.ticket_stream(run, iter([fail]), ready=lambda: True)
        else:
            apply.listed(run, entity, [fail])
        document = world.ledger.table(entity).get(source_id) or {}
        assert (document["status"], document["notes"][0][0]) == ("done", "failed")
    again, _ = ready(world, zammad_desk)
    everything(again)
    for entity, source_id in (("tickets", "1"), ("users", "7")):
        notes = (world.ledger.table(entity).get(source_id) or {})["notes"]
        assert [note for note in notes if note[0] == "failed"] == []


def test_an_adopted_record_is_linked_without_a_write(small: Small, zammad_desk: Desk) -> None:
    group_id = zammad_desk.group("General")
    run, _ = ready(small(), zammad_desk)
    written = zammad_desk.writes()
    listed(run, "groups")
    document = run.world.ledger.table("groups").get("1") or {}
    assert (document["target_id"], document["adopted"]) == (group_id, True)
    assert zammad_desk.writes() == written
    assert words(run.counts, "groups") == {"unchanged": 1}


def test_intents_are_on_disk_before_a_block_is_sent(small: Small, zammad_desk: Desk) -> None:
    world = small(users=[user(number) for number in range(10, 14)])
    run, _ = ready(world, zammad_desk)
    for _ in range(30):
        zammad_desk.fake.faults.fail("POST", "/users", "reset_before")
    listed(run, "users")
    assert words(run.counts, "users") == {"failed": 4}
    assert {document["status"] for document in world.ledger.table("users")} == {"intended"}
    zammad_desk.fake.faults.one_shot.clear()
    again, _ = ready(world, zammad_desk)
    listed(again, "users")
    assert words(again.counts, "users") == {"created": 4}


def test_more_than_a_block_arrives_whole(
    small: Small, zammad_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apply, "BLOCK", 3)
    world = small(
        users=[user(number) for number in range(7, 14)],
        cases=[case(number) for number in range(1, 8)],
    )
    run, _ = ready(world, zammad_desk)
    everything(run)
    assert words(run.counts, "users") == {"created": 7}
    assert words(run.counts, "tickets") == {"created": 7}


def test_nothing_is_sent_after_a_stop(small: Small, zammad_desk: Desk) -> None:
    world = small(cases=[case(1)])
    run, _ = ready(world, zammad_desk)
    run.stop.set()
    with pytest.raises(Interrupted) as stopped:
        listed(run, "groups")
    assert "again" in stopped.value.advice
    with pytest.raises(Interrupted):
        streamed(run)
    assert zammad_desk.writes() == []


def test_a_stop_after_the_last_ticket_was_handed_over_is_no_success(
    small: Small, zammad_desk: Desk
) -> None:
    world = small(cases=[case(number) for number in range(1, 6)])
    run, notes = ready(world, zammad_desk, workers=1)
    listed(run, "groups", "organizations", "users")
    zammad_desk.fake.faults.latency_by_route["/tickets$"] = 0.05

    def stopping() -> Any:
        yield from tickets.changes(run.world, run.world.snapshot.case_ids())
        threading.Timer(0.02, run.stop.set).start()

    with pytest.raises(Interrupted):
        apply.ticket_stream(run, stopping(), ready=lambda: True)
    moved = [change for change, _ in notes.records if change.entity == "tickets"]
    assert len(moved) < 5


def test_a_worker_that_cannot_go_on_ends_the_run(small: Small, zammad_desk: Desk) -> None:
    world = small(cases=[case(number) for number in range(1, 30)])
    run, _ = ready(world, zammad_desk)
    listed(run, "groups", "organizations", "users")
    zammad_desk.set(import_mode=False)
    with pytest.raises(PreflightError, match="import mode is off"):
        streamed(run)
    assert len(zammad_desk.fake.tables.tickets) < 30


def test_a_ticket_whose_owner_was_not_moved_fails_alone(small: Small, zammad_desk: Desk) -> None:
    world = small(cases=[case(1, assigned_agent=agent()), case(2)])
    run, notes = ready(world, zammad_desk)
    listed(run, "groups", "organizations")
    only = [user for user in walk.listed(world, "users") if user.source_id == "7"]
    apply.listed(run, "users", only)
    streamed(run)
    failed = {change.source_id: str(problem) for change, problem in notes.records if problem}
    assert set(failed) == {"1"}
    assert "users/2" in failed["1"]
    assert record(world, "cases", 2)["id"] == 2


def test_a_placeholder_that_is_there_already_is_counted_as_extra(
    small: Small, zammad_desk: Desk
) -> None:
    zammad_desk.user("kayako-user-99", email="", firstname="Customer 99", lastname="x")
    world = small(cases=[case(1, requester=user(99))])
    run, _ = ready(world, zammad_desk)
    run.counts.expect("users", 2)
    everything(run)
    result = run.counts.as_import_job()["Users"]
    assert result["sum"] == result["total"] == 3


def test_a_ticket_waits_for_no_block_while_a_worker_is_free(
    small: Small, zammad_desk: Desk
) -> None:
    world = small(cases=[case(1), case(2)])
    run, notes = ready(world, zammad_desk)
    listed(run, "groups", "organizations", "users")
    arrived = threading.Event()

    def one_by_one() -> Any:
        for change in tickets.changes(world, world.snapshot.case_ids()):
            yield change
            if change.entity == "tickets" and change.source_id == "1":
                for _ in range(100):
                    if any(c.source_id == "1" for c, _ in notes.records if c.entity == "tickets"):
                        arrived.set()
                        break
                    arrived.wait(0.02)

    apply.ticket_stream(run, one_by_one(), ready=lambda: False)
    assert arrived.is_set()
