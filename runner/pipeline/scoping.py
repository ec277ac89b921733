"""Which part of a run is wanted, and which conversations and other records that are."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Literal

from runner.engine import conversations, needed, tickets, walk
from runner.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from runner.engine.change import Change
    from runner.engine.world import World
    from runner.ledger import Ledger

Wave = Literal["open", "history"]

_TOLD = 8
"""So many ids are named; the ledger keeps a line a run, not a list."""

_GONE = "it is gone from Kayako; what was moved of it stays in Zammad"
_STRANGE = "is the number Kayako's? migrate pull reads what is new"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which part of a run is wanted; every value narrows it further.

    Args:
        only: These entities; all when empty.
        limit: At most so many conversations, the first ones.
        ids: These records, as entity and source id, and no others.
        ranges: The conversations from a number to another, both included; goes with ``ids``.
        since: Conversations that changed in Kayako at that moment or later, written as Kayako
            does: ``2026-12-01T00:00:00``.
        wave: Conversations that are open, or the others.
        failed: Records that failed in earlier runs.
        sample: So many that a sample chooses, which are the ``ids`` then.
    """

    only: tuple[str, ...] = ()
    limit: int | None = None
    ids: tuple[tuple[str, str], ...] = ()
    ranges: tuple[tuple[int, int], ...] = ()
    since: str | None = None
    wave: Wave | None = None
    failed: bool = False
    sample: int | None = None

    @property
    def words(self) -> str:
        """Tell it by the options that ask for it: ``--since 2026-12-01 --limit 5``; empty: all."""
        if self.sample is not None:
            return f"--sample {self.sample}"
        ids = [number if kind == "tickets" else f"{kind}/{number}" for kind, number in self.ids]
        ids += [f"{first}-{last}" for first, last in self.ranges]
        more = ",…" if len(ids) > _TOLD else ""
        told = {
            "--only": ",".join(self.only),
            "--ids": ",".join(ids[:_TOLD]) + more,
            "--since": self.since,
            "--wave": self.wave,
            "--limit": self.limit,
        }
        found = [f"{option} {value}" for option, value in told.items() if value]
        return " ".join([*found, "--failed"] if self.failed else found)

    @property
    def picks(self) -> bool:
        """Say whether it names records, so that others come along only where these need them."""
        return bool(self.ids or self.ranges or self.since or self.failed)

    @property
    def brings_people(self) -> bool:
        """Say whether people, organizations and groups come along with what needs them."""
        return self.picks and not self.only

    @property
    def takes_all(self) -> bool:
        """Say whether it has every conversation."""
        return not (self.picks or self.wave or self.limit is not None)

    def entities(self, order: tuple[str, ...]) -> tuple[str, ...]:
        """Return the wanted entities in the order of the run."""
        wanted = {name for name in order if not self.only or name in self.only}
        if self.ids or self.ranges:
            wanted &= {entity for entity, _ in self.ids} | ({"tickets"} if self.ranges else set())
        elif self.since:
            wanted &= {"tickets"}
        return tuple(name for name in order if name in wanted)

    def shown(self, order: tuple[str, ...]) -> tuple[str, ...]:
        """Return the entities of which records may come, in the order of the run."""
        steps = self.entities(order)
        return tuple(
            name
            for name in order
            if name in steps or (self.brings_people and name in needed.ON_DEMAND)
        )


def chosen(world: World, scope: Scope) -> Sequence[int] | None:
    """Return the ids of the conversations of a scope, ascending; None: all there are.

    Eight bytes each, since a wave may have a million.

    Raises:
        UsageError: One that is named is not there.
    """
    if scope.takes_all:
        return None
    return array("q", islice(_conversations(world, scope), scope.limit))


def unfinished(world: World, scope: Scope) -> list[int]:
    """Return the conversations that a run was cut off in and that Kayako no longer lists."""
    return [] if scope.picks else list(tickets.unfinished(world))


