"""Groups: where tickets are, and who may see them (reference §b1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.errors import Refused
from runner.zammad.directory import Kind

if TYPE_CHECKING:
    from runner.zammad.client import Zammad

KIND = Kind("groups", "/groups", keys=("name",), fields=("name", "note", "active"))


def create(zammad: Zammad, body: dict[str, Any]) -> dict[str, Any]:
    """Create a group, and for ``A::B`` first the groups above it.

    Nested groups exist since 6.2 (reference §k10): there ``A::B`` is refused while ``A`` is
    missing. Where groups are flat, ``A::B`` is a name like any other and works at once.
    """
    try:
        answer: dict[str, Any] = zammad.create(KIND.path, body)
    except Refused as refusal:
        parent, separator, _ = str(body["name"]).rpartition("::")
        if refusal.status != 422 or not separator or not parent.strip(": "):
            raise
        if not any(row["name"] == parent for row in zammad.pages(KIND.path, per_page=1000)):
            create(zammad, {"name": parent, "active": True})
            answer = zammad.create(KIND.path, body)
        else:
            raise
    return answer
