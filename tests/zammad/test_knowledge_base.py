"""What is read of a knowledge base, whatever else lies in its answers."""

from __future__ import annotations

from typing import Any

import pytest

from runner.errors import Refused
from runner.zammad import knowledge_base
from runner.zammad.client import Zammad
from runner.zammad.knowledge_base import NO_RIGHT, NOT_OFFERED, Held

SYSTEM = {"collections": {"Locale": [{"locale": "en-us", "id": 1}, {"locale": "fr-fr", "id": 2}]}}


class Double(Zammad):
    """Answers what it is given; counts as a client and opens nothing."""

    def __init__(self, found: Any, status: int | None = None) -> None:
        self._found, self._status = found, status

    def search(self, *_: object, **__: object) -> Any:
        if self._status is not None:
            raise Refused("no", status=self._status)
        return self._found

    def get(self, *_: object, **__: object) -> Any:
        return SYSTEM


def locale(number: int, system: int, *, base: int = 1, primary: bool = False) -> dict[str, Any]:
    row = {"id": number, "system_locale_id": system, "knowledge_base_id": base}
    return {**row, "primary": primary}


FOUND = {
    "KnowledgeBase": {"1": {"id": 1, "kb_locale_ids": [1]}, "2": {"id": 2, "kb_locale_ids": [3]}},
    "KnowledgeBaseLocale": {
        "1": locale(1, 2),
        "2": locale(2, 1),
        "3": locale(3, 1, base=2, primary=True),
        "4": locale(4, 99),
    },
    "KnowledgeBaseCategory": {"5": {"id": 5}},
    "KnowledgeBaseCategoryTranslation": {
        "1": {"category_id": 5, "kb_locale_id": 1, "title": "Bases"},
        "2": {"category_id": 5, "kb_locale_id": 3, "title": "of another base"},
        "3": {"category_id": 6, "kb_locale_id": 1, "title": "of a category that is not shown"},
    },
}


@pytest.mark.parametrize(("status", "why_not"), [(403, NO_RIGHT), (404, NOT_OFFERED)])
def test_a_refusal_says_why_nothing_can_be_written(status: int, why_not: str) -> None:
    assert knowledge_base.read(Double(None, status)).why_not == why_not


def test_another_refusal_is_no_answer() -> None:
    with pytest.raises(Refused):
        knowledge_base.read(Double(None, 422))


@pytest.mark.parametrize("found", [[], None, {"KnowledgeBase": {"1": {"id": 1}}}])
def test_what_only_readers_see_gives_no_right(found: Any) -> None:
    assert knowledge_base.read(Double(found)).why_not == NO_RIGHT


def test_the_first_base_counts_with_its_own_languages_alone() -> None:
    held = knowledge_base.read(Double(FOUND))
    assert (held.base or {})["id"] == 1
    assert held.locales == {"fr-fr": 1, "en-us": 2}
    assert held.primary == "fr-fr", "without a primary one readers fall back to the first"
    assert {code: row["title"] for code, row in held.categories[5]["texts"].items()} == {
        "fr-fr": "Bases"
    }


def test_of_an_answer_only_its_own_texts_in_known_languages_count() -> None:
    texts = {
        "1": {"answer_id": 7, "kb_locale_id": 1, "content_id": 1, "title": "mine"},
        "2": {"answer_id": 8, "kb_locale_id": 1, "content_id": 2, "title": "another's"},
        "3": {"answer_id": 7, "kb_locale_id": 9, "content_id": 3, "title": "unknown"},
    }
    assets = {"KnowledgeBaseAnswer": {"7": {"id": 7}}, "KnowledgeBaseAnswerTranslation": texts}
    row = knowledge_base.row_of(Held(locales={"fr-fr": 1}), assets, 7)
    assert {code: (text["title"], text["body"]) for code, text in row["texts"].items()} == {
        "fr-fr": ("mine", None)
    }
