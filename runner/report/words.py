"""Values of payloads, in words."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def in_words(value: object, names: Mapping[str, str] = MappingProxyType({})) -> str:
    """Tell a payload's value in words: ``nobody`` for user 1, ``users/17`` for references.

    ``names`` tells what those are called: ``Support (groups/2)``.
    """
    if value is None or value in ("", []):
        return "(empty)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict) and "ref" in value:
        return _referred(str(value["ref"]), names)
    if isinstance(value, list):
        return ", ".join(in_words(item, names) for item in value)
    if isinstance(value, dict):
        parts = (f"{key}: {in_words(item, names)}" for key, item in value.items())
        return ", ".join(parts)
    return str(value)


def _referred(reference: str, names: Mapping[str, str]) -> str:
    if reference in names:
        return f"{names[reference]} ({reference})"
    if reference == "users=-":
        return "nobody"
    return reference.partition("=")[2] or reference
