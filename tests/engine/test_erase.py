"""Erasing one person: in Zammad, in the snapshot, in the ledger; and nobody by mistake."""

from __future__ import annotations

import time

import pytest

from runner.config.model import ENTITIES
from runner.engine import apply, erase, plan, walk
from runner.engine.change import Action
from runner.engine.world import World
from runner.errors import PreflightError, UsageError
from runner.snapshot import Snapshot
from runner.snapshot.writing import Writer
from tests.engine.support import GO_LIVE, HOST, Notes, Small, agent, case, looked, run_of, user
from tests.zammad.support import Desk


def moved(small: Small, desk: Desk) -> World:
    """Two customers with a ticket each, in Zammad; customer 7 is gone from Kayako since."""
    rows = [case(1), case(2, requester=user(8))]
    world = looked(small(users=[user(), user(8), agent()], cases=rows), desk)
    carry_out(world)
    Writer(world.snapshot).mark_gone("users", 7)
    return world


def carry_out(world: World) -> Notes:
    run, notes = run_of(world)
    for entity in ("groups", "organizations", "users"):
        apply.listed(run, entity, walk.listed(world, entity))
    tickets = walk.everything(world, ("tickets",), world.snapshot.case_ids)
    apply.ticket_stream(run, tickets, ready=lambda: True)
    return notes


def erased(world: World, user_id: int = 7) -> erase.Erasure:
    assert world.zammad is not None
    who = erase.person(world.ledger, world.snapshot, user_id)
    return erase.erase(world.ledger, world.snapshot, world.zammad, who)


def numbers(desk: Desk) -> list[str]:
    time.sleep(0.15)  # the task's time
    return sorted(row["number"] for row in desk.zammad.get("/tickets"))


def test_a_person_who_is_gone_is_erased_everywhere(small: Small, zammad_desk: Desk) -> None:
    world = moved(small, zammad_desk)
    (who,) = erase.people(world.ledger, world.snapshot)
    assert (who.id, who.name, who.reason, who.adopted) == (7, "Customer 7", "gone", False)
    done = erased(world)
    assert (done.asked_zammad, done.tickets, done.conversations) == (True, 1, 1)
    assert "1" not in numbers(zammad_desk)
    assert "2" in numbers(zammad_desk)
    logins = [row["login"] for row in zammad_desk.zammad.get("/users")]
    assert "customer-7@example.org" not in logins
    assert "customer-8@example.org" in logins
    assert "ustomer" not in str(world.ledger.table("users").get("7"))
    assert (world.ledger.table("tickets").get("1") or {})["target_id"] is None


def test_a_later_apply_writes_nothing_of_them(small: Small, zammad_desk: Desk) -> None:
    world = moved(small, zammad_desk)
    erased(world)
    numbers(zammad_desk)
    Writer(world.snapshot).page("cases", [case(1, post_count=4)], sweep=2)
    world = World(world.mappings, world.snapshot, world.ledger, HOST, GO_LIVE)
    looked(world, zammad_desk)
    zammad_desk.fake.requests.clear()
    made = plan.make(world, changes=walk.everything(world, ENTITIES, world.snapshot.case_ids))
    assert not made.has_changes
    assert made.skipped["tickets", "erased on request"] == 1
    notes = carry_out(world)
    assert zammad_desk.writes() == []
    assert {change.action for change, _ in notes.records} == {Action.SKIP, Action.UNCHANGED}


def test_an_attempt_that_was_cut_off_goes_on(
    small: Small, zammad_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = moved(small, zammad_desk)
    real = erase.erasing.erase

    def killed(snapshot: Snapshot, user_id: int) -> None:
        real(snapshot, user_id)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(erase.erasing, "erase", killed)
        with pytest.raises(KeyboardInterrupt):
            erased(world)
    again = erased(world)
    assert (again.tickets, again.conversations) == (1, 0)
    posts = [line for line in zammad_desk.writes() if "data_privacy" in line]
    assert posts == ["POST /data_privacy_tasks"]
    assert (world.ledger.table("tickets").get("1") or {})["target_id"] is None


def test_a_ticket_that_was_given_to_somebody_else_stays(small: Small, zammad_desk: Desk) -> None:
    world = moved(small, zammad_desk)
    ticket = (world.ledger.table("tickets").get("1") or {})["target_id"]
    other = (world.ledger.table("users").get("8") or {})["target_id"]
    zammad_desk.zammad.update(f"/tickets/{ticket}", {"customer_id": other})
    assert erased(world).remain == [ticket]
    assert numbers(zammad_desk).count("1") == 1


def test_nobody_who_is_in_kayako_can_be_erased(small: Small, zammad_desk: Desk) -> None:
    world = moved(small, zammad_desk)
    zammad_desk.fake.requests.clear()
    for number, words in ((8, "still in Kayako"), (99, "nobody is known")):
        with pytest.raises(UsageError, match=words):
            erased(world, number)
    assert zammad_desk.writes() == []


def test_who_was_in_zammad_before_is_left_to_zammad(small: Small, zammad_desk: Desk) -> None:
    mine = zammad_desk.user("customer-7@example.org")
    world = moved(small, zammad_desk)
    with pytest.raises(PreflightError, match=f"as user {mine}"):
        erased(world)
    assert world.snapshot.posts(1)
    zammad_desk.zammad.create(
        "/data_privacy_tasks", {"deletable_type": "User", "deletable_id": mine}
    )
    numbers(zammad_desk)
    assert erased(world).conversations == 1
