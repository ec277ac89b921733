"""The Help Center on its way into the knowledge base: places, titles, languages, what changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from runner.engine import apply, knowledge, verify_knowledge, walk
from runner.engine.change import Action, Change
from runner.engine.knowledge_beside import SOURCES, look
from runner.engine.verified import Kind, Verified
from runner.engine.world import World
from runner.snapshot.writing import StoredFile, Writer
from runner.zammad import knowledge_base
from tests.engine.support import Small, fill, looked, run_of
from tests.zammad.support import Desk, Port, desk

MOMENT = "2021-08-01T08:00:00+00:00"


def texts(resource_type: str = "locale_field", **by_code: str | None) -> list[dict[str, Any]]:
    return [
        {"locale": code.replace("_", "-"), "translation": text, "resource_type": resource_type}
        for code, text in by_code.items()
    ]


def category(number: int, title: str | None = "Basics", **more: Any) -> dict[str, Any]:
    common = {"titles": texts(en_us=title), "resource_type": "category", "updated_at": MOMENT}
    return {"id": number, **common, **more}


def section(number: int, title: str = "Steps", *, of: int = 1, **more: Any) -> dict[str, Any]:
    place = {"category": {"id": of, "resource_type": "category"}, "visibility": "PUBLIC"}
    return {**category(number, title), "resource_type": "section", **place, **more}


def article(
    number: int, title: str | None = "Reset", *, of: int = 1, **more: Any
) -> dict[str, Any]:
    return {
        "id": number,
        "status": "PUBLISHED",
        "titles": texts(en_us=title),
        "contents": texts(en_us=f"<p>Text {number}</p>"),
        "section": {"id": of, "resource_type": "section"},
        "attachments": [],
        "tags": [],
        "is_featured": False,
        "published_at": MOMENT,
        "created_at": MOMENT,
        "updated_at": MOMENT,
        "resource_type": "article",
        **more,
    }


def stocked(small: Small, *articles: dict[str, Any], **more: list[dict[str, Any]]) -> World:
    world = small(users=[], teams=[], organizations=[])
    world.snapshot.set_meta("settings", {"account.default_language": "en-us"})
    fill(world.snapshot, "categories", more.get("categories", [category(1)]))
    fill(world.snapshot, "sections", more.get("sections", [section(1)]))
    fill(world.snapshot, "articles", list(articles))
    return world


def again(world: World, desk: Desk) -> World:
    """The same world as the next run sees it."""
    return looked(
        World(
            world.mappings,
            world.snapshot,
            world.ledger,
            world.kayako_host,
            world.go_live,
            publish=world.publish,
        ),
        desk,
    )


def moved(world: World) -> list[Change]:
    """Apply the three steps; return the changes, failed ones as such."""
    run, notes = run_of(world)
    run.target.is_open = True  # import mode is on already, and proving it takes a while
    for entity in SOURCES:
        apply.listed(run, entity, walk.listed(world, entity))
    return [
        replace(change, action=Action.FAIL, reason=str(problem)) if problem else change
        for change, problem in notes.records
    ]


def answers(desk: Desk) -> dict[str, dict[str, Any]]:
    """Zammad's answers by their first title."""
    tables = desk.fake.state.store.tables
    found = {}
    for row in tables.knowledge_answer_translations.values():
        answer = tables.knowledge_answers[row["answer_id"]]
        body = tables.knowledge_contents[row["content_id"]]["body"]
        found[row["title"]] = {**answer, "body": body, "category": path(desk, answer)}
    return found


def path(desk: Desk, answer: dict[str, Any]) -> str:
    tables = desk.fake.state.store.tables
    titles = {
        row["category_id"]: row["title"]
        for row in reversed(tables.knowledge_category_translations.values())
    }
    steps, place = [], answer["category_id"]
    while place:
        steps.append(titles[place])
        place = tables.knowledge_categories[place]["parent_id"]
    return "/".join(reversed(steps))


def verified(world: World) -> list[tuple[str, str, Kind]]:
    assert world.zammad is not None
    result = Verified(world.zammad.url)
    run, _ = run_of(world)
    verify_knowledge.compare(world, world.zammad, result, progress=lambda *_: None, stop=run.stop)
    result.close()
    return [(d.entity, d.field, d.kind) for d in result.deviations]


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
    ours = stocked(small, article(1))
    moved(looked(ours, zammad_desk))
    before = answers(zammad_desk)["Reset"]
    other = looked(stocked(small, article(7, contents=texts(en_us="<p>New</p>"))), zammad_desk)
    changes = moved(other)
    assert [change.adopted for change in changes] == [True, True, False]
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


