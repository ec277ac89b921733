"""Groups: where tickets are, and who may see them (reference §b1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.zammad.directory import Kind

if TYPE_CHECKING:
    from runner.zammad.client import Zammad

KIND = Kind(
    "groups", "/groups", keys=("name",), fields=("name", "note", "active", "email_address_id")
)

SEPARATOR = "::"


def nest(zammad: Zammad) -> bool:
    """Say whether groups lie inside groups here: then ``A::B`` needs ``A`` (reference §k10).

    Since 6.2; told by the list's own columns, not by a version number.
    """
    rows = zammad.get("/groups", {"per_page": 1})
    return any("parent_id" in row for row in rows)


def parents(name: str) -> list[str]:
    """Return the groups above one, outermost first: ``A::B::C`` is below ``A`` and ``A::B``."""
    parts = name.split(SEPARATOR)
    return [SEPARATOR.join(parts[:depth]) for depth in range(1, len(parts))]
