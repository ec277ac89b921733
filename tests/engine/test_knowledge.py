"""The Help Center on its way into the knowledge base: places, titles, languages, what changes."""

from __future__ import annotations

from typing import Any

import pytest

from runner.engine import knowledge, links
from runner.engine.change import Action
from runner.engine.knowledge_beside import SOURCES, look
from runner.engine.verified import Kind
from runner.zammad import knowledge_base
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
from tests.engine.support import HOST, Small, agent, case, fill, looked, team, user
from tests.zammad.support import Desk, Port, desk


def test_sections_lie_in_categories_and_a_second_run_writes_nothing(
    small: Small, zammad_desk: Desk
) -> None:
    world = looked(stocked(small, article(1)), zammad_desk)
    assert [change.action for change in moved(world)] == [Action.CREATE] * 3
    found = answers(zammad_desk)["Reset"]
    assert (found["category"], found["body"]) == ("Basics/Steps", "<p>Text 1</p>")
    assert (found["created_at"][:19], found["updated_at"][:19]) == (MOMENT[:19], MOMENT[:19])
    world = again(world, zammad_desk)
    zammad_desk.fake.requests.clear()
    assert {change.action for change in moved(world)} == {Action.UNCHANGED}
    assert zammad_desk.writes() == []
    assert verified(world) == []


@pytest.mark.parametrize(
    ("publish", "more", "state"),
    [
        ("internal", {}, "internal_at"),
        ("as_in_kayako", {}, "published_at"),
        ("as_in_kayako", {"status": "DRAFT"}, None),
        ("internal", {"status": "PENDINGAPPROVAL"}, None),
        ("as_in_kayako", {"section": {"id": 2, "resource_type": "section"}}, "internal_at"),
        ("as_in_kayako", {"published_at": None}, "published_at"),
    ],
)
def test_who_sees_an_answer(
    small: Small, zammad_desk: Desk, publish: str, more: dict[str, Any], state: str | None
) -> None:
    places = [section(1), section(2, "For agents", visibility="AGENTS")]
    world = stocked(small, article(1, **more), sections=places)
    world.publish = publish
    moved(looked(world, zammad_desk))
    found = answers(zammad_desk)["Reset"]
    dates = {name for name in ("internal_at", "published_at", "archived_at") if found[name]}
    assert dates == ({state} if state else set())
    assert verified(again(world, zammad_desk)) == []


def test_languages_are_added_and_unknown_ones_told(small: Small, zammad_desk: Desk) -> None:
    title = texts(en_us="Hello", fr="Bonjour", xx="?")
    content = texts(en_us="<p>1</p>", fr="<p>2</p>", xx="<p>3</p>")
    world = looked(stocked(small, article(1, titles=title, contents=content)), zammad_desk)
    change = moved(world)[-1]
    assert set(look(world).held.locales) == {"en-us", "fr-fr"}
    assert set(answers(zammad_desk)) == {"Hello", "Bonjour"}
    assert ("dropped", "locale") in {(note.kind, note.field) for note in change.notes}


def test_a_text_in_no_known_language_comes_under_the_first_one(
    small: Small, zammad_desk: Desk
) -> None:
    one = article(1, titles=texts(xx="Hm"), contents=texts(xx="<p>?</p>"))
    world = looked(stocked(small, one), zammad_desk)
    change = moved(world)[-1]
    assert [note.kind for note in change.notes] == ["converted"]
    assert answers(zammad_desk)["Hm"]["body"] == "<p>?</p>"


def test_equal_and_missing_titles_get_numbers(small: Small, zammad_desk: Desk) -> None:
    world = looked(
        stocked(
            small, article(1), article(2, "reset"), article(3, None), article(4, " "), article(5)
        ),
        zammad_desk,
    )
    assert {change.action for change in moved(world)} == {Action.CREATE}
    wanted = {"Reset", "reset (2)", "Reset (3)", "(no title)", "(no title) (2)"}
    assert set(answers(zammad_desk)) == wanted
    assert verified(again(world, zammad_desk)) == []


