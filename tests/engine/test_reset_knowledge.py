"""The knowledge base, taken back: also what was on its way when a run ended."""

from __future__ import annotations

import pytest

from runner.engine import reset_knowledge
from runner.engine.knowledge_beside import ANSWERS, CATEGORIES, SECTIONS
from runner.engine.knowledge_setup import BASE, BASES
from runner.engine.world import World
from runner.errors import RecordError
from tests.engine.knowledge_support import article, moved, stocked
from tests.engine.support import Small, looked
from tests.zammad.support import Desk


@pytest.fixture
def stored(small: Small, zammad_desk: Desk) -> World:
    """Return a world whose knowledge base is in Zammad."""
    world = looked(stocked(small, article(1)), zammad_desk)
    moved(world)
    return world


@pytest.mark.parametrize(
    ("entity", "source_id"), [(ANSWERS, "1"), (SECTIONS, "1"), (CATEGORIES, "1"), (BASES, BASE)]
)
def test_what_arrived_is_found_by_its_title_and_its_time(
    stored: World, zammad_desk: Desk, entity: str, source_id: str
) -> None:
    document = stored.ledger.table(entity).get(source_id)
    assert document is not None
    row = reset_knowledge.arrived(zammad_desk.zammad, entity, document)
    assert row is not None
    assert row["id"] == document["target_id"]


@pytest.mark.usefixtures("stored")
def test_a_title_that_is_not_there_did_not_arrive(zammad_desk: Desk) -> None:
    document = {"source_id": "9", "status": "intended", "applied": {"name": "Another"}}
    assert reset_knowledge.arrived(zammad_desk.zammad, ANSWERS, document) is None


def test_a_base_that_holds_what_is_not_ours_stays(stored: World, zammad_desk: Desk) -> None:
    document = stored.ledger.table(BASES).get(BASE)
    assert document is not None
    with pytest.raises(RecordError, match="holds 2 categories that are not ours"):
        reset_knowledge.delete(stored.ledger, zammad_desk.zammad, BASES, document)


def test_from_the_inside_out_everything_goes(stored: World, zammad_desk: Desk) -> None:
    for entity in reset_knowledge.ORDER:
        for document in list(stored.ledger.documents(entity)):
            reset_knowledge.delete(stored.ledger, zammad_desk.zammad, entity, document)
    tables = zammad_desk.fake.state.store.tables
    left = (tables.knowledge_answers, tables.knowledge_categories, tables.knowledge_bases)
    assert [len(each) for each in left] == [0, 0, 0]
