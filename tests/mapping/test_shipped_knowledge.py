"""The shipped mappings of the Help Center, and of what hangs beside conversations."""

from __future__ import annotations

from typing import Any

import pytest

from runner.mapping import Mappings, Reference, transform
from tests.mapping.support import GO_LIVE, MOMENT, case, shipped


@pytest.fixture(scope="module")
def mappings() -> Mappings:
    return shipped()


def article(**changes: Any) -> dict[str, Any]:
    place = {"type": "section", "id": 3, "title": "Steps", "known": True}
    return {
        "id": 7,
        "status": "PUBLISHED",
        "visibility": "PUBLIC",
        "section": place,
        "tags": ["a, b"],
        "keywords": "",
        "is_featured": True,
        "attachments": [],
        "published_at": MOMENT,
        "created_at": "2020-01-01T00:00:00Z",
        **changes,
    }


def answer(mappings: Mappings, **changes: Any) -> dict[str, Any]:
    outcome = transform(mappings, "kb_answers", article(**changes), go_live=GO_LIVE)
    assert outcome.failures == ()
    return outcome.payload


def test_an_article_lies_where_its_section_does(mappings: Mappings) -> None:
    payload = answer(mappings)
    assert payload["category"] == Reference("kb_sections", "3")
    assert (payload["promoted"], payload["internal_note"]) == (True, "Kayako article 7")
    assert answer(mappings, keywords="x")["internal_note"] == "Kayako article 7, keywords: x"
    assert all("," not in tag for tag in payload["tags"])


@pytest.mark.parametrize("place", [None, {"type": "section", "id": 3, "known": False}])
def test_an_article_of_no_section_has_a_place(mappings: Mappings, place: Any) -> None:
    named = Reference("kb_sections", name="Without a section")
    assert answer(mappings, section=place)["category"] == named


@pytest.mark.parametrize(
    ("changes", "dates"),
    [
        ({}, {"published_at": MOMENT}),
        ({"published_at": None}, {"published_at": "2020-01-01T00:00:00Z"}),
        ({"visibility": "AGENTS"}, {"internal_at": MOMENT}),
        ({"visibility": "AUTHORIZED"}, {"internal_at": MOMENT}),
        ({"visibility": None}, {"internal_at": MOMENT}),
        ({"status": "DRAFT"}, {}),
        ({"status": "PENDINGAPPROVAL"}, {}),
    ],
)
def test_only_what_was_public_may_become_public(
    mappings: Mappings, changes: dict[str, Any], dates: dict[str, str]
) -> None:
    payload = answer(mappings, **changes)
    assert {name: payload[name] for name in payload if name in dates or "_at" in name} == {
        "created_at": "2020-01-01T00:00:00Z",
        **dates,
    }


@pytest.mark.parametrize(
    ("language", "locale"), [("fr", "fr-fr"), ("en-us", "en-us"), ("tlh", "tlh")]
)
def test_languages_are_named_as_in_zammad(mappings: Mappings, language: str, locale: str) -> None:
    text = {"language": language, "title": None, "content": "<p></p>"}
    parent = {"title": "T"}
    outcome = transform(mappings, "kb_texts", text, parent=parent, go_live=GO_LIVE)
    assert outcome.payload == {"locale": locale, "title": "T", "body": "(no content)"}


def test_a_merged_conversation_keeps_its_rating_as_a_tag_of_its_own(mappings: Mappings) -> None:
    record = case(rating="GOOD", tags=["x"], is_merged=True)
    outcome = transform(mappings, "tickets", record, go_live=GO_LIVE)
    assert outcome.payload["tags"] == ["x", "kayako-merged", "rating-good"]


@pytest.mark.parametrize(("rating", "tags"), [("GOOD", ["x", "rating-good"]), (None, ["x"])])
def test_a_rating_becomes_a_tag(mappings: Mappings, rating: str | None, tags: list[str]) -> None:
    record = case(rating=rating, tags=["x"])
    payload = transform(mappings, "tickets", record, go_live=GO_LIVE).payload
    assert payload["tags"] == tags
    assert "more_tags" not in payload
