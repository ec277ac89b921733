"""What is sent of a category or an answer that is there already, and what lost answers cost."""

from __future__ import annotations

from typing import Any

import pytest

from runner.engine.change import Action, Change
from runner.engine.world import World
from runner.snapshot.beside import ARTICLE_FILES
from runner.snapshot.writing import Writer
from tests.engine.knowledge_support import (
    MOMENT,
    again,
    answers,
    article,
    attachment,
    category,
    keep,
    moved,
    section,
    stocked,
    texts,
    verified,
)
from tests.engine.support import Small, fill, looked
from tests.zammad.support import Desk

LATER = "2022-01-01T00:00:00+00:00"
BOTH = {"titles": texts(en_us="Reset", fr="Bonjour")}


def contents(english: str, french: str) -> dict[str, Any]:
    return {"contents": texts(en_us=f"<p>{english}</p>", fr=f"<p>{french}</p>")}


def later(world: World, desk: Desk, *articles: dict[str, Any]) -> list[Change]:
    """Let Kayako have these articles now, and apply once more."""
    fill(world.snapshot, "articles", [{**one, "updated_at": LATER} for one in articles])
    desk.fake.requests.clear()
    return [change for change in moved(again(world, desk)) if change.entity == "kb_answers"]


def test_of_two_languages_only_the_one_that_changed_is_written(
    small: Small, zammad_desk: Desk
) -> None:
    world = looked(stocked(small, article(1, **BOTH, **contents("one", "un"))), zammad_desk)
    moved(world)
    (change,) = later(world, zammad_desk, article(1, **BOTH, **contents("one", "deux")))
    assert set(change.fields) == {"body fr-fr", "updated_at"}
    found = answers(zammad_desk)
    assert {title: row["body"] for title, row in found.items()} == {
        "Reset": "<p>one</p>",
        "Bonjour": "<p>deux</p>",
    }
    assert verified(again(world, zammad_desk)) == []


def test_where_one_text_is_theirs_the_other_one_still_follows(
    small: Small, zammad_desk: Desk
) -> None:
    world = looked(stocked(small, article(1, **BOTH, **contents("one", "un"))), zammad_desk)
    moved(world)
    tables = zammad_desk.fake.state.store.tables
    tables.knowledge_contents[1]["body"] = "<p>Theirs</p>"
    ours = article(1, **BOTH, **contents("two", "deux"))
    (change,) = later(world, zammad_desk, ours)
    assert [conflict.field for conflict in change.conflicts] == ["body en-us"]
    (change,) = later(world, zammad_desk, ours)
    assert [conflict.field for conflict in change.conflicts] == ["body en-us"], "still theirs"
    assert {row["body"] for row in answers(zammad_desk).values()} == {
        "<p>Theirs</p>",
        "<p>deux</p>",
    }


def test_a_state_that_editors_changed_stays(small: Small, zammad_desk: Desk) -> None:
    world = looked(stocked(small, article(1)), zammad_desk)
    moved(world)
    zammad_desk.fake.state.store.tables.knowledge_answers[1]["internal_at"] = LATER
    changed = article(1, published_at="2021-09-01T08:00:00+00:00")
    (change,) = later(world, zammad_desk, changed)
    assert [conflict.field for conflict in change.conflicts] == ["internal_at"]
    assert zammad_desk.fake.state.store.tables.knowledge_answers[1]["internal_at"] == LATER
    document = world.ledger.table("kb_answers").get("1") or {}
    assert document["applied"]["internal_at"][:19] == MOMENT[:19], "what we wrote, not theirs"


def test_new_tags_alone_write_no_text(small: Small, zammad_desk: Desk) -> None:
    world = looked(stocked(small, article(1)), zammad_desk)
    moved(world)
    tag = {"id": 1, "name": "howto", "resource_type": "tag"}
    later(world, zammad_desk, article(1, tags=[tag]))
    assert zammad_desk.writes() == ["POST /tags/add", "PATCH /knowledge_bases/1/answers/1"]
    assert answers(zammad_desk)["Reset"]["tags"] == ["howto"]


def test_an_answer_follows_its_section_to_another_category(small: Small, zammad_desk: Desk) -> None:
    places = [section(1), section(2, "More")]
    world = looked(stocked(small, article(1), sections=places), zammad_desk)
    moved(world)
    (change,) = later(world, zammad_desk, article(1, of=2))
    assert set(change.fields) == {"category", "updated_at"}
    assert answers(zammad_desk)["Reset"]["category"] == "Basics/More"


