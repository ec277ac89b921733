"""Who takes over tickets, for those who look at single records before any user was walked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.engine import records

if TYPE_CHECKING:
    from runner.engine.world import World


def expect(world: World) -> None:
    """Let the people whom the table ``people`` names as successors count as moved.

    A run walks the users before the tickets and knows them by then. Kayako's users are read once,
    and only where Zammad does not have the successors yet.
    """
    table = world.mappings.vocabularies.get("people")
    named = {str(entry.value) for entry in table.entries.values() if entry.value} if table else ()
    users = world.directories["users"]
    missing = {name.strip().lower() for name in named if users.named(name) is None}
    if not missing:
        return
    for record in world.snapshot.records("users"):
        if str(record.get("email") or "").strip().lower() in missing:
            records.of_record(world, "users", record)
