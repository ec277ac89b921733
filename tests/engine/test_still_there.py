"""Doctor's look at Zammad: what is gone, what is another's, and that it only reads."""

from __future__ import annotations

from typing import Any

from runner.ailment import Grade
from runner.engine import still_there, target
from runner.engine.world import World
from tests.engine.support import Small
from tests.zammad.support import Desk, Port, desk


def known(world: World, at: Desk) -> World:
    target.look(world, at.zammad)
    target.Target(world, settle_seconds=0, tell=lambda _: None).open()
    return world


def put(world: World, target_id: int, login: str, **more: Any) -> None:
    common = {"source_id": str(target_id), "target_id": target_id, "status": "done"}
    world.ledger.table("users").put({**common, "applied": {"login": login}, **more})


def test_what_is_there_and_ours_is_no_finding(small: Small, zammad_desk: Desk) -> None:
    world = known(small(), zammad_desk)
    put(world, zammad_desk.user("a@acme.example"), "a@acme.example")
    put(world, 4711, "adopted@acme.example", adopted=True)
    writes = zammad_desk.writes()
    assert still_there.examine(world.ledger, zammad_desk.zammad) == ([], 1)
    assert zammad_desk.writes() == writes


def test_what_somebody_deleted_is_told(small: Small, zammad_desk: Desk) -> None:
    world = known(small(), zammad_desk)
    put(world, 900, "gone@acme.example")
    last = zammad_desk.user("a@acme.example")
    zammad_desk.fake.tables.users[999] = {**zammad_desk.fake.tables.users.pop(last), "id": 999}
    put(world, 999, "a@acme.example")
    ((ailment,), asked) = still_there.examine(world.ledger, zammad_desk.zammad)
    assert (ailment.kind, ailment.grade, asked) == ("records deleted", Grade.CARE, 2)
    assert "1 of 2 users are not there: users/900 (900)" in ailment.what


def test_a_restored_backup_shows_at_the_newest(small: Small, zammad_desk: Desk) -> None:
    world = known(small(), zammad_desk)
    put(world, zammad_desk.user("a@acme.example"), "a@acme.example")
    put(world, 901, "gone@acme.example")
    ((ailment,), _) = still_there.examine(world.ledger, zammad_desk.zammad)
    assert (ailment.kind, ailment.grade) == ("Zammad restored", Grade.STALE)
    assert "--state-only" in ailment.advice


def test_an_id_that_is_anothers_shows(small: Small, zammad_desk: Desk) -> None:
    world = known(small(), zammad_desk)
    put(world, zammad_desk.user("stranger@acme.example"), "lost@acme.example")
    for number in range(3):
        login = f"{number}@acme.example"
        put(world, zammad_desk.user(login), login)
    ((ailment,), _) = still_there.examine(world.ledger, zammad_desk.zammad)
    assert "under 1 of 4 ids are others' records" in ailment.what
    assert ailment.grade is Grade.STALE


def test_another_installation_is_told_and_asked_for_nothing(
    small: Small, zammad_port: Port
) -> None:
    world = small()
    with desk(zammad_port, clock=lambda: 1.6e9) as first:
        known(world, first)
    with desk(zammad_port) as second:
        ((ailment,), asked) = still_there.examine(world.ledger, second.zammad)
    assert (ailment.kind, asked) == ("another Zammad", 0)


def test_the_sample_is_spread_and_holds_the_newest(small: Small) -> None:
    world = small()
    for number in range(1, 102):
        put(world, number, "x")
    chosen = [document["target_id"] for document in still_there.sample(world.ledger, "users")]
    assert len(chosen) <= still_there.SAMPLE
    assert chosen[-1] == 101
    assert chosen == sorted(chosen)
    assert chosen[0] <= 6
