from __future__ import annotations

import pytest

from runner.engine import target
from runner.engine.world import World
from runner.errors import Stale
from runner.zammad import import_mode
from tests.engine.support import Small
from tests.zammad.support import Desk, Port, desk


def door(world: World, desk: Desk) -> tuple[target.Target, list[str]]:
    target.look(world, desk.zammad)
    told: list[str] = []
    return target.Target(world, settle_seconds=0, tell=told.append), told


def test_a_world_without_zammad_has_no_door(small: Small) -> None:
    with pytest.raises(ValueError, match=r"^$"):
        target.Target(small(), settle_seconds=0, tell=print)


def test_opening_switches_import_mode_on_proves_it_and_takes_access_once(
    small: Small, zammad_desk: Desk
) -> None:
    world = small()
    group = zammad_desk.group("Support")
    opened, told = door(world, zammad_desk)
    assert not opened.is_open
    opened.open()
    assert opened.is_open
    assert zammad_desk.fake.setting("import_mode") is True
    assert set(zammad_desk.zammad.get("/users/me")["group_ids"]) == {"1", str(group)}
    assert [text.split()[0] for text in told] == ["switching", "proving"]
    written = zammad_desk.writes()
    opened.open()
    assert zammad_desk.writes() == written


def test_what_reset_puts_back_is_written_down_before_it_changes(
    small: Small, zammad_desk: Desk
) -> None:
    world = small()
    zammad_desk.group("Support")
    opened, _ = door(world, zammad_desk)
    opened.open()
    document = world.ledger.target
    assert document["url"] == zammad_desk.zammad.url
    assert document["settings"] == {"import_mode": False}
    assert document["me"] == {"id": 3, "group_ids": {"1": ["full"]}}
    assert document["probes"] == []
    again = target.Target(world, settle_seconds=0, tell=lambda _: None)
    again.open()
    assert world.ledger.target == document


def test_a_run_that_goes_on_only_probes_and_removes_old_probes(
    small: Small, zammad_desk: Desk
) -> None:
    world = small()
    opened, _ = door(world, zammad_desk)
    opened.open()
    zammad_desk.zammad.create("/organizations", {"name": "migrate-probe-old-3"})
    world.ledger.save_target({**world.ledger.target, "probes": ["migrate-probe-old-3"]})
    again, told = door(world, zammad_desk)
    again.open()
    assert told == [f"proving import mode with {import_mode.PROBES} probes"]
    names = [row["name"] for row in zammad_desk.zammad.get("/organizations")]
    assert not [name for name in names if name.startswith("migrate-probe-")]


def test_probes_are_in_the_ledger_while_they_are_in_zammad(small: Small, zammad_desk: Desk) -> None:
    world = small()
    opened, _ = door(world, zammad_desk)
    for _ in range(3):
        zammad_desk.fake.faults.fail("POST", "/organizations", "reset_before", nth=4)
    with pytest.raises(Exception, match="three probes"):
        opened.open()
    assert len(world.ledger.target["probes"]) == 4
    assert not opened.is_open


def test_access_that_is_there_is_not_written_again(zammad_desk: Desk) -> None:
    target.take_access(zammad_desk.zammad)
    assert zammad_desk.writes() == []


def test_another_installation_is_refused(small: Small, zammad_port: Port) -> None:
    world = small()
    with desk(zammad_port, clock=lambda: 1.6e9) as first:
        door(world, first)[0].open()
    with desk(zammad_port) as second, pytest.raises(Stale, match="is not the Zammad") as error:
        target.look(world, second.zammad)
    assert "--state-only" in error.value.advice


def test_a_ticket_in_a_closed_group_is_there(small: Small, zammad_desk: Desk) -> None:
    world = small()
    door(world, zammad_desk)[0].open()
    zammad_desk.fake.tables.users[3]["group_ids"] = {}
    world.ledger.table("tickets").put({"source_id": "1", "target_id": 1, "status": "done"})
    target.look(world, zammad_desk.zammad)
    assert world.zammad is zammad_desk.zammad
