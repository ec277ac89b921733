"""What the data of the console script say of a ticket; Ruby runs it in tests/behaviour."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from runner.engine import console_script
from runner.engine.world import World
from runner.errors import PreflightError, UsageError
from tests.engine.support import HOST, Small, case, fill, post, reference

POSTS = [post(10), post(11, creator=reference("user", 2)), post(12)]


@pytest.fixture
def world(small: Small) -> World:
    """Return a world whose one case, opened and answered by known people, is in Zammad."""
    people = {"creator": reference("user", 7), "last_updated_by": reference("user", 2)}
    made = small(cases=[case(1, post_count=3, **people)], threads={1: POSTS})
    made.ledger.save_target({"url": "https://z.example", "identity": "a'b", "me": {"id": 3}})
    for source_id, target_id in (("7", 70), ("2", 20)):
        person = {"source_id": source_id, "target_id": target_id, "status": "done"}
        made.ledger.table("users").put(person)
    put(made)
    return made


def put(world: World, **changes: Any) -> None:
    world.ledger.table("tickets").put(
        {
            "source_id": "1",
            "target_id": 5,
            "status": "done",
            "applied": {"number": "1"},
            "children": {"posts": {"10": [100, "x"], "11": [None, "x"]}, "time": {}},
            **changes,
        }
    )


def worked(number: int) -> dict[str, Any]:
    moment = f"2021-09-0{number}T08:00:00+00:00"
    people = {"case": reference("case", 1), "agent": reference("user", 2)}
    return {
        "id": number,
        **people,
        "log_type": "WORKED",
        "time_spent": 60,
        "created_at": moment,
        "updated_at": moment,
    }


def rows(world: World, folder: Path) -> list[dict[str, Any]]:
    made = console_script.make(world, folder, progress=lambda *_: None)
    return [json.loads(line) for line in gzip.decompress(made.data.read_bytes()).splitlines()]


def test_a_line_holds_authors_and_what_proves_whose_it_is(world: World, tmp_path: Path) -> None:
    assert rows(world, tmp_path) == [
        {
            "id": 5,
            "number": "1",
            "by": 70,
            "changed_by": 20,
            # The third post was never written.
            "articles": [
                [100, f"<kayako-post-10@{HOST}>", 70],
                [None, f"<kayako-post-11@{HOST}>", 20],
            ],
        }
    ]


def test_the_date_is_in_it_only_where_the_console_sets_it(world: World, tmp_path: Path) -> None:
    world.dates_by_console = True
    (row,) = rows(world, tmp_path)
    assert row["changed_at"] == "2021-08-27T10:49:56Z"


def test_people_who_are_not_in_zammad_are_left_out(world: World, tmp_path: Path) -> None:
    world.ledger.table("users").remove("7")
    (row,) = rows(world, tmp_path)
    assert (row["by"], row["articles"][0][2], row["changed_by"]) == (None, None, 20)


def test_of_entries_that_one_article_carries_the_last_one_counts(
    world: World, tmp_path: Path
) -> None:
    fill(world.snapshot, "timetracking", [worked(number) for number in (2, 1, 3, 4)])
    time = {"1": [None, "x", 100], "2": [None, "x", 100], "3": [8, "x"], "9": [9, "x"]}
    put(world, children={"posts": {"10": [100, "x"]}, "time": time})
    (row,) = rows(world, tmp_path)
    assert row["times"] == [
        [None, 100, "2021-09-02T08:00:00Z", 20],
        [8, None, "2021-09-03T08:00:00Z", 20],
    ]


@pytest.mark.parametrize(
    "changes", [{"status": "partial"}, {"status": "intended"}, {"children": {}}]
)
def test_what_an_apply_has_yet_to_complete_is_counted(
    world: World, tmp_path: Path, changes: dict[str, Any]
) -> None:
    put(world, **changes)
    made = console_script.make(world, tmp_path, progress=lambda *_: None)
    assert (made.tickets, made.unfinished) == (0, 1)


def test_texts_cannot_break_out_of_the_script(world: World, tmp_path: Path) -> None:
    made = console_script.make(world, tmp_path, progress=lambda *_: None)
    assert "INSTALLATION   = 'a\\'b'" in made.script.read_text()


def test_without_an_apply_there_is_nothing_to_make(small: Small, tmp_path: Path) -> None:
    with pytest.raises(PreflightError, match="nothing was applied"):
        console_script.make(small(), tmp_path, progress=lambda *_: None)


def test_a_folder_that_cannot_be_made_is_named(world: World, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(UsageError, match="cannot be written") as error:
        console_script.make(world, file / "folder", progress=lambda *_: None)
    assert "--out" in error.value.advice