def test_files_come_along_and_go_when_kayako_takes_them_away(
    small: Small, zammad_desk: Desk
) -> None:
    files = [attachment(1, "a.txt"), attachment(2, "a.txt"), attachment(3, "lost.txt")]
    world = stocked(small, article(1, attachments=files))
    keep(world, {1: b"one", 2: b"two"})
    world = looked(world, zammad_desk)
    change = moved(world)[-1]
    assert listed(zammad_desk) == [("a.txt", b"one"), ("a.txt", b"two")]
    assert "lost.txt could not be read" in answers(zammad_desk)["Reset"]["body"]
    assert "missing" in {note.kind for note in change.notes}
    assert verified(again(world, zammad_desk)) == []
    left = [attachment(2, "a.txt"), attachment(4, "b.txt")]
    fill(world.snapshot, "articles", [article(1, attachments=left)])
    keep(world, {4: b"four"})
    moved(again(world, zammad_desk))
    assert listed(zammad_desk) == [("a.txt", b"two"), ("b.txt", b"four")]
    assert verified(again(world, zammad_desk)) == []


def attachment(number: int, name: str) -> dict[str, Any]:
    path = f"https://acme.kayako.example/api/v1/articles/1/attachments/{number}"
    return {"id": number, "name": name, "type": "text/plain", "resource_url": path}


def keep(world: World, files: dict[int, bytes]) -> None:
    stored = []
    for number, content in files.items():
        sha256, size = world.snapshot.files.add([content])
        key = f"/api/v1/articles/1/attachments/{number}"
        stored.append(StoredFile(key, sha256, size, None))
    Writer(world.snapshot).beside("files", 1, None, files=stored)


def listed(desk: Desk) -> list[tuple[str, bytes]]:
    rows = desk.zammad.get("/knowledge_bases/1/answers/1")["assets"]["KnowledgeBaseAnswer"]["1"]
    return [
        (file["filename"], desk.zammad.download(f"/attachments/{file['id']}"))
        for file in rows["attachments"]
    ]


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


def test_an_article_without_a_section_gets_a_category_for_such(
    small: Small, zammad_desk: Desk
) -> None:
    world = looked(stocked(small, article(1, of=9), sections=[section(1, of=9)]), zammad_desk)
    moved(world)
    assert answers(zammad_desk)["Reset"]["category"] == "Without a section"
    assert verified(again(world, zammad_desk)) == []


def whole(small: Small) -> World:
    world = stocked(small, article(1, attachments=[attachment(1, "a.txt")], titles=TITLES))
    keep(world, {1: b"one"})
    return world


TITLES = texts(en_us="Reset", fr="Bonjour")


def assert_whole(world: World, desk: Desk) -> None:
    """Everything is there once, and nothing is left to do."""
    tables = desk.fake.state.store.tables
    assert len(tables.knowledge_bases) == len(tables.knowledge_answers) == 1
    assert len(tables.knowledge_categories) == len(tables.knowledge_locales) == 2
    assert listed(desk) == [("a.txt", b"one")]
    assert {change.action for change in moved(again(world, desk))} == {Action.UNCHANGED}
    assert verified(again(world, desk)) == []


@pytest.mark.parametrize("fault", ["reset_after", "reset_before"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/knowledge_bases/manage"),
        ("PATCH", "/knowledge_bases/manage/1"),
        ("POST", "/categories$"),
        ("POST", "/answers$"),
        ("POST", "/attachments$"),
        ("PATCH", "/answers/1$"),
    ],
)
def test_what_is_not_answered_is_looked_up_before_it_is_sent_again(
    small: Small, zammad_desk: Desk, method: str, path: str, fault: str
) -> None:
    zammad_desk.fake.faults.fail(method, path, fault)
    world = looked(whole(small), zammad_desk)
    assert {change.action for change in moved(world)} == {Action.CREATE}
    assert_whole(world, zammad_desk)


@pytest.mark.parametrize("status", ["intended", "partial"])
@pytest.mark.parametrize("entity", [*SOURCES, "knowledge_bases"])
def test_a_run_that_was_cut_off_goes_on_without_doubles(
    small: Small, zammad_desk: Desk, entity: str, status: str
) -> None:
    world = looked(whole(small), zammad_desk)
    moved(world)
    table = world.ledger.table(entity)
    known = table.get("1") or {}
    target_id = known["target_id"] if status == "partial" else None
    names = {"name": (known.get("applied") or {}).get("name"), "created_at": MOMENT}
    applied = names if entity == "kb_answers" else {"name": names["name"]}
    if entity == "knowledge_bases":
        status, applied = "intended", {}
    table.put({**known, "status": status, "target_id": target_id, "applied": applied})
    moved(again(world, zammad_desk))
    assert_whole(world, zammad_desk)


def test_without_a_reachable_zammad_everything_is_planned(small: Small) -> None:
    world = stocked(small, article(1), article(2))
    changes = [change for entity in SOURCES for change in knowledge.changes(world, entity)]
    assert [change.label for change in changes] == ["Basics", "Steps", "Reset", "Reset (2)"]
    assert {change.action for change in changes} == {Action.CREATE}
