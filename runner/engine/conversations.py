"""Which conversations move: what the mapping says, and how old they may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.mapping.model import Outcome
from runner.mapping.transform import transform
from runner.snapshot.store import ERASED

if TYPE_CHECKING:
    from runner.engine.world import World

ERASED_REASON = "erased on request"


def is_erased(world: World, resource: str, source_id: str | None) -> bool:
    """Say whether a record was erased on request: all that is left of it is its id."""
    if source_id is None or not source_id.isdecimal():
        return False
    record = world.snapshot.record(resource, source_id)
    return record is not None and record.get("state") == ERASED


def outcome(world: World, record: dict[str, Any]) -> Outcome:
    """Return what transform says of an expanded case, unless it is left out whatever it says.

    ``updated_at`` decides about ``keep_since``: a conversation of old that was answered last week
    is not an old one. One without it is never too old.
    """
    if record.get("state") == ERASED:
        return Outcome({}, skip=ERASED_REASON)
    since, changed = world.keep_since, record.get("updated_at")
    if since is not None and changed and changed < since.isoformat():
        return Outcome({}, skip=f"not changed since {since} (options.keep_since)")
    return transform(world.mappings, "tickets", record, go_live=world.go_live)
