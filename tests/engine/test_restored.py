"""A Zammad that was restored from a backup: noticed before anything of others is touched."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from runner.engine import reset, restored, target
from runner.engine.restored import There
from runner.engine.world import World
from runner.errors import Stale
from tests.engine.support import HOST, Small
from tests.zammad.support import PAST, Desk


def known(world: World, desk: Desk) -> World:
    """Let the world know this Zammad."""
    target.look(world, desk.zammad)
    target.Target(world, settle_seconds=0, tell=lambda _: None).open()
    return world


def put(world: World, entity: str, target_id: int, **more: Any) -> None:
    common = {"source_id": str(target_id), "target_id": target_id, "status": "done"}
    world.ledger.table(entity).put({**common, **more})


@pytest.mark.fault(
    "Zammad is restored from a backup",
    does="refused before anything is written, with the way out; reset spares who got our ids",
    side="Zammad",
)
@pytest.mark.parametrize("entity", ["tickets", "users"])
def test_one_that_lost_what_was_written_last_is_refused(
    small: Small, zammad_desk: Desk, entity: str
) -> None:
    world = known(small(), zammad_desk)
    put(world, entity, 1)
    for target_id in (903, 901, 902):
        put(world, entity, target_id)
    put(world, entity, 904, adopted=True)
    put(world, entity, 905, status="partial")
    with pytest.raises(Stale, match=f"newest {entity} of the ledger") as caught:
        target.look(world, zammad_desk.zammad)
    assert "--state-only" in caught.value.advice
    # A reset that was cut off leaves the same, and has to go on.
    target.recognise(world.ledger, zammad_desk.zammad)
    world.ledger.table(entity).remove("902")
    target.look(world, zammad_desk.zammad)


def test_what_failed_last_hides_nothing(small: Small, zammad_desk: Desk) -> None:
    world = known(small(), zammad_desk)
    put(world, "tickets", 901)
    for number in range(2000, 2010):
        document = {"source_id": str(number), "target_id": None, "status": "failed"}
        world.ledger.table("tickets").put(document)
    with pytest.raises(Stale):
        target.look(world, zammad_desk.zammad)


@pytest.mark.fault(
    "Zammad is restored from a backup",
)
@pytest.mark.parametrize("is_reset", [False, True])
def test_an_id_that_was_given_to_another_ticket_is_refused(
    small: Small, zammad_desk: Desk, *, is_reset: bool
) -> None:
    world = known(small(), zammad_desk)
    ticket_id = zammad_desk.ticket("4711")
    put(world, "tickets", ticket_id, applied={"number": "17"})
    writes = zammad_desk.writes()
    ask = partial(target.recognise, world.ledger) if is_reset else partial(target.look, world)
    with pytest.raises(Stale, match="others' now"):
        ask(zammad_desk.zammad)
    assert zammad_desk.writes() == writes


def test_one_proof_is_enough_for_people_whom_somebody_renamed(zammad_desk: Desk) -> None:
    zammad_desk.importing()
    user_id = zammad_desk.user("new@acme.example", created_at=PAST)
    applied = {"login": "old@acme.example", "created_at": PAST}
    document = {"target_id": user_id, "applied": applied}
    assert restored.ask(zammad_desk.zammad, "users", document) is There.OURS
    applied["created_at"] = "2018-01-01T10:00:00Z"
    assert restored.ask(zammad_desk.zammad, "users", document) is There.ANOTHER
    applied["login"] = "New@acme.example"
    assert restored.ask(zammad_desk.zammad, "users", document) is There.OURS


@pytest.mark.fault(
    "Zammad is restored from a backup",
)
def test_reset_spares_who_got_an_id_of_ours(small: Small, zammad_desk: Desk) -> None:
    world = known(small(), zammad_desk)
    ours = zammad_desk.user("ours@acme.example")
    stranger = zammad_desk.user("stranger@acme.example")
    ticket_id = zammad_desk.ticket("4711", customer_id=stranger)
    put(world, "users", ours, applied={"login": "ours@acme.example"})
    put(world, "users", stranger, applied={"login": "lost@acme.example"})
    put(world, "tickets", ticket_id, applied={"number": "17"})
    for gone in (9001, 9002, 9003):
        put(world, "users", gone, applied={"login": f"{gone}@acme.example"})
        put(world, "tickets", gone, applied={"number": str(gone)})
    removal = reset.reset(
        world.ledger,
        zammad_desk.zammad,
        kayako_host=HOST,
        discard_changes=True,
        settle_seconds=0,
        tell=lambda _: None,
        stopped=lambda: False,
    )
    tables = zammad_desk.fake.tables
    assert ours not in tables.users
    assert stranger in tables.users
    assert ticket_id in tables.tickets
    assert {(row["entity"], row["reason"]) for row in removal.remains} == {
        ("users", "its id is another's by now"),
        ("tickets", "its id is another's by now"),
    }
    assert removal.console() == []
