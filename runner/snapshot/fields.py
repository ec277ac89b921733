"""The fields that a team invented, as their owners see them: label, options, how they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from runner.snapshot.noticing import OPTION_TYPES
from runner.snapshot.values import Json, number

if TYPE_CHECKING:
    from collections.abc import Iterable

_FLAGS = (
    "is_required_for_agents",
    "is_required_on_resolution",
    "is_required_for_customers",
    "is_visible_to_customers",
    "is_customer_editable",
)


class Used(NamedTuple):
    """How records use one field: option ids, and the longest and largest value."""

    options: tuple[str, ...] = ()
    longest: int | None = None
    largest: int | None = None


def field(body: Json, used: Used, language: str | None) -> Json:
    """Return one field as ``Snapshot.fields`` describes it.

    Args:
        body: The definition as Kayako lists it.
        used: How records use it.
        language: The code of the helpdesk's default language.
    """
    title = body.get("title")
    return {
        "id": body.get("id"),
        "key": body.get("key"),
        "type": body.get("type"),
        "title": title,
        "label": label(body.get("customer_titles"), language) or title,
        "description": label(body.get("descriptions"), language),
        # The key is there for fields of conversations only (kayako-api.md §10).
        "is_system": bool(body.get("is_system")),
        "is_enabled": bool(body.get("is_enabled", True)),
        **{flag: bool(body.get(flag)) for flag in _FLAGS},
        "regular_expression": body.get("regular_expression") or None,
        "sort_order": number(body.get("sort_order")) or 0,
        "options": _options(body, used.options, language),
        "longest": used.longest,
        "largest": used.largest,
    }


def in_order(fields: Iterable[Json]) -> list[Json]:
    """Return fields as Kayako shows them: by ``sort_order``, then by id."""
    return sorted(fields, key=lambda item: (item["sort_order"], number(item["id"]) or 0))


def label(texts: Any, language: str | None) -> str | None:
    """Return a text in the default language, else the first that is not empty, else None.

    A translation can be null or missing in any language (kayako-api.md §11.1, §17.19).
    """
    found = [item for item in texts or [] if isinstance(item, dict)]
    wanted = (language or "").casefold()
    found.sort(key=lambda item: str(item.get("locale") or "").casefold() != wanted)
    words = [str(item.get("translation") or "").strip() for item in found]
    return next((word for word in words if word), None)


def _options(body: Json, used: tuple[str, ...], language: str | None) -> list[Json]:
    options = []
    for item in body.get("options") or []:
        if isinstance(item, dict) and item.get("id") is not None:
            option = {
                "id": item["id"],
                "label": label(item.get("values"), language),
                "sort_order": number(item.get("sort_order")) or 0,
                "known": True,
            }
            key = item.get("key") or item.get("tag")
            options.append(option | ({"key": key} if key else {}))
    options.sort(key=lambda option: option["sort_order"])
    if body.get("type") not in OPTION_TYPES:
        return options
    known = {str(option["id"]) for option in options}
    last = max((option["sort_order"] for option in options), default=0)
    gone = sorted(set(used) - known, key=lambda text: (number(text) is None, len(text), text))
    return options + [
        {
            "id": text if number(text) is None else int(text),
            "label": None,
            "sort_order": last + at,
            "known": False,
        }
        for at, text in enumerate(gone, 1)
    ]
