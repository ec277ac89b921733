"""A small set of conversations in which everything occurs that occurs at all.

Every conversation is looked at once. Of each trait only the few richest conversations that have it
are remembered (and those that were among them for a while), so that memory does not grow with the
helpdesk; among these the one that adds most is taken, again and again. The same snapshot and
mappings give the same choice.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.engine import conversations
from runner.engine.traits import Reader, Trait, importance, in_order
from runner.engine.verify import positions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from runner.engine.world import World

_REMEMBERED = 6
"""So many conversations are remembered of each trait."""

_SEED = 1


@dataclass(frozen=True, slots=True)
class Chosen:
    """One conversation and why it is in the set; without ``why`` it is an ordinary one."""

    case_id: int
    why: tuple[Trait, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The set, in the order in which it was chosen.

    ``no_room`` are traits that more conversations would have shown, ``left_out`` those that only
    conversations have which do not move; ``unread`` conversations have no messages in the
    snapshot yet, so that nothing is known of their messages.
    """

    cases: tuple[Chosen, ...]
    no_room: tuple[Trait, ...] = ()
    left_out: tuple[Trait, ...] = ()
    unread: int = 0


@dataclass(slots=True)
class _Pool:
    """What is remembered while all conversations go by."""

    richest: dict[Trait, list[tuple[int, int, int]]] = field(default_factory=dict)
    traits: dict[int, frozenset[Trait]] = field(default_factory=dict)
    seen: set[Trait] = field(default_factory=set)
    unread: int = 0

    def offer(
        self, case_id: int, found: frozenset[Trait], moves: Callable[[], bool], *, keep: bool
    ) -> None:
        """Take a conversation in where it is among the richest of a trait, or wanted anyway."""
        self.seen |= found
        essential = sum(trait.is_essential for trait in found)
        rank = (-essential, -len(found), case_id)
        better = [trait for trait in found if self._has_room(trait, rank)]
        if not (better or keep) or not moves():
            return
        self.traits[case_id] = found
        for trait in better:
            row = self.richest.setdefault(trait, [])
            bisect.insort(row, rank)
            del row[_REMEMBERED:]

    def _has_room(self, trait: Trait, rank: tuple[int, int, int]) -> bool:
        row = self.richest.get(trait, [])
        return len(row) < _REMEMBERED or rank < row[-1]


def choose(
    world: World,
    wanted: int,
    *,
    kept: Sequence[int] = (),
    progress: Callable[[str, int, int | None], None],
) -> Choice:
    """Choose at most ``wanted`` conversations that move.

    Args:
        world: the snapshot, and the mappings that say which conversations move.
        wanted: how many; a smaller helpdesk gives all it has.
        kept: an earlier choice, in its order: it stays as far as it still moves.
        progress: is told how many conversations were looked at.
    """
    pool = _look(world, frozenset(kept), progress)
    rich, open_traits = pool.traits, set(pool.richest)
    left_out = pool.seen - open_traits
    chosen: list[Chosen] = []

    def take(case_id: int) -> None:
        new = open_traits & rich.pop(case_id)
        open_traits.difference_update(new)
        chosen.append(Chosen(case_id, tuple(in_order(new))))

    for case_id in kept:
        if case_id in rich and len(chosen) < wanted:
            take(case_id)
    while open_traits and rich and len(chosen) < wanted:
        best = min(rich, key=lambda case_id: _worth(rich[case_id] & open_traits, case_id))
        take(best)
    taken = {one.case_id for one in chosen}
    chosen += [Chosen(case_id, ()) for case_id in _ordinary(world, wanted - len(chosen), taken)]
    return Choice(
        tuple(chosen), tuple(in_order(open_traits)), tuple(in_order(left_out)), pool.unread
    )


def _worth(new: frozenset[Trait], case_id: int) -> tuple[int, int, int, int]:
    """Return what sorts the conversation first that adds most, essential traits before others."""
    essential = sum(trait.is_essential for trait in new)
    return (-essential, -len(new), min(map(importance, new), default=0), case_id)


def _look(
    world: World, kept: frozenset[int], progress: Callable[[str, int, int | None], None]
) -> _Pool:
    """Look at every conversation."""
    reader, pool = Reader(world.snapshot), _Pool()
    total = world.snapshot.count("cases")
    for number, case in enumerate(world.snapshot.records("cases"), start=1):
        found = reader.of_case(case)
        if not world.snapshot.is_hidden(case["id"]):
            pool.unread += world.snapshot.bodies(case["id"]) == "missing"
        pool.offer(case["id"], found, _moving(world, case), keep=case["id"] in kept)
        progress("choosing a sample", number, total)
    return pool


def _moving(world: World, case: dict[str, Any]) -> Callable[[], bool]:
    return lambda: moves(world, case)


def moves(world: World, case: dict[str, Any]) -> bool:
    """Say whether a conversation becomes a ticket."""
    outcome = conversations.outcome(world, case)
    return outcome.skip is None and not outcome.failures


def _ordinary(world: World, wanted: int, taken: set[int]) -> Iterator[int]:
    """Yield conversations spread over all of them, to fill a set that needs no more."""
    if wanted <= 0:
        return
    total, left = world.snapshot.count("cases"), wanted
    # Some of the places may be taken, or not move: looked at are a few more than are needed.
    places = set(positions(total, wanted + len(taken), _SEED))
    for everything in (False, True):
        for number, case_id in enumerate(world.snapshot.case_ids()):
            if not left:
                return
            if case_id in taken or (number not in places and not everything):
                continue
            record = world.snapshot.record("cases", case_id)
            if record is not None and moves(world, record):
                taken.add(case_id)
                left -= 1
                yield case_id
