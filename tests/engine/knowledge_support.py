"""A small Help Center and the knowledge base that it becomes, told by title."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from runner.engine import apply, knowledge_links, verify_knowledge, walk
from runner.engine.change import Action, Change
from runner.engine.knowledge_beside import SOURCES
from runner.engine.verified import Kind, Verified
from runner.engine.world import World
from runner.snapshot.beside import ARTICLE_FILES
from runner.snapshot.writing import StoredFile, Writer
from tests.engine.support import Small, fill, looked, run_of
from tests.zammad.support import Desk

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
            zammad_url=world.zammad_url,
        ),
        desk,
    )


def moved(world: World, *, linked: bool = True) -> list[Change]:
    """Apply the three steps, and links between answers; return the changes, failed ones as such."""
    run, notes = run_of(world)
    run.target.is_open = True  # import mode is on already, and proving it takes a while
    for entity in SOURCES:
        apply.listed(run, entity, walk.listed(world, entity))
    if linked:
        knowledge_links.write(run)
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


def attachment(number: int, name: str) -> dict[str, Any]:
    path = f"https://acme.kayako.example/api/v1/articles/1/attachments/{number}"
    return {"id": number, "name": name, "type": "text/plain", "resource_url": path}


def keep(world: World, files: dict[int, bytes]) -> None:
    stored = []
    for number, content in files.items():
        sha256, size = world.snapshot.files.add([content])
        key = f"/api/v1/articles/1/attachments/{number}"
        stored.append(StoredFile(key, sha256, size, None))
    Writer(world.snapshot).beside(ARTICLE_FILES, 1, None, files=stored)


def listed(desk: Desk) -> list[tuple[str, bytes]]:
    number = min(desk.fake.state.store.tables.knowledge_answers)
    found = desk.zammad.get(f"/knowledge_bases/1/answers/{number}")
    rows = found["assets"]["KnowledgeBaseAnswer"][str(number)]
    return [
        (file["filename"], desk.zammad.download(f"/attachments/{file['id']}"))
        for file in rows["attachments"]
    ]
