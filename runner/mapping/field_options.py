"""The choices of a field: from Kayako's options to keys and labels in Zammad.

Keys of choices are the ids of Kayako's options: they survive a new label. Values of trees are the
paths of their labels (``A::B``), as Zammad's own editor writes them when somebody changes the tree.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LEVELS = re.compile(r"\s*(?:\\|::)\s*")
TREE_SEPARATOR = "::"


def label(texts: Any, language: str) -> str | None:
    """Return the text for a language, else the first that is none of null and blank.

    Args:
        texts: Kayako's ``locale_field`` list; translations may be null (kayako-api.md §10).
        language: ``account.default_language``, such as ``en-us``.
    """
    if not isinstance(texts, list):
        return None
    found = [text for text in texts if isinstance(text, dict) and _words(text.get("translation"))]
    found.sort(key=lambda text: str(text.get("locale")).lower() != language.lower())
    return _words(found[0]["translation"]) if found else None


def _words(text: Any) -> str:
    return " ".join(str(text or "").split())


def labels(field: Mapping[str, Any], language: str, deleted: Iterable[str]) -> dict[str, str]:
    """Return the label of each option by its id, in Kayako's order; deleted ones at the end."""
    options = [option for option in field.get("options") or [] if isinstance(option, dict)]
    options.sort(key=lambda option: option.get("sort_order") or 0)
    found = {
        str(option.get("id")): label(option.get("values"), language) or f"Option {option.get('id')}"
        for option in options
    }
    return found | {number: f"(deleted) {number}" for number in deleted}


def path(text: str) -> str:
    r"""Return the value of a tree's leaf: levels come as ``A\B`` or ``A::B``."""
    levels = [level.strip() for level in _LEVELS.split(text) if level.strip()]
    return TREE_SEPARATOR.join(levels) or text


def tree(paths: Iterable[str]) -> list[dict[str, Any]]:
    """Return the nested options of a tree; levels that no option names are there too."""
    roots: list[dict[str, Any]] = []
    known: dict[str, dict[str, Any]] = {}
    for whole in paths:
        siblings, above = roots, ""
        for level in whole.split(TREE_SEPARATOR):
            value = f"{above}{TREE_SEPARATOR}{level}" if above else level
            if value not in known:
                known[value] = {"name": level, "value": value}
                siblings.append(known[value])
            siblings, above = known[value].setdefault("children", []), value
    for node in known.values():
        if not node["children"]:
            del node["children"]
    return roots
