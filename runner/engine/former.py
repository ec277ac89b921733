"""Who people were: articles keep the names and addresses that they were written with.

Nobody can change an article, and a new name changes no post in Kayako (see ``snapshot.posts``).
So a ledger keeps what a user was called before, and whose conversation a ticket was.
"""

from __future__ import annotations

from email.utils import getaddresses
from typing import TYPE_CHECKING, Any

from runner.engine.change import Change, plain, reference_of
from runner.engine.conversations import is_erased

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runner.engine.world import World
    from runner.mapping.model import Reference

_NAMES = ("firstname", "lastname", "email")
_MOST = 20


def kept(change: Change, known: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what a ledger document keeps under ``former``, with what ``change`` replaces.

    Args:
        change: Of a user: words of their names and their address. Of a ticket: its customer.
        known: The document of the record as it was written before.

    Returns:
        ``{"former": […]}``, at most 20 of them; nothing where nothing was replaced.
    """
    applied = known.get("applied") or {}
    replaced: set[str] = set()
    if change.entity == "users":
        replaced = _called(applied) - _called(change.payload)
    elif change.entity == "tickets":
        before, now = applied.get("customer"), plain(change.payload.get("customer"))
        if isinstance(before, dict) and before != now:
            replaced = {before["ref"]}
    former = [*dict.fromkeys([*(known.get("former") or []), *sorted(replaced)])][-_MOST:]
    return {"former": former} if former else {}


def explains(
    world: World,
    people: Iterable[Reference],
    ticket: Mapping[str, Any],
    wanted: str | None,
    there: str | None,
) -> bool:
    """Say whether two lists of people differ only by who somebody was when it was written.

    Args:
        world: What is known of both sides.
        people: Who may stand in the lists: the author, the customer, people in copy.
        ticket: The ticket's ledger document.
        wanted: The list as it would be written now.
        there: The list as Zammad has it.
    """
    now: set[str] = set()
    once: set[str] = set()
    for who in people:
        called = _now(world, who)
        now |= called
        once |= _once(world, who) - called
    for who in map(reference_of, ticket.get("former") or ()):
        once |= _now(world, who) | _once(world, who)
    differing = _words(wanted) ^ _words(there)
    return bool(differing & once) and differing <= now | once


def is_of_nobody(world: World, who: Reference | None) -> bool:
    """Say whether an author was erased on request, so that nobody knows their name any more."""
    return who is not None and is_erased(world, "users", who.source_id)


def _now(world: World, who: Reference) -> set[str]:
    record = None
    if who.source_id is not None and who.source_id.isdecimal():
        record = world.snapshot.record(who.entity, who.source_id)
    if record is None:
        return set(str(who.name or "").casefold().split())
    addresses = [record.get("email"), *(record.get("other_emails") or ())]
    words = str(record.get("full_name") or "").split()
    return {str(one).casefold() for one in (*words, *addresses) if one}


def _once(world: World, who: Reference) -> set[str]:
    known = world.ledger.table("users").get(str(who.source_id)) or {}
    return _called(known.get("applied") or {}) | set(known.get("former") or ())


def _called(values: Mapping[str, Any]) -> set[str]:
    return {word for name in _NAMES for word in str(values.get(name) or "").casefold().split()}


def _words(text: str | None) -> set[str]:
    """Return the words of all names, and the addresses, in a list of people."""
    return {
        word
        for name, address in getaddresses([text or ""])
        for word in (*name.casefold().split(), address.casefold())
        if word
    }
