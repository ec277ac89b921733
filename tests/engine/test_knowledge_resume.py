"""Into the knowledge base once and no more, whatever is lost on the way; files come and go."""

from __future__ import annotations

import pytest

from runner.engine.change import Action
from runner.engine.knowledge_beside import SOURCES
from runner.engine.world import World
from runner.errors import PreflightError
from tests.engine.knowledge_support import (
    MOMENT,
    again,
    answers,
    article,
    attachment,
    keep,
    listed,
    moved,
    stocked,
    texts,
    verified,
)
from tests.engine.support import Small, fill, looked
from tests.zammad.support import Desk


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


@pytest.mark.parametrize(
    ("method", "path", "fault"),
    [
        ("POST", "/knowledge_bases/manage", "reset_before"),
        ("POST", "/knowledge_bases/manage", "reset_after"),
        ("PATCH", "/knowledge_bases/manage/1", "reset_after"),
        ("POST", "/categories$", "reset_after"),
        ("POST", "/answers$", "reset_before"),
        ("POST", "/answers$", "reset_after"),
        ("POST", "/attachments$", "reset_after"),
        ("PATCH", "/answers/1$", "reset_after"),
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


def test_an_answer_written_while_import_mode_was_off_is_made_anew(
    small: Small, zammad_desk: Desk
) -> None:
    world = looked(whole(small), zammad_desk)
    zammad_desk.set(import_mode=False)
    with pytest.raises(PreflightError, match="import mode is off"):
        moved(world)
    zammad_desk.set(import_mode=True)
    zammad_desk.zammad.halted = None  # the next run has a client of its own
    moved(again(world, zammad_desk))
    assert_whole(world, zammad_desk)
    assert answers(zammad_desk)["Reset"]["created_at"][:19] == MOMENT[:19]
