"""Help Center: categories, sections, articles (kayako-api.md §10); none was ever recorded.

Texts are lists of one entry a language: ``locale_field`` records, which are references unless a
request includes them, and slugs, which have no id and are always whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.sandbox.data.shapes.basics import dated, identifier, reference, typed, url
from runner.sandbox.data.shapes.definitions import BORN, locale_field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.sandbox.data.table import Record

Texts = dict[str, str | None]
"""Language → text; None where nobody wrote one in that language."""

_ROOM = 10
"""How many languages a text may have before ids of locale fields meet."""
_PLACES = {
    name: 1_000_000 * at
    for at, name in enumerate(
        ("category", "category text", "section", "section text", "article", "article text"), 1
    )
}


def category(key: int, titles: Texts, *, descriptions: Texts | None = None, **more: Any) -> Record:
    """A category of the Help Center."""
    return {
        "id": key,
        "uuid": identifier("category", key),
        "legacy_id": None,
        "titles": _texts("category", key, titles),
        "slugs": _slugs(key, titles),
        "descriptions": _texts("category text", key, descriptions or {}),
        "brand": reference("brand", 1),
        "display_order": key,
        **dated(BORN),
        **typed("category", f"categories/{key}"),
        **more,
    }


def section(
    key: int,
    category_key: int,
    titles: Texts,
    *,
    visibility: str = "PUBLIC",
    descriptions: Texts | None = None,
    **more: Any,
) -> Record:
    """A section of a category; ``visibility`` is PUBLIC, AUTHORIZED or AGENTS."""
    return {
        "id": key,
        "legacy_id": None,
        "visibility": visibility,
        "titles": _texts("section", key, titles),
        "slugs": _slugs(key, titles),
        "descriptions": _texts("section text", key, descriptions or {}),
        "category": reference("category", category_key),
        "agent": reference("user_minimal", 1),
        "teams": [],
        "tags": [],
        "total_articles": 0,
        "article_order_by": "LATEST",
        **dated(BORN),
        **typed("section", f"sections/{key}"),
        **more,
    }


def article(
    key: int,
    section_key: int,
    titles: Texts,
    contents: Mapping[str, str | None],
    *,
    author: int,
    created_at: str,
    updated_at: str | None = None,
    attachments: list[Record] | None = None,
    **more: Any,
) -> Record:
    """An article; published at its creation unless ``status`` and ``published_at`` say otherwise.

    Attachments lie under ``articles/ID/attachments``.
    """
    attached = attachments or []
    return {
        "id": key,
        "uuid": identifier("article", key),
        "legacy_id": None,
        "status": "PUBLISHED",
        "titles": _texts("article", key, titles),
        "slugs": _slugs(key, titles),
        "contents": _texts("article text", key, dict(contents)),
        "keywords": "",
        "section": reference("section", section_key),
        "creator": reference("user", author),
        "author": reference("user", author),
        "attachments": attached,
        "download_all": url(f"articles/{key}/attachments/download") if attached else None,
        "upvote_count": 0,
        "downvote_count": 0,
        "views": 0,
        "rank": 0,
        "tags": [],
        "is_featured": False,
        "allow_comments": True,
        "total_comments": 0,
        "published_at": created_at,
        "helpcenter_url": None,
        **dated(created_at, updated_at),
        **typed("article", f"articles/{key}"),
        **more,
    }


def _texts(place: str, key: int, texts: Texts) -> list[Record]:
    first = _PLACES[place] + key * _ROOM
    return [
        locale_field(first + at, text, locale) for at, (locale, text) in enumerate(texts.items())
    ]


def _slugs(key: int, titles: Texts) -> list[Record]:
    """A slug is the id and the title in small letters."""
    return [
        {
            "locale": locale,
            "translation": f"{key}-{'-'.join((title or 'untitled').lower().split())[:60]}",
            "resource_type": "slug",
        }
        for locale, title in titles.items()
    ]
