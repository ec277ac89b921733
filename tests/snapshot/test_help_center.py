"""Texts by language, and what an article is joined with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runner.snapshot import Snapshot
from runner.snapshot.help_center import texts
from runner.snapshot.writing import StoredFile, Writer
from tests.snapshot.support import URL


def text(locale: str, translation: str | None) -> dict[str, Any]:
    return {"id": 1, "locale": locale, "translation": translation, "resource_type": "locale_field"}


def article(**changes: Any) -> dict[str, Any]:
    return {
        "id": 7,
        "status": "PUBLISHED",
        "titles": [text("fr", "Bonjour"), text("en-us", "Hello")],
        "contents": [text("en-us", "<p>Hello</p>")],
        "slugs": [{"locale": "en-us", "translation": "7-hello", "resource_type": "slug"}],
        "section": {"id": 2, "resource_type": "section"},
        "attachments": [],
        "resource_type": "article",
        "updated_at": "2024-01-01T00:00:00+00:00",
        **changes,
    }


def expanded(folder: Path, found: dict[str, Any], language: str = "en-us") -> dict[str, Any]:
    snapshot = Snapshot.open(folder, kayako_url=URL)
    snapshot.set_meta("settings", {"account.default_language": language})
    writer = Writer(snapshot)
    place = {"id": 3, "titles": [text("en-us", "Basics")], "resource_type": "category"}
    section = {
        "id": 2,
        "titles": [text("en-us", None), text("fr", "Étapes")],
        "visibility": "AGENTS",
        "category": {"id": 3, "resource_type": "category"},
        "resource_type": "section",
    }
    writer.page("categories", [place], sweep=1)
    writer.page("sections", [section], sweep=1)
    writer.page("articles", [found], sweep=1)
    key = "/media/url/a"
    writer.beside("files", 7, None, files=[StoredFile(key, "f" * 64, 3, None)])
    record = snapshot.record("articles", 7)
    snapshot.close()
    assert record is not None
    return record


def test_blank_texts_are_no_texts() -> None:
    items = [text("EN-us", " Hi "), text("fr", None), text("de", "  "), {"id": 4}, None]
    assert texts(items) == {"en-us": " Hi "}
    assert texts(None) == {}


def test_the_default_language_comes_first(tmp_path: Path) -> None:
    record = expanded(tmp_path, article())
    assert [item["language"] for item in record["translations"]] == ["en-us", "fr"]
    assert (record["title"], record["language"]) == ("Hello", "en-us")
    assert record["translations"][0]["slug"] == "7-hello"
    assert record["translations"][1]["content"] is None


def test_the_title_falls_back_to_a_language_that_has_one(tmp_path: Path) -> None:
    record = expanded(tmp_path, article(titles=[text("en-us", ""), text("fr", "Bonjour")]))
    assert [item["language"] for item in record["translations"]] == ["en-us", "fr"]
    assert (record["title"], record["language"]) == ("Bonjour", "fr")


@pytest.mark.parametrize("empty", [[], None, [text("fr", None)]])
def test_an_article_without_any_text_keeps_one_empty_translation(
    tmp_path: Path, empty: Any
) -> None:
    record = expanded(tmp_path, article(titles=empty, contents=empty, slugs=[]), language="de")
    assert [(item["language"], item["title"]) for item in record["translations"]] == [("de", None)]
    assert record["title"] is None


def test_an_article_knows_its_place_and_who_may_see_it(tmp_path: Path) -> None:
    record = expanded(tmp_path, article())
    assert record["section"] == {"type": "section", "id": 2, "title": "Étapes", "known": True}
    assert record["category"] == {"type": "category", "id": 3, "title": "Basics", "known": True}
    assert record["visibility"] == "AGENTS"


def test_a_section_that_is_gone_is_told(tmp_path: Path) -> None:
    record = expanded(tmp_path, article(section={"id": 9, "resource_type": "section"}))
    assert record["section"] == {"type": "section", "id": 9, "title": None, "known": False}
    assert (record["category"], record["visibility"]) == (None, None)


def test_images_are_known_by_digest_or_counted_as_missing(tmp_path: Path) -> None:
    shown = f'<img src="{URL}/media/url/a"><img src="{URL}/media/url/b"><img src="https://x/y">'
    record = expanded(tmp_path, article(contents=[text("en-us", shown)]))
    assert record["translations"][0]["images"] == {
        f"{URL}/media/url/a": "f" * 64,
        f"{URL}/media/url/b": None,
    }
    assert record["images_missing"] == 1
