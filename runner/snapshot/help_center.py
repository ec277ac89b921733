"""Expands the Help Center: texts by language, references joined, files by digest (§10).

Kayako keeps each text as a list with one entry a language, often an empty one. Here a record has
``translations``: one item for each language in which anybody wrote something.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from runner.snapshot.expand import tag_names
from runner.snapshot.posts import attachment, image_key, images_in
from runner.snapshot.values import Json, timestamp, with_timestamps

if TYPE_CHECKING:
    from runner.snapshot.lookup import Lookup

FileOf = Callable[[str], tuple[str | None, str | None]]

CATEGORIES, SECTIONS, ARTICLES = "categories", "sections", "articles"
_TEXTS = {
    CATEGORIES: {"title": "titles", "slug": "slugs", "description": "descriptions"},
    SECTIONS: {"title": "titles", "slug": "slugs", "description": "descriptions"},
    ARTICLES: {"title": "titles", "slug": "slugs", "content": "contents"},
}
_KEYS = {
    CATEGORIES: ("uuid", "legacy_id", "brand", "display_order"),
    SECTIONS: ("legacy_id", "visibility", "agent", "teams", "total_articles", "article_order_by"),
    ARTICLES: (
        *("uuid", "legacy_id", "status", "keywords", "upvote_count", "downvote_count", "views"),
        *("rank", "is_featured", "allow_comments", "total_comments", "helpcenter_url"),
    ),
}


def texts(items: object) -> dict[str, str]:
    """Return a list of locale fields or slugs as ``{language: text}``, without blank ones."""
    found: dict[str, str] = {}
    for item in items if isinstance(items, list) else []:
        if not isinstance(item, dict) or not item.get("locale"):
            continue
        text = str(item.get("translation") or "")
        if text.strip():
            found.setdefault(str(item["locale"]).lower(), text)
    return found


def expand(
    resource: str, stored: Json, lookup: Lookup, file_of: FileOf, language: str | None
) -> Json:
    """Expand a category, section or article.

    Args:
        resource: ``categories``, ``sections`` or ``articles``.
        stored: The record as it is stored.
        lookup: What references stand for.
        file_of: From a file's key to its sha256 and the reason why it is missing.
        language: The helpdesk's default language, which comes first among the translations.
    """
    translations = _translations(stored, _TEXTS[resource], (language or "en-us").lower())
    first = next((item for item in translations if item["title"]), translations[0])
    record: Json = {"id": stored["id"], **dict.fromkeys(_KEYS[resource])} | with_timestamps(stored)
    record |= {
        "title": first["title"],
        "language": first["language"],
        "translations": translations,
        "created_at": timestamp(stored.get("created_at")),
        "updated_at": timestamp(stored.get("updated_at")),
    }
    if resource == SECTIONS:
        teams = (lookup.titled(team, "title") for team in stored.get("teams") or [])
        record |= {
            "category": _place(stored.get("category"), CATEGORIES, lookup),
            "agent": lookup.person(stored.get("agent")),
            "teams": [team for team in teams if team],
            "tags": tag_names(stored.get("tags")),
        }
    if resource == ARTICLES:
        record |= _of_article(stored, translations, lookup, file_of)
    return record


def _of_article(stored: Json, translations: list[Json], lookup: Lookup, file_of: FileOf) -> Json:
    section = lookup.record(SECTIONS, (stored.get("section") or {}).get("id")) or {}
    shown = [url for item in translations for url in images_in(item["content"] or "")]
    for item in translations:
        item["images"] = {
            url: file_of(image_key(url))[0] for url in images_in(item["content"] or "")
        }
    return {
        "section": _place(stored.get("section"), SECTIONS, lookup),
        "category": _place(section.get("category"), CATEGORIES, lookup),
        "visibility": section.get("visibility"),
        "creator": lookup.person(stored.get("creator")),
        "author": lookup.person(stored.get("author")),
        "attachments": [attachment(item, file_of) for item in stored.get("attachments") or []],
        "images_missing": sum(1 for url in set(shown) if file_of(image_key(url))[0] is None),
        "tags": tag_names(stored.get("tags")),
        "published_at": timestamp(stored.get("published_at")),
    }


def _translations(stored: Json, keys: dict[str, str], language: str) -> list[Json]:
    """Return one item for each language in which there is a title or more than a slug."""
    found = {name: texts(stored.get(key)) for name, key in keys.items()}
    written = [code for name, by_code in found.items() if name != "slug" for code in by_code]
    codes = sorted(dict.fromkeys(written), key=lambda code: code != language) or [language]
    return [
        {"language": code, **{name: by_code.get(code) for name, by_code in found.items()}}
        for code in codes
    ]


def _place(reference: object, resource: str, lookup: Lookup) -> Json | None:
    """Return a reference to a section or category; None for null."""
    if not isinstance(reference, dict) or reference.get("id") is None:
        return None
    listed = lookup.record(resource, reference["id"])
    titles = list(texts((listed or {}).get("titles")).values())
    return {
        "type": str(reference.get("resource_type")),
        "id": reference["id"],
        "title": titles[0] if titles else None,
        "known": listed is not None,
    }