def test_files_that_were_never_pulled_fail_the_answer_and_not_the_others(
    small: Small, zammad_desk: Desk
) -> None:
    files = [attachment(1, "a.txt")]
    world = looked(stocked(small, article(1, attachments=files), article(2, "Other")), zammad_desk)
    failed, written = moved(world)[-2:]
    assert (failed.action, written.action) == (Action.FAIL, Action.CREATE)
    assert "its files were never pulled" in failed.reason
    assert set(answers(zammad_desk)) == {"Other"}
    keep(world, {1: b"one"})
    assert {change.action for change in moved(again(world, zammad_desk))[-2:]} == {
        Action.CREATE,
        Action.UNCHANGED,
    }


def test_a_file_that_kayako_could_not_give_is_no_file_that_was_not_asked_for(
    small: Small, zammad_desk: Desk
) -> None:
    world = looked(stocked(small, article(1, attachments=[attachment(1, "a.txt")])), zammad_desk)
    Writer(world.snapshot).beside(ARTICLE_FILES, 1, None, files=[])
    assert moved(world)[-1].action is Action.CREATE
    assert "a.txt could not be read" in answers(zammad_desk)["Reset"]["body"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/categories$"), ("POST", "/answers$"), ("POST", "/attachments$")],
)
def test_three_lost_requests_leave_the_outcome_open_and_the_next_run_completes_it(
    small: Small, zammad_desk: Desk, method: str, path: str
) -> None:
    world = stocked(small, article(1, attachments=[attachment(1, "a.txt")]))
    keep(world, {1: b"one"})
    world = looked(world, zammad_desk)
    for _ in range(3):
        zammad_desk.fake.faults.fail(method, path, "reset_before")
    assert Action.FAIL in {change.action for change in moved(world)}
    moved(again(world, zammad_desk))
    tables = zammad_desk.fake.state.store.tables
    assert (len(tables.knowledge_categories), len(tables.knowledge_answers)) == (2, 1)
    assert verified(again(world, zammad_desk)) == []


@pytest.mark.parametrize("times", [1, 3])
def test_a_lost_update_of_an_answer_adds_no_language_twice(
    small: Small, zammad_desk: Desk, times: int
) -> None:
    world = looked(stocked(small, article(1)), zammad_desk)
    moved(world)
    for _ in range(times):
        zammad_desk.fake.faults.fail("PATCH", "/answers/1$", "reset_after")
    (change,) = later(world, zammad_desk, article(1, **BOTH, **contents("one", "un")))
    assert change.action is (Action.UPDATE if times == 1 else Action.FAIL)
    moved(again(world, zammad_desk))
    assert len(zammad_desk.fake.state.store.tables.knowledge_answer_translations) == 2
    assert verified(again(world, zammad_desk)) == []


def test_a_category_whose_update_is_lost_three_times_fails_and_goes_on_later(
    small: Small, zammad_desk: Desk
) -> None:
    world = looked(stocked(small), zammad_desk)
    moved(world)
    fill(world.snapshot, "categories", [category(1, "Renamed", updated_at=LATER)])
    for _ in range(3):
        zammad_desk.fake.faults.fail("PATCH", "/categories/1$", "reset_before")
    assert moved(again(world, zammad_desk))[0].action is Action.FAIL
    moved(again(world, zammad_desk))
    assert verified(again(world, zammad_desk)) == []


def test_a_title_that_somebody_else_used_before_us_does_not_block_an_interrupted_answer(
    small: Small, zammad_desk: Desk
) -> None:
    world = looked(stocked(small, article(1)), zammad_desk)
    moved(world)
    table = world.ledger.table("kb_answers")
    known = table.get("1") or {}
    applied = {"name": "Reset", "created_at": MOMENT}
    table.put({**known, "status": "intended", "target_id": None, "applied": applied})
    theirs = zammad_desk.fake.state.store.tables.knowledge_answers[1]
    theirs.update(created_at="2020-01-01T00:00:00.000Z", internal_note="theirs")
    assert moved(again(world, zammad_desk))[-1].label == "Reset (2)"
    assert theirs["internal_note"] == "theirs"
    assert set(answers(zammad_desk)) == {"Reset", "Reset (2)"}
    assert verified(again(world, zammad_desk)) == []
