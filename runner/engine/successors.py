"""Who takes over tickets, for those who look at single records before any user was walked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.engine import records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.engine.change import Change
    from runner.engine.world import World


def missing(world: World) -> Iterator[Change]:
    """Yield the changes of people whom the table ``people`` names and Zammad does not have.

    A run walks the users before the tickets and knows them by then. Kayako's users are read once,
    and only where Zammad does not have the successors yet.
    """
    table = world.mappings.vocabularies.get("people")
    named = {str(entry.value) for entry in table.entries.values() if entry.value} if table else ()
    users = world.directories["users"]
    strangers = {name.strip().lower() for name in named if users.named(name) is None}
    if not strangers:
        return
    for record in world.snapshot.records("users"):
        if str(record.get("email") or "").strip().lower() in strangers:
            yield records.of_record(world, "users", record)


def expect(world: World) -> None:
    """Let successors who are not in Zammad yet count as moved."""
    for _ in missing(world):
        pass
