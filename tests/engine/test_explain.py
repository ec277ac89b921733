from __future__ import annotations

from runner.engine import results, tickets
from runner.engine.explain import Article, explain
from runner.engine.merged import MOVED
from runner.engine.world import World
from runner.snapshot.beside import MERGED
from tests.engine.support import HOST, Small, case, post, record


def articles(world: World, case_id: str = "1") -> list[Article]:
    return explain(world, "case", case_id).articles


def test_a_message_is_shown_with_the_id_that_it_is_sent_with(small: Small) -> None:
    world = small(cases=[case(1)])
    (article,) = articles(world)
    assert article.payload["message_id"] == f"<kayako-post-10@{HOST}>"


def test_a_message_that_was_written_is_shown_with_the_id_that_it_has(small: Small) -> None:
    world = small(cases=[case(1)])
    change = tickets.of_case(world, record(world, "cases", 1))
    posts = {"10": [100, change.children[0].digest]}
    document = results.done(change, 40, posts=posts, originals={"10": "<real@example.org>"})
    world.ledger.table("tickets").put(document)
    (article,) = articles(world)
    assert article.payload["message_id"] == "<real@example.org>"


def test_a_message_that_moved_to_the_survivor_says_so(small: Small) -> None:
    rows = [case(1), case(2, is_merged=True)]
    world = small(cases=rows, threads={1: [post(10)], 2: [post(10), post(21)]})
    world.snapshot.beside.keep(MERGED, 2, 1)
    assert {str(one.post["id"]): one.skip for one in articles(world, "2")} == {
        "10": MOVED,
        "21": None,
    }
