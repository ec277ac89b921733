"""Records that Zammad wants in a shape of its own, and what is left out where it refuses them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from runner.engine.change import Action, Change, reference_of, references_in
from runner.errors import RecordError, Refused
from runner.mapping import calendars, macros

if TYPE_CHECKING:
    from runner.engine.world import World
    from runner.mapping.model import Outcome
    from runner.zammad.directory import Directory

_NOT_FOR_US = {403: "the token lacks the permission {right}", 404: "this Zammad has no {path}"}
_CLOSED_LISTS = ("states", "priorities")
NESTED = frozenset({"perform", "business_hours", "public_holidays", "group_ids"})
"""Columns whose values are lists and mappings, with references inside."""


def shaped(entity: str, outcome: Outcome) -> Outcome:
    """Turn the fields that a mapping filled into Zammad's columns, where the two differ."""
    if outcome.skip is not None or outcome.failures:
        return outcome
    if entity == "calendars":
        return calendars.calendar(outcome)
    if entity == "macros":
        return macros.macro(outcome)
    return macros.text_module(outcome) if entity == "text_modules" else outcome


def unknown_value(world: World, outcome: Outcome) -> str:
    """Say which state or priority of a macro Zammad does not have and nothing creates."""
    created = {name for _, name, _ in outcome.creates}
    for reference in references_in(outcome.payload):
        if reference.entity not in _CLOSED_LISTS or reference.name in created:
            continue
        there = world.closed_lists.get(reference.entity, {})
        if there and reference.name not in there:
            names = ", ".join(sorted(there))
            return f"{reference.entity}: Zammad has no {reference.name}; it has {names}"
    return ""


def revived(value: Any) -> Any:
    """Turn ``{"ref": "users/17"}`` in plain values back into references, however deep."""
    if isinstance(value, dict):
        if "ref" in value:
            return reference_of(value["ref"])
        return {key: revived(inner) for key, inner in value.items()}
    return [revived(item) for item in value] if isinstance(value, list) else value


def same_inside(world: World, value: Any, there: Any) -> bool:
    """Compare lists and nested values with what Zammad holds; what has no id yet differs."""
    try:
        wanted = world.inside(revived(value))
    except RecordError:
        return False
    if isinstance(wanted, list) and isinstance(there, list):
        return sorted(map(str, wanted)) == sorted(map(str, there))
    return bool(wanted == there or not (wanted or there))


def look(directory: Directory, world: World) -> None:
    """Read a list of Zammad; where it may be missing, remember that instead of giving up."""
    if world.zammad is None:
        return
    try:
        directory.load(world.zammad)
    except Refused as refusal:
        if not close(world, directory.kind.entity, refusal):
            raise


def close(world: World, entity: str, refusal: Refused) -> bool:
    """Remember that Zammad takes no records of an entity; say whether the run can do without."""
    kind = world.directories[entity].kind
    words = _NOT_FOR_US.get(refusal.status)
    if not kind.right or words is None:
        return False
    world.closed[entity] = words.format(right=kind.right, path=kind.path)
    return True


def left_out(change: Change, reason: str) -> Change:
    """Return the change of a record whose kind Zammad does not take."""
    return replace(change, action=Action.SKIP, reason=reason)