def test_an_existing_knowledge_base_is_extended_and_its_own_stays(
    small: Small, zammad_desk: Desk
) -> None:
    ours = stocked(small, article(1), article(2, "Lost", of=9))
    moved(looked(ours, zammad_desk))
    before = answers(zammad_desk)["Reset"]
    new = article(7, contents=texts(en_us="<p>New</p>"))
    other = looked(stocked(small, new, article(8, "Lost", of=9)), zammad_desk)
    changes = moved(other)
    assert [change.adopted for change in changes] == [True, True, False, True, False]
    assert [change.label for change in changes[2:]] == [
        "Reset (2)",
        "Without a section",
        "Lost (2)",
    ]
    found = answers(zammad_desk)
    assert found["Reset"] == before | {"position": found["Reset"]["position"]}
    assert (found["Reset (2)"]["category"], found["Reset (2)"]["body"]) == (
        "Basics/Steps",
        "<p>New</p>",
    )
    assert len(zammad_desk.fake.state.store.tables.knowledge_bases) == 1


def test_what_changed_in_kayako_is_written_and_nothing_else(
    small: Small, zammad_desk: Desk
) -> None:
    tags = [{"id": 1, "name": "old", "resource_type": "tag"}]
    world = looked(stocked(small, article(1, tags=tags), article(2, "Other")), zammad_desk)
    moved(world)
    later = "2022-01-01T00:00:00+00:00"
    new = [{"id": 2, "name": "new", "resource_type": "tag"}]
    changed = article(1, "Renamed", contents=texts(en_us="<p>New</p>"), updated_at=later, tags=new)
    fill(world.snapshot, "articles", [changed])
    world = again(world, zammad_desk)
    zammad_desk.fake.requests.clear()
    changes = {change.source_id: change for change in moved(world) if change.entity == "kb_answers"}
    assert (changes["1"].action, changes["2"].action) == (Action.UPDATE, Action.UNCHANGED)
    assert set(changes["1"].fields) == {"title en-us", "body en-us", "tags", "updated_at"}
    found = answers(zammad_desk)["Renamed"]
    assert (found["body"], found["tags"]) == ("<p>New</p>", ["new"])
    assert found["updated_at"][:19] == later[:19]
    sent = [line for line in zammad_desk.writes() if "knowledge" in line]
    assert [line for line in sent if "/answers/1" not in line] == []
    assert verified(again(world, zammad_desk)) == []


def test_what_editors_changed_in_zammad_stays_and_is_a_conflict(
    small: Small, zammad_desk: Desk
) -> None:
    world = looked(stocked(small, article(1), article(2, "Other")), zammad_desk)
    moved(world)
    tables = zammad_desk.fake.state.store.tables
    tables.knowledge_answer_translations[1]["title"] = "Theirs"
    tables.knowledge_contents[2]["body"] = "<p>Theirs</p>"
    tables.knowledge_answers[2]["published_at"] = "2026-01-01T00:00:00.000Z"
    fill(
        world.snapshot,
        "articles",
        [article(1, "Ours"), article(2, "Ours, too", contents=texts(en_us="<p>Ours</p>"))],
    )
    world = again(world, zammad_desk)
    changes = [change for change in moved(world) if change.entity == "kb_answers"]
    assert [[d.field for d in change.conflicts] for change in changes] == [
        ["title en-us"],
        ["body en-us"],
    ]
    found = answers(zammad_desk)
    assert set(found) == {"Theirs", "Ours, too"}
    assert found["Ours, too"]["body"] == "<p>Theirs</p>"
    assert found["Ours, too"]["published_at"] is not None
    again_found = [change.conflicts for change in moved(again(world, zammad_desk))]
    assert len([found for found in again_found if found]) == 2, "it is said every time"


def test_categories_are_renamed_moved_and_translated_unless_somebody_did(
    small: Small, zammad_desk: Desk
) -> None:
    places = [category(1), category(2, "Other")]
    parts = [section(1), section(2, "More")]
    world = looked(stocked(small, categories=places, sections=parts), zammad_desk)
    moved(world)
    rows = zammad_desk.fake.state.store.tables.knowledge_category_translations
    next(row for row in rows.values() if row["title"] == "More")["title"] = "Theirs"
    titles = texts(en_us="New steps", fr="Étapes")
    fill(world.snapshot, "sections", [section(1, of=2, titles=titles), section(2, "Ours")])
    zammad_desk.fake.faults.fail("PATCH", "/categories/", "reset_after")
    changes = moved(again(world, zammad_desk))
    assert [change.action for change in changes[2:]] == [Action.UPDATE, Action.UNCHANGED]
    assert [d.field for d in changes[3].conflicts] == ["title en-us"]
    found = {row["title"] for row in rows.values()}
    assert found == {"Basics", "Other", "New steps", "Étapes", "Theirs"}
    tables = zammad_desk.fake.state.store.tables
    assert tables.knowledge_categories[3]["parent_id"] == 2
    assert [kind for _, _, kind in verified(again(world, zammad_desk))] == [Kind.OUTDATED]


