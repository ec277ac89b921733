"""Which conversations move: what the mapping says, how old they may be, what the scope takes in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from runner.config.filters import NONE, Filters
from runner.mapping.model import Note, Outcome
from runner.mapping.transform import transform
from runner.snapshot.store import ERASED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from runner.config.filters import Days, Names
    from runner.engine.world import World

ERASED_REASON = "erased on request"
_CLOSED = frozenset({"COMPLETED", "CLOSED"})
_BEGUN = frozenset({"intended", "partial"})


def is_erased(world: World, resource: str, source_id: str | None) -> bool:
    """Say whether a record was erased on request: all that is left of it is its id."""
    if source_id is None or not source_id.isdecimal():
        return False
    record = world.snapshot.record(resource, source_id)
    return record is not None and record.get("state") == ERASED


def outcome(world: World, record: dict[str, Any]) -> Outcome:
    """Return what transform says of an expanded case, unless it is left out whatever it says.

    ``updated_at`` decides about ``keep_since``: a conversation of old that was answered last week
    is not an old one. One without it is never too old. What leaves the scope after it was moved
    goes on being moved: a ticket in Zammad that nobody keeps up to date would lose answers.
    """
    if record.get("state") == ERASED:
        return Outcome({}, skip=ERASED_REASON)
    since, changed = world.keep_since, record.get("updated_at")
    if since is not None and changed and changed < since.isoformat():
        return Outcome({}, skip=f"not changed since {since} (options.keep_since)")
    outside = left_out(world.filters, record)
    if outside is not None and not _is_begun(world, record):
        return Outcome({}, skip=outside)
    found = transform(world.mappings, "tickets", record, go_live=world.go_live)
    if outside is None or found.skip is not None:
        return found
    note = Note("outside", "conversation", f"{outside}, but it was moved before: it stays current")
    return replace(found, notes=(*found.notes, note))


def _is_begun(world: World, record: Mapping[str, Any]) -> bool:
    """Say whether a conversation is in Zammad, or may be after a run that was cut off."""
    known = world.ledger.table("tickets").get(str(record["id"]))
    if known is None:
        return False
    return known.get("target_id") is not None or known["status"] in _BEGUN


def left_out(filters: Filters, case: Mapping[str, Any]) -> str | None:
    """Return why the block ``scope`` of the config leaves an expanded case out; None: it is in."""
    why = next(_reasons(filters, case), None)
    return None if why is None else f"left out by scope: {why}"


def _reasons(filters: Filters, case: Mapping[str, Any]) -> Iterator[str]:
    team = case.get("assigned_team") or {}
    title = str(team.get("title") or team.get("id") or "")
    if _is_out(filters.teams, {title or NONE}):
        yield f"team {title}" if title else "no team"
    status = case.get("status") or {}
    label, kind = str(status.get("label") or ""), str(status.get("type") or "")
    if _is_out(filters.states, {label, kind}):
        yield f"state {label or kind or NONE}"
    for name, days, moment in (
        ("created", filters.created, case.get("created_at")),
        ("changed", filters.updated, case.get("updated_at")),
        ("closed", filters.closed, closed_at(case)),
    ):
        when = _outside(days, moment)
        if when is not None:
            yield f"{name} {when}"


def _is_out(names: Names, held: set[str]) -> bool:
    folded = {name.casefold() for name in held if name}
    if names.only:
        return folded.isdisjoint(name.strip().casefold() for name in names.only)
    return not folded.isdisjoint(name.strip().casefold() for name in names.leave_out)


def _outside(days: Days, moment: str | None) -> str | None:
    """Return on which side of the days a moment lies; what has no date is in."""
    if moment and days.since is not None and moment < days.since.isoformat():
        return f"before {days.since}"
    if moment and days.before is not None and moment >= days.before.isoformat():
        return f"on {days.before} or later"
    return None


def is_closed(case: Mapping[str, Any]) -> bool:
    """Say whether nobody works on an expanded case any more."""
    return bool(case["archived"]) or (case["status"] or {}).get("type") in _CLOSED


def closed_at(case: Mapping[str, Any]) -> str | None:
    """Return when an expanded case was closed; None while it is open, or where nothing tells."""
    if not is_closed(case):
        return None
    moments = (case["last_closed_at"], case["last_completed_at"], case["updated_at"])
    return next((str(moment) for moment in moments if moment), None)


def taken_by(filters: Filters) -> Callable[[Mapping[str, Any]], bool] | None:
    """Return what says of an expanded case whether the scope takes it in; None: all are."""
    if filters == Filters():
        return None
    return lambda case: left_out(filters, case) is None
