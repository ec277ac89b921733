"""Three moved tickets, from the first to the last, are searched as an agent would."""

from __future__ import annotations

import pytest

from runner.engine.searching import search
from runner.engine.world import World
from tests.engine.support import Small
from tests.zammad.fixtures import old_desk
from tests.zammad.support import Desk

__all__ = ["old_desk"]


@pytest.fixture(params=["zammad_desk", "old_desk"])
def either(request: pytest.FixtureRequest) -> Desk:
    found: Desk = request.getfixturevalue(request.param)
    return found


def moved(world: World, desk: Desk, count: int) -> None:
    for number in range(1, count + 1):
        target_id = desk.ticket(f"90{number}", title=f"Title {number}")
        document = {"source_id": str(number), "target_id": target_id, "status": "done"}
        world.ledger.table("tickets").put(document)


@pytest.mark.parametrize(
    ("count", "numbers"),
    [(0, []), (1, ["901"]), (2, ["901", "902"]), (3, ["901", "902", "903"])],
)
def test_with_few_tickets_all_are_searched(
    small: Small, zammad_desk: Desk, count: int, numbers: list[str]
) -> None:
    world = small()
    moved(world, zammad_desk, count)
    assert search(world.ledger, zammad_desk.zammad).found == numbers


def test_first_middle_and_last_are_found_in_both_versions(small: Small, either: Desk) -> None:
    world = small()
    moved(world, either, 7)
    assert search(world.ledger, either.zammad).found == ["901", "904", "907"]


def test_an_index_that_lacks_them_is_noticed_until_it_is_rebuilt(
    small: Small, zammad_desk: Desk
) -> None:
    world = small()
    moved(world, zammad_desk, 3)
    zammad_desk.set(es_url="http://localhost:9200")
    assert search(world.ledger, zammad_desk.zammad).missing == ["901", "902", "903"]
    zammad_desk.fake.rebuild_index()
    assert search(world.ledger, zammad_desk.zammad).missing == []


def test_a_ticket_deleted_since_is_no_reason_to_rebuild(small: Small, zammad_desk: Desk) -> None:
    world = small()
    moved(world, zammad_desk, 2)
    zammad_desk.zammad.delete(f"/tickets/{max(zammad_desk.fake.tables.tickets)}")
    result = search(world.ledger, zammad_desk.zammad)
    assert (result.found, result.missing) == (["901"], [])