def walked(world: World, scope: Scope, case_ids: Sequence[int] | None) -> Iterator[int]:
    """Yield the conversations that a run goes through: what was cut off, and the ``chosen``."""
    yield from unfinished(world, scope)
    yield from world.snapshot.case_ids() if case_ids is None else case_ids


def _conversations(world: World, scope: Scope) -> Iterator[int]:
    for case_id in _candidates(world, scope):
        if scope.wave is not None:
            record = world.snapshot.record("cases", case_id)
            if record is None or conversations.is_closed(record) is (scope.wave == "open"):
                continue
        yield case_id


def _candidates(world: World, scope: Scope) -> Iterable[int]:
    snapshot = world.snapshot
    if scope.failed:
        failed = {int(source_id) for source_id in failures(world.ledger, "tickets")}
        return sorted(number for number in failed if not snapshot.is_gone("cases", number))
    if not (scope.ids or scope.ranges):
        return snapshot.case_ids(scope.since)
    named = {int(_there(world, "tickets", number)) for number in _named(scope, "tickets")}
    if scope.ranges:
        named.update(
            number
            for number in snapshot.case_ids()
            if any(first <= number <= last for first, last in scope.ranges)
        )
    return sorted(named)


def _named(scope: Scope, entity: str) -> list[str]:
    return [source_id for kind, source_id in scope.ids if kind == entity]


def _there(world: World, entity: str, source_id: str) -> str:
    """Make sure that Kayako has a record that somebody named."""
    resource = walk.resource_of(entity)
    where = world.snapshot.whereabouts(resource, source_id)
    if where != "there":
        advice = _GONE if where == "gone" else _STRANGE
        raise UsageError(f"the snapshot has no {source_id} among its {resource}", advice=advice)
    return source_id


def check(world: World, scope: Scope) -> None:
    """Make sure that every record that somebody named is there, before anything is written.

    Raises:
        UsageError: One is not.
    """
    for entity, source_id in scope.ids:
        _there(world, entity, source_id)


def has(case_ids: Sequence[int], case_id: int) -> bool:
    """Say whether an id is among ascending ones."""
    position = bisect_left(case_ids, case_id)
    return position < len(case_ids) and case_ids[position] == case_id


def failures(ledger: Ledger, entity: str) -> set[str]:
    """Return the source ids of records that failed and were not moved since."""
    return {
        document["source_id"]
        for document in ledger.table(entity)
        if any(note[0] == "failed" for note in document.get("notes", []))
    }


def listed(world: World, scope: Scope, entity: str) -> Iterator[Change]:
    """Yield the changes of a step other than tickets, as far as the scope has them."""
    if scope.failed:
        # The walk as a whole: what one is called may depend on those before it.
        failed = failures(world.ledger, entity)
        changes = walk.listed(world, entity) if failed else ()
        yield from (change for change in changes if change.source_id in failed)
    elif scope.picks:
        resource = walk.resource_of(entity)
        records = (world.snapshot.record(resource, number) for number in _named(scope, entity))
        found = (walk.of_listed(world, entity, record) for record in records if record)
        yield from with_people(world, scope, found)
    else:
        yield from walk.listed(world, entity)


def expected(world: World, scope: Scope, entity: str) -> int:
    """Return how many records of a step other than tickets the scope has."""
    if scope.failed:
        return len(failures(world.ledger, entity))
    if scope.picks:
        return len(_named(scope, entity))
    return world.snapshot.count(walk.resource_of(entity))


def with_people(world: World, scope: Scope, changes: Iterable[Change]) -> Iterator[Change]:
    """Yield changes, before each the people that it needs and that no step of its own brings."""
    if scope.brings_people:
        return needed.with_people(world, changes)
    return iter(changes)


def outside(world: World, case_ids: Sequence[int] | None) -> int:
    """Return how many conversations there are beside those of a scope."""
    return 0 if case_ids is None else world.snapshot.count("cases") - len(case_ids)
