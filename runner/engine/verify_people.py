"""People in the head of an article who are others by now: articles stay as they were written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine import former
from runner.mapping.model import Reference
from runner.snapshot.copied import addresses
from runner.snapshot.erasing import is_anybody_erased

if TYPE_CHECKING:
    from runner.engine.change import Change, Child
    from runner.engine.verified import Verified
    from runner.engine.world import World

_LISTS = ("from", "to", "cc")


def forgive(
    world: World,
    result: Verified,
    change: Change,
    child: Child,
    *,
    known: dict[str, Any],
    fields: dict[str, tuple[Any, Any]],
) -> None:
    """Leave out of ``fields`` what differs only by people who came, went or have another name.

    Args:
        world: what is known of both sides.
        result: is told of articles with names of then.
        change: the ticket.
        child: its article.
        known: the ticket's document in the ledger.
        fields: those that differ, as (wanted, there); loses some.
    """
    author, customer = child.payload.get("origin_by"), change.payload.get("customer")
    if former.is_of_nobody(world, author):
        fields.pop("from", None)
    for name in _LISTS:
        if name not in fields:
            continue
        people = [who for who in (author, customer) if who is not None]
        if name == "cc":
            people += _in_copy(world, change)
        if former.explains(world, people, known, *fields[name]):
            result.tell("articles that name people as they were called then")
            del fields[name]
        elif name != "from" and _lacks_people(world, change, child, name, fields[name]):
            del fields[name]


def _participants(world: World, change: Change) -> list[dict[str, Any]]:
    case = world.snapshot.record("cases", change.source_id) or {}
    return [item for item in case.get("participants", ()) if item["email"]]


def _in_copy(world: World, change: Change) -> list[Reference]:
    people = (item["person"] or {} for item in _participants(world, change))
    return [Reference("users", str(who["id"])) for who in people if who.get("id") is not None]


def _lacks_people(
    world: World, change: Change, child: Child, name: str, lists: tuple[str | None, str | None]
) -> bool:
    """Say whether lists of people differ only by people in copy, or by somebody who was erased.

    Who went is not known any more: the first message, which names people in copy, may have more.
    """
    one, other = (addresses([text or ""]) for text in lists)
    if one < other and is_anybody_erased(world.snapshot):
        return True
    if name != "cc" or one == other:
        return False
    messages = (child for child in change.children if not child.payload.get("internal"))
    first = next(messages, None)
    if one < other and first is not None and child.source_id == first.source_id:
        return True
    return one ^ other <= {item["email"].casefold() for item in _participants(world, change)}
