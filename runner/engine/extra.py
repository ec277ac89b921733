"""Internal articles that no post of Kayako's stands behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine.change import Child
from runner.ledger import fingerprint

if TYPE_CHECKING:
    from runner.engine.world import World


def article(world: World, case_id: int | str, name: str, text: str, *, created_at: Any) -> Child:
    """Return one; ``name`` is its source id, by which it is found again."""
    payload = {
        "type": "note",
        "sender": "System",
        "internal": True,
        "body": text,
        "content_type": "text/plain",
        "created_at": created_at,
        "message_id": f"<kayako-case-{case_id}-{name}@{world.kayako_host}>",
    }
    return Child(name, fingerprint(text), payload)
