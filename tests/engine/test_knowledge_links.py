"""Links from one article to another: forwards, backwards, in circles, to itself."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from runner.engine import knowledge_links
from runner.engine.change import Action
from runner.engine.knowledge_links import STEP
from runner.engine.verified import Kind
from runner.engine.world import World
from tests.engine.knowledge_support import (
    MOMENT,
    again,
    answers,
    article,
    moved,
    stocked,
    texts,
    verified,
)
from tests.engine.support import HOST, Small, looked, run_of
from tests.zammad.support import Desk, Port, desk

ZAMMAD = "https://zammad.example"


def link(*numbers: int, language: str = "") -> str:
    return "".join(
        f'<p><a href="https://{HOST}{language}/article/{number}-some-words">see {number}</a></p>'
        for number in numbers
    )


def linking(number: int, *numbers: int, **more: Any) -> dict[str, Any]:
    body = {"en_us": link(*numbers)}
    return article(number, f"Article {number}", **{"contents": texts(**body), **more})


def page(answer: dict[str, Any], code: str = "en-us") -> str:
    return f"{ZAMMAD}/#knowledge_base/1/locale/{code}/answer/{answer['id']}"


def circle(small: Small, zammad: Desk, **more: Any) -> World:
    """The first leads to the second and back, the first also to itself."""
    world = stocked(small, linking(1, 1, 2, **more), linking(2, 1))
    world.zammad_url = ZAMMAD
    return looked(world, zammad)


@pytest.mark.parametrize("version", ["5.2", "6.5"])
def test_answers_that_link_in_a_circle_lead_to_each_other(
    small: Small, zammad_port: Port, version: str
) -> None:
    with desk(zammad_port, version=version) as zammad:
        world = circle(small, zammad)
        changes = moved(world)
        found = answers(zammad)
        one, two = found["Article 1"], found["Article 2"]
        assert HOST not in one["body"] + two["body"]
        assert f'href="{page(one)}"' in one["body"]
        assert f'href="{page(two)}"' in one["body"]
        assert f'href="{page(one)}"' in two["body"]
        assert {row["updated_at"][:19] for row in (one, two)} == {MOMENT[:19]}
        assert [change.source_id for change in changes if change.entity == STEP] == ["1", "2"]
        world = again(world, zammad)
        zammad.fake.requests.clear()
        assert {change.action for change in moved(world)} == {Action.UNCHANGED}
        assert zammad.writes() == []
        assert verified(world) == []


def test_a_link_says_which_translation_it_means(small: Small, zammad_desk: Desk) -> None:
    both = texts("locale_field", en_us=link(2), fr_fr=link(2, language="/fr"))
    titles = texts(en_us="Two", fr_fr="Deux")
    first = linking(1, contents=both, titles=texts(en_us="One", fr_fr="Un"))
    second = article(2, titles=titles, contents=texts(en_us="<p>2</p>", fr_fr="<p>2</p>"))
    world = stocked(small, first, second)
    world.zammad_url = ZAMMAD
    moved(looked(world, zammad_desk))
    rows = zammad_desk.fake.state.store.tables.knowledge_answer_translations.values()
    ids = {row["title"]: row["id"] for row in rows}
    found = answers(zammad_desk)
    for mine, theirs, code in (("One", "Two", "en-us"), ("Un", "Deux", "fr-fr")):
        body = found[mine]["body"]
        assert page(found[theirs], code) in body
        assert f'data-target-type="knowledge-base-answer" data-target-id="{ids[theirs]}"' in body


def test_a_link_to_an_article_that_does_not_move_stays_with_a_note(
    small: Small, zammad_desk: Desk
) -> None:
    world = stocked(small, linking(1, 2, 9), linking(2))
    world.zammad_url = ZAMMAD
    moved(looked(world, zammad_desk))
    assert f"https://{HOST}/article/9-some-words" in answers(zammad_desk)["Article 1"]["body"]
    known = world.ledger.table("kb_answers").get("1") or {}
    told = [text for kind, _, text in known["notes"] if kind == "kept"]
    assert told == [f"https://{HOST}/article/9-some-words still leads to Kayako"]


@pytest.mark.parametrize("fault", ["reset_after", "reset_before"])
def test_a_link_that_was_not_answered_is_written_once(
    small: Small, zammad_desk: Desk, fault: str
) -> None:
    world = circle(small, zammad_desk, tags=[])
    zammad_desk.fake.faults.fail("PATCH", "/answers/1$", fault)
    moved(world)
    assert page(answers(zammad_desk)["Article 2"]) in answers(zammad_desk)["Article 1"]["body"]
    assert verified(again(world, zammad_desk)) == []


def test_a_run_that_ended_before_the_links_or_in_the_middle_of_them_is_completed(
    small: Small, zammad_desk: Desk
) -> None:
    world = circle(small, zammad_desk)
    moved(world, linked=False)
    table = world.ledger.table("kb_answers")
    unlinked = deepcopy(table.get("1") or {})
    late = [("kb_answers", "body en-us", Kind.OUTDATED)]
    assert verified(again(world, zammad_desk)) == late * 3, "a line for each link that is missing"
    moved(again(world, zammad_desk))
    assert verified(again(world, zammad_desk)) == []
    # As if the text had been written, and nothing after it, nor the ledger.
    table.put(unlinked)
    zammad_desk.fake.state.store.tables.knowledge_answers[1]["updated_at"] = "2026-01-01T00:00:00Z"
    changes = moved(again(world, zammad_desk))
    assert [change.conflicts for change in changes if change.conflicts] == []
    assert verified(again(world, zammad_desk)) == []


@pytest.mark.parametrize("edit", [("see 2", "look at 2"), ("/article/2-some-words", "/elsewhere")])
def test_what_an_editor_wrote_meanwhile_stays(
    small: Small, zammad_desk: Desk, edit: tuple[str, str]
) -> None:
    world = circle(small, zammad_desk)
    moved(world, linked=False)
    contents = zammad_desk.fake.state.store.tables.knowledge_contents
    edited = contents[1]["body"].replace(*edit)
    contents[1]["body"] = edited
    changes = moved(again(world, zammad_desk))
    assert [one.field for change in changes for one in change.conflicts] == ["body en-us"]
    assert contents[1]["body"] == edited
    assert page(answers(zammad_desk)["Article 1"]) in contents[2]["body"]


def test_an_edit_between_the_answers_and_their_links_stays(small: Small, zammad_desk: Desk) -> None:
    world = circle(small, zammad_desk)
    moved(world, linked=False)
    contents = zammad_desk.fake.state.store.tables.knowledge_contents
    contents[1]["body"] = "<p>mine</p>"
    run, notes = run_of(world)
    run.target.is_open = True
    knowledge_links.write(run)
    told = [
        (change.source_id, [one.field for one in change.conflicts]) for change, _ in notes.records
    ]
    assert told == [("1", ["body en-us"]), ("2", [])]
    assert contents[1]["body"] == "<p>mine</p>"


def test_a_link_that_zammad_refuses_is_a_failure_that_the_next_run_makes_good(
    small: Small, zammad_desk: Desk
) -> None:
    world = circle(small, zammad_desk)
    moved(world, linked=False)
    gone = zammad_desk.fake.state.store.tables.knowledge_answers.pop(1)
    run, notes = run_of(world)
    run.target.is_open = True
    knowledge_links.write(run)
    assert [problem is not None for _, problem in notes.records] == [True, False]
    zammad_desk.fake.state.store.tables.knowledge_answers[1] = gone
    moved(again(world, zammad_desk))
    assert verified(again(world, zammad_desk)) == []
    known = world.ledger.table("kb_answers").get("1") or {}
    assert [note for note in known["notes"] if note[0] == "failed"] == []


def test_links_that_are_kept_are_written_once_and_stay(small: Small, zammad_desk: Desk) -> None:
    world = stocked(small, linking(1, 2), linking(2))
    changes = moved(looked(world, zammad_desk))
    assert not [change for change in changes if change.entity == STEP]
    assert f'href="https://{HOST}/article/2-' in answers(zammad_desk)["Article 1"]["body"]
