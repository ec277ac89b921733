"""The Help Center and what agents set up, as the fake serves them (kayako-api.md §9, §10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.sandbox.data import generate, hard_cases
from tests.sandbox.kayako.support import Client, client

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def kayako() -> Iterator[Client]:
    with client(hard_cases()) as served:
        yield served


def test_texts_are_references_unless_they_are_asked_for(kayako: Client) -> None:
    plain = kayako.data("articles/1")
    assert set(plain["titles"][0]) == {"id", "resource_type"}
    assert plain["slugs"][0]["translation"] == "1-reset-your-password"
    full = kayako.data("articles/1", include="locale_field")
    titles = {text["locale"]: text["translation"] for text in full["titles"]}
    assert titles["fr"] == "Réinitialiser le mot de passe"
    assert "/media/url/help-1" in full["contents"][0]["translation"]


def test_ids_of_texts_are_unique(kayako: Client) -> None:
    found = [
        text["id"]
        for path in ("categories", "sections", "articles")
        for record in kayako.data(path, limit=100)
        for key in ("titles", "descriptions", "contents")
        for text in record.get(key, [])
    ]
    assert len(found) == len(set(found)) > 30


def test_files_of_articles_are_downloaded_like_those_of_posts(kayako: Client) -> None:
    article = kayako.data("articles/1", include="attachment")
    for attachment in article["attachments"]:
        answer = kayako.session.get(attachment["url_download"], timeout=10)
        assert len(answer.content) == attachment["size"]
    assert kayako.session.get(f"{kayako.url}/media/url/help-1", timeout=10).status_code == 200
    assert kayako.session.get(f"{kayako.url}/media/url/help-gone", timeout=10).status_code == 404


@pytest.mark.parametrize(
    "path", ["categories", "sections", "articles", "businesshours", "slas", "triggers", "monitors"]
)
def test_lists_have_pages(kayako: Client, path: str) -> None:
    answer = kayako.ask(path, limit=1).json()
    assert answer["total_count"] >= len(answer["data"]) == 1
    assert {"offset", "limit"} <= set(answer)
    first = answer["data"][0]
    assert kayako.data(f"{path}/{first['id']}")["id"] == first["id"]


def test_macros_come_in_one_piece(kayako: Client) -> None:
    answer = kayako.ask("cases/macros", limit=2, show_all="true").json()
    assert len(answer["data"]) == answer["total_count"] == 21
    assert "offset" not in answer


def test_a_helpdesk_of_some_size_has_a_help_center() -> None:
    helpdesk = generate(1200)
    articles = helpdesk.table("article")
    assert len(articles) == 12
    assert len(helpdesk.table("section")) == 2
    assert {article["status"] for article in articles.values()} == {"PUBLISHED", "DRAFT"}
    assert any(article["attachments"] for article in articles.values())
    assert dict(generate(1200).table("article")) == dict(articles)
    assert len(generate(99).table("article")) == 0
