"""What a record that was there before does not take over from Kayako, in notes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runner.engine import shapes
from runner.engine.change import plain
from runner.mapping.model import Note, Reference
from runner.mapping.running import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.engine.world import World

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_NOT_TOLD = frozenset(
    # What found the record, what every record has of its own, and what is only ever added to.
    {"created_at", "updated_at", "source", "login", "name", "verified"}
    | {"roles", "groups", "organizations"}
)


def kept(
    world: World,
    wanted: Mapping[str, Any],
    existing: Mapping[str, Any],
    filled: Mapping[str, Any],
) -> list[Note]:
    """Return a note for each value of Kayako's in whose place Zammad's own stays.

    Args:
        world: what is known of both sides.
        wanted: what the record would be if it were new, deferred values included.
        existing: its row in Zammad's list, or that of a record planned before it.
        filled: the fields that were empty and are written.
    """
    notes = []
    for name, value in wanted.items():
        if name in _NOT_TOLD or name in filled or value in (None, "", []):
            continue
        if name in shapes.NESTED:
            held = existing.get(name)
            if held is not None and not shapes.same_inside(world, plain(value), held):
                notes.append(Note("kept", name, "stays as it was there before"))
            continue
        there, words = _there(world, name, value, existing)
        if there:
            text = f"stays {words}, as it was there before; in Kayako it is {shown(_plain(value))}"
            notes.append(Note("kept", name, text))
    return notes


def _there(world: World, name: str, value: Any, existing: Mapping[str, Any]) -> tuple[bool, str]:
    """Return whether a field holds something else, and what."""
    if isinstance(value, Reference):
        held = existing.get(f"{name}_id")
        if held in (None, world.target_id(value), str(value)):
            return False, ""
        row = world.directories[value.entity].by_id(held) if isinstance(held, int) else None
        return True, shown(row["name"] if row and "name" in row else held)
    held = existing.get(name)
    if held is None or held == value or same_text(str(held), str(value)):
        return False, ""
    return True, shown(held)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Reference) else value


def same_text(one: str, other: str) -> bool:
    """Compare as Zammad stores: names get capitals, times get milliseconds (reference §a3)."""
    if _TIME.match(one) and _TIME.match(other):
        return one[:19] == other[:19]
    return one.strip().casefold() == other.strip().casefold()
