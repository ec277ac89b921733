"""Conversations that were merged into others: whether their parent moves, which posts it has.

Kayako moves the posts of a merged conversation to the survivor, and a merged one may go on showing
them (kayako-api.md §11.5, never recorded). What the survivor shows too is written there alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine import conversations
from runner.errors import RecordError
from runner.mapping.model import Note, Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runner.engine.world import World
    from runner.errors import MigrateError

FIELD = "parent"
"""The field of a ticket that becomes a link once both tickets are there."""

MOVED = "it stands in the conversation that this one was merged into"
"""Why a post is not written a second time."""


def keep_parent(
    world: World, record: dict[str, Any], payload: dict[str, Any], notes: list[Note]
) -> None:
    """Leave the parent out where its conversation does not move, and say so."""
    parent = payload.get(FIELD)
    if isinstance(parent, Reference) and not _moves(world, str(parent.source_id)):
        del payload[FIELD]
        text = f"conversation {parent.source_id} is not moved: there is no link to it"
        notes.append(Note("dropped", FIELD, text))
    elif parent is None and _is_merged_somewhere(world, record):
        text = "Kayako does not tell into which conversation it was merged: there is no link"
        notes.append(Note("dropped", FIELD, text))


def _is_merged_somewhere(world: World, record: dict[str, Any]) -> bool:
    """Say whether a link is missing; before the posts are read it may only be not known yet."""
    return bool(
        record.get("is_merged")
        and record.get("merged_into") is None
        and FIELD in world.mappings.entities["tickets"].fields
        and world.snapshot.bodies(record["id"]) != "missing"
    )


def moved_posts(
    world: World,
    record: dict[str, Any],
    bodies: Callable[[int], MigrateError | None] | None = None,
) -> set[str]:
    """Return the ids of those posts of a merged conversation that a survivor of it has, too.

    Args:
        world: what is known of both sides.
        record: the expanded conversation; its posts are in the snapshot.
        bodies: waits until the posts of a survivor are in the snapshot; None where nothing is
            being pulled.

    Raises:
        RecordError: posts of a survivor could not be read, so nobody knows what is doubled.
    """
    own = world.snapshot.stored_posts(record["id"]) if record.get("is_merged") else []
    if not own:
        return set()
    there: set[tuple[str, ...]] = set()
    for survivor in _survivors(world, record, bodies):
        for post in world.snapshot.stored_posts(survivor):
            there |= _marks(post)
    return {str(post.get("id")) for post in own if not there.isdisjoint(_marks(post))}


def _survivors(
    world: World,
    record: dict[str, Any],
    bodies: Callable[[int], MigrateError | None] | None,
) -> Iterator[int]:
    """Yield those conversations that move, into which this one was merged, one into the next."""
    seen = {record["id"]}
    following: dict[str, Any] | None = record
    while following is not None:
        survivor = following.get("merged_into")
        if survivor is None or survivor in seen:
            return
        seen.add(survivor)
        if _moves(world, str(survivor)):
            problem = bodies(survivor) if bodies is not None else None
            if problem is not None:
                raise RecordError(f"the posts of conversation {survivor}: {problem}")
            yield survivor
        following = world.snapshot.record("cases", survivor)


def _moves(world: World, source_id: str) -> bool:
    """Say whether a conversation is in Zammad, or will be."""
    known = world.ledger.table("tickets").get(source_id)
    if known is not None and known.get("target_id") is not None:
        return True
    record = world.snapshot.record("cases", source_id)
    if record is None or world.snapshot.is_gone("cases", source_id):
        return False
    return conversations.outcome(world, record).skip is None


def _marks(post: dict[str, Any]) -> set[tuple[str, ...]]:
    """Return what tells that two posts are one: their id, or what both show."""
    marks: set[tuple[str, ...]] = {("post", str(post.get("id")))}
    original = post.get("original") or {}
    if original.get("id") is not None:
        moment = original.get("created_at") or post.get("created_at")
        marks.add((str(original.get("resource_type")), str(original["id"]), str(moment)))
    return marks
