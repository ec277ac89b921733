from __future__ import annotations

from typing import Any

import pytest

from runner.engine import tickets
from runner.engine.change import Action, Change
from runner.engine.merged import MOVED
from runner.engine.world import World
from runner.errors import MigrateError
from runner.snapshot.beside import MERGED
from tests.engine.support import Small, case, post, record

COPY = {"is_merged": True, "post_count": 2}


def world_of(small: Small, *, into: int | None = 1, **survivor: Any) -> World:
    """Return a world where case 2 was merged into case 1, which has one of its posts, too."""
    rows = [case(1, post_count=2, **survivor), case(2, **COPY)]
    made = small(cases=rows, threads={1: [post(10), post(20)], 2: [post(20), post(21)]})
    made.snapshot.beside.keep(MERGED, 2, into)
    return made


def change_of(world: World, number: int = 2, **options: Any) -> Change:
    return tickets.of_case(world, record(world, "cases", number), **options)


def notes(change: Change) -> list[str]:
    return [note.text for note in change.notes if note.field == "parent"]


def test_a_merged_conversation_is_closed_tagged_and_hangs_under_its_survivor(small: Small) -> None:
    change = change_of(world_of(small))
    assert change.payload["state"] == "closed"
    assert change.payload["close_at"] == "2021-08-27T10:49:56Z"
    assert change.payload["tags"] == ["vip", "kayako-merged"]
    assert str(change.payload["parent"]) == "tickets/1"
    survivor = change_of(world_of(small), 1).payload
    assert (survivor["state"], survivor["tags"], "parent" in survivor) == ("open", ["vip"], False)


def test_a_post_that_moved_to_the_survivor_is_written_there_alone(small: Small) -> None:
    world = world_of(small)
    merged, survivor = change_of(world), change_of(world, 1)
    assert [child.source_id for child in merged.children] == ["21"]
    assert merged.articles_skipped == (("20", MOVED),)
    assert [child.source_id for child in survivor.children] == ["10", "20"]


def test_a_copy_of_a_post_is_known_by_its_original(small: Small) -> None:
    copied = {**post(99), "original": post(10)["original"]}
    rows = [case(1), case(2, **COPY)]
    world = small(cases=rows, threads={1: [post(10)], 2: [copied, post(21)]})
    world.snapshot.beside.keep(MERGED, 2, 1)
    assert [child.source_id for child in change_of(world).children] == ["21"]


def test_a_post_that_went_on_with_the_survivor_of_the_survivor_is_found(small: Small) -> None:
    rows = [case(1), case(2, is_merged=True), case(3, is_merged=True)]
    threads = {1: [post(10), post(30)], 2: [post(30)], 3: [post(30)]}
    world = small(cases=rows, threads=threads)
    world.snapshot.beside.keep(MERGED, 2, 1)
    world.snapshot.beside.keep(MERGED, 3, 2)
    (child,) = change_of(world, 3).children
    assert child.payload["body"] == "(merged into conversation 2)"
    # Nothing hangs on a circle, which no helpdesk should have.
    world.snapshot.beside.keep(MERGED, 2, 3)
    assert [child.source_id for child in change_of(world, 3).children] == ["no-posts"]


@pytest.mark.parametrize("state", ["TRASH", "SUSPENDED"])
def test_posts_stay_where_their_survivor_is_not_moved(small: Small, state: str) -> None:
    change = change_of(world_of(small, state=state))
    assert [child.source_id for child in change.children] == ["20", "21"]
    assert "parent" not in change.payload
    assert notes(change) == ["conversation 1 is not moved: there is no link to it"]


def test_a_survivor_that_kayako_lost_is_linked_if_it_was_moved_before(small: Small) -> None:
    world = world_of(small)
    with world.snapshot.database.write() as connection:
        connection.execute("UPDATE record SET gone = 1 WHERE resource = 'cases' AND id = 1")
    assert "parent" not in change_of(world).payload
    world.ledger.table("tickets").put({"source_id": "1", "target_id": 5, "status": "done"})
    assert "parent" in change_of(world).payload


def test_an_unknown_survivor_is_noted_and_loses_no_post(small: Small) -> None:
    change = change_of(world_of(small, into=None))
    assert [child.source_id for child in change.children] == ["20", "21"]
    assert change.payload["state"] == "closed"
    assert notes(change)[0].startswith("Kayako does not tell")


def test_who_survived_is_read_again_once_the_posts_are_there(small: Small) -> None:
    world = world_of(small, into=None)
    asked = []

    def bodies(case_id: int) -> None:
        asked.append(case_id)
        world.snapshot.beside.keep(MERGED, 2, 1)

    change = change_of(world, bodies=bodies)
    assert asked == [2, 1]
    assert str(change.payload["parent"]) == "tickets/1"
    assert [child.source_id for child in change.children] == ["21"]


def test_a_conversation_waits_for_posts_of_its_survivor(small: Small) -> None:
    world = world_of(small)

    def bodies(case_id: int) -> MigrateError | None:
        return MigrateError("Kayako is away") if case_id == 1 else None

    (change,) = tickets.changes(world, [2], bodies=bodies)
    assert change.action is Action.FAIL
    assert "conversation 1: Kayako is away" in change.reason
