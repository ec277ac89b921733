"""What verify says of each kind of difference between the Help Center and the knowledge base."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from runner.engine import verify_knowledge
from runner.engine.verified import Kind, Verified
from runner.engine.world import World
from runner.errors import Interrupted
from runner.sandbox.zammad.store import Tables
from runner.snapshot.writing import Writer
from tests.engine.knowledge_support import (
    again,
    article,
    moved,
    stocked,
    verified,
)
from tests.engine.support import Small, fill, looked, run_of
from tests.zammad.support import Desk

TAG = {"id": 1, "name": "howto", "resource_type": "tag"}


def result_of(world: World, *, stopped: bool = False) -> Verified:
    assert world.zammad is not None
    result = Verified(world.zammad.url)
    run, _ = run_of(world)
    if stopped:
        run.stop.set()
    verify_knowledge.compare(world, world.zammad, result, progress=lambda *_: None, stop=run.stop)
    result.close()
    return result


@pytest.mark.parametrize(
    ("change", "entity", "name"),
    [
        (lambda t: t.knowledge_answers[1].update(promoted=True), "kb_answers", "promoted"),
        (lambda t: t.knowledge_answers[1].update(tags=[]), "kb_answers", "tags"),
        (lambda t: t.knowledge_answers[1].update(category_id=1), "kb_answers", "category"),
        (
            lambda t: t.knowledge_categories[2].update(category_icon="f000"),
            "kb_sections",
            "icon",
        ),
        (lambda t: t.knowledge_categories[2].update(parent_id=None), "kb_sections", "parent"),
    ],
)
def test_what_editors_changed_is_told_by_its_field(
    small: Small,
    zammad_desk: Desk,
    change: Callable[[Tables], None],
    entity: str,
    name: str,
) -> None:
    world = looked(stocked(small, article(1, tags=[TAG])), zammad_desk)
    moved(world)
    change(zammad_desk.fake.state.store.tables)
    assert verified(again(world, zammad_desk)) == [(entity, name, Kind.CHANGED)]


def test_further_tags_of_editors_are_no_difference(small: Small, zammad_desk: Desk) -> None:
    world = looked(stocked(small, article(1, tags=[TAG])), zammad_desk)
    moved(world)
    zammad_desk.zammad.add_tag(1, "theirs", kind="KnowledgeBase::Answer")
    # Zammad moves the time of the last change with it.
    assert [name for _, name, _ in verified(again(world, zammad_desk))] == ["updated_at"]


def test_a_failed_record_is_counted_and_no_difference(small: Small, zammad_desk: Desk) -> None:
    world = looked(stocked(small, article(1)), zammad_desk)
    moved(world)
    zammad_desk.zammad.delete("/knowledge_bases/1/answers/1")
    failed = {"source_id": "1", "target_id": None, "status": "failed"}
    world.ledger.table("kb_answers").put(failed)
    result = result_of(again(world, zammad_desk))
    assert result.ok
    assert result.counts["kb_answers"]["failed"] == 1


@pytest.mark.parametrize(("scope", "kinds"), [("--ids 1", {}), ("", {"missing": 1, "count": 1})])
def test_what_no_run_was_about_is_not_missing(
    small: Small, zammad_desk: Desk, scope: str, kinds: dict[str, int]
) -> None:
    world = looked(stocked(small, article(1)), zammad_desk)
    moved(world)
    fill(world.snapshot, "articles", [article(2, "New")])
    world.ledger.start_run("apply", scope=scope)
    result = result_of(again(world, zammad_desk))
    assert result.kinds == kinds
    assert [text for text in result.told if "kb_answers" in text] == (
        [f"kb_answers not in the scope of the last apply ({scope})"] if scope else []
    )


def test_the_category_that_a_mapping_names_is_missed_too(small: Small, zammad_desk: Desk) -> None:
    world = looked(stocked(small, article(1, of=9)), zammad_desk)
    moved(world)
    tables = zammad_desk.fake.state.store.tables
    (named,) = (
        row["category_id"]
        for row in tables.knowledge_category_translations.values()
        if row["title"] == "Without a section"
    )
    assert verified(again(world, zammad_desk)) == []
    zammad_desk.zammad.delete("/knowledge_bases/1/answers/1")
    zammad_desk.zammad.delete(f"/knowledge_bases/1/categories/{named}")
    found = verified(again(world, zammad_desk))
    assert ("kb_sections", "record", Kind.MISSING) in found
    assert ("kb_answers", "record", Kind.MISSING) in found


def test_what_left_kayako_is_counted_as_gone(small: Small, zammad_desk: Desk) -> None:
    world = looked(stocked(small, article(1), article(2, "Other")), zammad_desk)
    moved(world)
    Writer(world.snapshot).mark_gone("articles", 2)
    result = result_of(again(world, zammad_desk))
    assert result.counts["kb_answers"]["gone"] == 1
    assert result.ok


def test_a_stop_leaves_verifying_at_once(small: Small, zammad_desk: Desk) -> None:
    world = looked(stocked(small, article(1)), zammad_desk)
    with pytest.raises(Interrupted, match="nothing was written"):
        result_of(world, stopped=True)
