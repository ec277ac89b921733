"""Who is named in an article and has gone since."""

from __future__ import annotations

import pytest

from runner.engine import tickets, verify_people
from runner.engine.verified import Verified
from runner.engine.world import World
from runner.snapshot import erasing
from runner.snapshot.beside import PARTICIPANTS
from runner.snapshot.writing import Writer
from tests.engine.support import Small, case, post, record, reference, user

NOW = "One <one@example.org>"
THEN = "One <one@example.org>, Two <two@example.org>"


@pytest.fixture
def world(small: Small) -> World:
    return small(cases=[case(1)], users=[user(), user(8)], threads={1: [post(10), post(11)]})


def left(world: World, post_at: int, name: str, wanted: str, there: str) -> bool:
    """Say whether a difference of one of two articles is left."""
    change = tickets.of_case(world, record(world, "cases", 1))
    fields = {name: (wanted, there)}
    child = change.children[post_at]
    verify_people.forgive(world, Verified("x"), change, child, known={}, fields=fields)
    return bool(fields)


def test_the_first_message_may_name_people_in_copy_who_left(world: World) -> None:
    assert not left(world, 0, "cc", NOW, THEN)
    assert left(world, 1, "cc", NOW, THEN)
    assert left(world, 0, "to", NOW, THEN)
    assert left(world, 0, "cc", THEN, NOW)


def test_people_in_copy_may_have_another_name_by_now(world: World) -> None:
    document = {"source_id": "8", "status": "done", "applied": {}, "former": ["once"]}
    world.ledger.table("users").put(document)
    address = "customer-8@example.org"
    names = (f"Customer 8 <{address}>", f"Once 8 <{address}>")
    assert left(world, 1, "cc", *names)
    Writer(world.snapshot).beside(PARTICIPANTS, 1, [reference("user", 8)])
    assert not left(world, 1, "cc", *names)


def test_a_mail_may_name_somebody_who_was_erased(world: World) -> None:
    erasing.erase(world.snapshot, 8)
    assert not left(world, 1, "cc", NOW, THEN)
    assert not left(world, 1, "to", NOW, THEN)
    assert left(world, 1, "to", THEN, NOW)
    assert left(world, 1, "from", NOW, THEN)
