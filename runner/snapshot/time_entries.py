"""Expands time entries: who worked how long on a conversation."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from runner.snapshot.values import Json, canonical, number, timestamp

if TYPE_CHECKING:
    from runner.snapshot.lookup import Lookup


def expand(stored: Json, lookup: Lookup) -> Json:
    """Expand one line of time tracking (kayako-api.md §10, timetracking_log)."""
    agent = stored.get("agent") if isinstance(stored.get("agent"), dict) else {}
    entry = {
        "id": stored["id"],
        "agent": lookup.person(stored.get("agent")),
        "creator": lookup.person(stored.get("creator")),
        "log_type": stored.get("log_type"),
        "seconds": _seconds(stored.get("time_spent")),
        "created_at": timestamp(stored.get("created_at")),
        "updated_at": timestamp(stored.get("updated_at")),
    }
    told = [(agent or {}).get("id"), entry["log_type"], entry["seconds"], entry["created_at"]]
    digest = hashlib.sha256(canonical(told).encode("utf-8", "surrogatepass")).hexdigest()
    return {**entry, "digest": digest}


def _seconds(value: object) -> int:
    return round(value) if isinstance(value, float) else number(value) or 0