def test_verify_tells_what_is_not_as_it_should_be(small: Small, zammad_desk: Desk) -> None:
    files = [attachment(1, "a.txt")]
    world = stocked(small, article(1, attachments=files), article(2, "Other"), article(3, "Gone"))
    keep(world, {1: b"one"})
    world = looked(world, zammad_desk)
    moved(world)
    tables = zammad_desk.fake.state.store.tables
    tables.knowledge_category_translations[1]["title"] = "Renamed"
    tables.knowledge_contents[1]["body"] = "<p>Theirs</p>"
    tables.knowledge_answers[2]["internal_at"] = None
    zammad_desk.zammad.delete("/knowledge_bases/1/answers/3")
    zammad_desk.zammad.delete("/knowledge_bases/1/answers/1/attachments/1")
    found = verified(again(world, zammad_desk))
    assert ("kb_categories", "title en-us", Kind.CHANGED) in found
    assert ("kb_answers", "body en-us", Kind.CHANGED) in found
    assert ("kb_answers", "internal_at", Kind.CHANGED) in found
    assert ("kb_answers", "attachments: a.txt", Kind.MISSING) in found
    assert ("kb_answers", "record", Kind.MISSING) in found


def test_without_the_right_all_is_left_out_with_the_reason(small: Small, zammad_port: Port) -> None:
    with desk(zammad_port, token_permissions=["admin", "ticket.agent"]) as made:
        world = looked(stocked(small, article(1)), made)
        changes = moved(world)
    assert {change.action for change in changes} == {Action.SKIP}
    assert {change.reason for change in changes} == {knowledge_base.NO_RIGHT}


def test_a_token_that_may_only_read_leaves_all_out_too(small: Small, zammad_port: Port) -> None:
    few = ["admin", "ticket.agent", "knowledge_base.reader"]
    with desk(zammad_port, token_permissions=few) as made:
        world = looked(stocked(small, article(1), article(2)), made)
        moved(world)
        tables = ("kb_categories", "kb_sections", "kb_answers")
        documents = [document for name in tables for document in world.ledger.table(name)]
    assert {document["status"] for document in documents} == {"skipped"}
    assert {document["notes"][0][2] for document in documents} == {knowledge_base.NO_RIGHT}


def test_links_between_messages_and_answers_lead_to_zammad(small: Small, zammad_desk: Desk) -> None:
    link = f"<a href='https://{HOST}/agent/conversations/7'>it</a>"
    world = stocked(small, article(1, contents=texts(en_us=link)))
    fill(world.snapshot, "users", [user(), agent()])
    fill(world.snapshot, "teams", [team()])
    fill(world.snapshot, "cases", [case(7)])
    world.zammad_url = "https://zammad.example"
    moved(looked(world, zammad_desk))
    assert "https://zammad.example/#ticket/zoom/number/7" in answers(zammad_desk)["Reset"]["body"]
    found = links.place(world, "article", 1)
    assert found == "https://zammad.example/#knowledge_base/1/locale/en-us/answer/1"
    assert links.place(world, "article", 2) is None
    changes = moved(again(world, zammad_desk))
    assert {change.action for change in changes} == {Action.UNCHANGED}


def test_an_article_without_a_section_gets_a_category_for_such(
    small: Small, zammad_desk: Desk
) -> None:
    world = looked(stocked(small, article(1, of=9), sections=[section(1, of=9)]), zammad_desk)
    moved(world)
    assert answers(zammad_desk)["Reset"]["category"] == "Without a section"
    assert verified(again(world, zammad_desk)) == []


def test_without_a_reachable_zammad_everything_is_planned(small: Small) -> None:
    world = stocked(small, article(1), article(2))
    changes = [change for entity in SOURCES for change in knowledge.changes(world, entity)]
    assert [change.label for change in changes] == ["Basics", "Steps", "Reset", "Reset (2)"]
    assert {change.action for change in changes} == {Action.CREATE}
