"""What ``migrate explain`` prints of a record, whatever is known of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from runner.engine.change import Difference
from runner.engine.explain import Article, Explanation, explain
from runner.engine.world import World
from runner.mapping.model import Note
from runner.mapping.tracing import Step
from runner.report.explanation import explanation
from tests.engine.conftest import small
from tests.engine.support import Small, case
from tests.mapping.support import shipped
from tests.report.support import Paper

__all__ = ["small"]
Print = Callable[..., str]


@pytest.fixture
def printed(small: Small) -> Print:
    """Return a function that prints case 1 with some of what is known of it replaced."""
    world = small(cases=[case(1)])

    def shown(post: str | None = None, change: dict[str, Any] | None = None, **more: Any) -> str:
        found = explain(world, "case", "1")
        found = replace(found, **more, change=replace(found.change, **(change or {})))
        return text_of(world, found, post)

    return shown


def text_of(world: World, found: Explanation, post: str | None = None) -> str:
    paper = Paper()
    explanation(paper.console, found, world.mappings, post=post)
    return paper.text


def test_a_rule_shows_its_line_what_it_read_and_what_it_made(printed: Print) -> None:
    text = printed()
    assert "tickets/1" in text
    assert "number:" in text
    assert "→ 1\n" in text
    assert "nothing: it was not moved yet" in text
    assert "Apply would: create" in text
    assert "write 1 articles" in text
    assert "--post ID shows the rules at work" in text


def test_a_rule_that_cannot_fill_its_field_says_why(printed: Print) -> None:
    note = Note("cut", "title", "from 300 to 250")
    failed = Step("title", ("zammad_fields", "title"), "from subject", {}, failure="no such word")
    noted = Step("owner", ("zammad_fields", "owner"), "person", {"id": 7}, notes=(note,))
    text = printed(steps=[failed, noted], change={"notes": (note,)})
    assert "✗ no such word" in text
    assert "→ left out" in text
    assert "cut: from 300 to 250" in text
    assert "Notes (what is not carried over as it was)" in text
    assert "title cut: from 300 to 250" in text


def test_a_record_that_is_left_out_used_no_rule(printed: Print) -> None:
    assert "none was used: deleted in Kayako" in printed(
        steps=[], change={"reason": "deleted in Kayako"}
    )


def test_the_rules_of_one_message_are_printed_when_it_is_named(printed: Print) -> None:
    named = printed("10")
    assert "--post ID shows" not in named
    assert "message_id:" in named
    assert "message_id:" not in printed()


def test_a_message_that_is_left_out_says_why(printed: Print) -> None:
    left_out = Article({"id": 10, "created_at": "2021"}, {}, [], skip="it moved")
    assert "post 10: left out: it moved" in printed(articles=[left_out])


@pytest.mark.parametrize(
    ("there", "words"),
    [
        (None, "Zammad does not show it now"),
        ({"title": "Help"}, "\n  none\n"),
        ({"title": "Help me"}, "title: Help me, written: Help"),
    ],
)
def test_what_zammad_has_is_compared_with_what_was_written(
    printed: Print, there: dict[str, Any] | None, words: str
) -> None:
    known = {"status": "done", "target_id": 7, "action": "create", "at": "2026"}
    text = printed(ledger={**known, "applied": {"title": "Help", "note": "x"}}, there=there)
    assert "done, Zammad id 7, create at 2026" in text
    assert words in text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("failed", "it is not in Zammad: no attempt made it there"),
        ("skipped", "it is not in Zammad: it was left out"),
        ("intended", "whether it is in Zammad is looked up before anything is sent"),
    ],
)
def test_what_has_no_ticket_yet_is_not_said_to_be_hidden(
    printed: Print, status: str, words: str
) -> None:
    known = {"status": status, "action": "create", "at": "2026"}
    text = printed(ledger=known, there=None)
    assert words in text
    assert "does not show it now" not in text


def test_what_apply_would_do_is_told_field_by_field(printed: Print) -> None:
    changes = {
        "reason": "changed in Kayako",
        "differences": (Difference("title", "Help", {"long": "x" * 400}),),
        "conflicts": (Difference("state", "open", "closed"),),
        "children": (),
    }
    text = printed(change=changes)
    assert "(changed in Kayako)" in text
    assert 'title: Help → {"long": "xxx' in text
    assert "xxx…" in text
    assert "state: stays, it was changed in Zammad too" in text
    assert "articles" not in text.partition("Apply would")[2]


def test_rules_are_told_without_a_line_where_their_file_is_gone(small: Small) -> None:
    world = small(cases=[case(1)])
    mappings = shipped()
    entity = replace(mappings.entities["tickets"], file="gone/tickets.yaml")
    world.mappings = replace(mappings, entities={**mappings.entities, "tickets": entity})
    text = text_of(world, explain(world, "case", "1"))
    assert "(gone/tickets.yaml)" in text
    assert "  number  " in text
