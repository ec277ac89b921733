"""Time entries of a case: how much of the configured unit each is, and how it gets to Zammad.

Where Zammad lists accounted time, each entry is written by itself, with its date. Elsewhere an
article carries it: the last one that is not after it, or, where all articles are there already,
an internal one of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from runner.engine import extra
from runner.engine.change import Action, Child, TimeEntry
from runner.ledger import fingerprint
from runner.mapping.limits import console_fields
from runner.mapping.model import Note
from runner.mapping.transform import transform
from runner.zammad.time_accounting import CENT, MOST, amount

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from runner.engine.world import World

SECONDS = {"minutes": 60, "hours": 3600, "seconds": 1}
"""How many seconds each unit of ``options.time_unit`` has."""

LATE = "time-"
"""How the source id of an article begins that carries an entry which came late."""

Known = dict[str, list[Any]]
"""A ledger's ``children.time``: ``{entry id: [id in Zammad, digest]}``; of an entry that an article
carries ``[None, digest, article id]``."""


@dataclass(frozen=True, slots=True)
class Read:
    """The time entries of a case by time, those left out with the reason, and what fails."""

    entries: tuple[TimeEntry, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    failures: tuple[str, ...] = ()

    @property
    def digests(self) -> dict[str, str]:
        """Return the digest of each entry: they are part of their ticket's fingerprint."""
        return {entry.source_id: entry.digest for entry in self.entries}


def read(world: World, record: dict[str, Any], notes: list[Note]) -> Read:
    """Return the time entries of a case; what rounding and Zammad's limit do to them is noted."""
    payloads: dict[str, dict[str, Any]] = {}
    skipped: list[tuple[str, str]] = []
    failures: list[str] = []
    for entry in world.snapshot.time_entries(record["id"]):
        entry_id = str(entry["id"])
        outcome = transform(
            world.mappings, "time_entries", entry, parent=record, go_live=world.go_live
        )
        notes += outcome.notes
        if outcome.skip is not None:
            skipped.append((entry_id, outcome.skip))
        elif outcome.failures:
            failures += [f"time entry {entry_id}: {failure}" for failure in outcome.failures]
        else:
            payloads[entry_id] = outcome.payload
            notes += _lost(entry_id, entry.get("agent"))
    seconds = {key: value["time_unit"] for key, value in payloads.items()}
    amounts = in_units(seconds, world.time_unit, notes)
    entries = []
    for entry_id, payload in payloads.items():
        if entry_id in amounts:
            written = {**payload, "time_unit": f"{amounts[entry_id]:.2f}"}
            only = console_fields("ticket_time_accounting") & written.keys()
            by_console = {name: written.pop(name) for name in only}
            made = TimeEntry(entry_id, digest(written), written, by_console=by_console)
            entries.append(made)
    return Read(tuple(entries), tuple(skipped), tuple(failures))


def in_units(seconds: dict[str, int], unit: str, notes: list[Note]) -> dict[str, Decimal]:
    """Turn seconds into the unit so that sums stay exact; what Zammad cannot hold is left out.

    Sums are rounded instead of entries, in the order of their ids: an entry that comes later does
    not change those before it.
    """
    per_unit = SECONDS[unit]
    found: dict[str, Decimal] = {}
    spent = 0
    written = Decimal(0)
    for entry_id in sorted(seconds, key=int):
        spent += seconds[entry_id]
        exact = (Decimal(spent) / per_unit).quantize(CENT, rounding=ROUND_HALF_UP)
        until = min(exact, MOST)
        share = until - written
        name = f"time entry {entry_id}: {seconds[entry_id]} seconds"
        if until < exact:
            text = f"{name} cut to {share} {unit}: a ticket holds {MOST} in all"
            notes.append(Note("cut", "time_unit", text))
        elif share * per_unit != seconds[entry_id]:
            notes.append(Note("converted", "time_unit", f"{name} are {share} {unit}"))
        if share or until == exact:
            found[entry_id] = share
        written = until
    return found


def digest(row: Mapping[str, Any]) -> str:
    """Return what makes two entries the same, for ours and for Zammad's: how long, and when."""
    moment = str(row.get("created_at") or "")[:19]
    return fingerprint([f"{amount(row.get('time_unit')):.2f}", moment])


def total(entries: Iterable[TimeEntry]) -> Decimal:
    """Return the sum of some entries, in the configured unit."""
    return sum((amount(entry.payload["time_unit"]) for entry in entries), Decimal(0))


def planned(
    world: World, read: Read, case_id: str, children: tuple[Child, ...], known: Known
) -> tuple[tuple[TimeEntry, ...], tuple[Child, ...]]:
    """Say what is to be done about each entry.

    Args:
        world: what is known of both sides.
        read: the entries of the case.
        case_id: the case.
        children: the articles that are about to be written.
        known: which entries the ledger has.

    Returns:
        The entries, and the articles with the time that they carry.
    """
    entries = [_judged(world, entry, known.get(entry.source_id)) for entry in read.entries]
    if world.time_is_listed:
        return tuple(entries), children
    carried: dict[str, Decimal] = {}
    made: list[Child] = []
    for at, entry in enumerate(entries):
        if entry.action is not Action.CREATE:
            continue
        carrier = _carrier(entry, children)
        if carrier is None:
            carrier = late_article(world, case_id, entry, amount(entry.payload["time_unit"]))
            made.append(carrier)
        carried[carrier.source_id] = carried.get(carrier.source_id, Decimal(0)) + amount(
            entry.payload["time_unit"]
        )
        entries[at] = replace(entry, article=carrier.source_id)
    return tuple(entries), tuple(
        replace(child, payload={**child.payload, "time_unit": f"{carried[child.source_id]:.2f}"})
        if child.source_id in carried
        else child
        for child in (*children, *made)
    )


def late_article(world: World, case_id: str, entry: TimeEntry, time: Decimal) -> Child:
    """Return an internal article for time that no other article can carry any more."""
    created_at = entry.payload["created_at"]
    text = f"{time.normalize():f} {world.time_unit} of work were accounted in Kayako ({created_at})"
    return extra.article(world, case_id, f"{LATE}{entry.source_id}", text, created_at=created_at)


def _judged(world: World, entry: TimeEntry, known: list[Any] | None) -> TimeEntry:
    if known is None:
        return entry
    if known[1] == entry.digest:
        return replace(entry, action=Action.UNCHANGED)
    can_change = world.time_is_listed and known[0] is not None
    return replace(entry, action=Action.UPDATE if can_change else Action.SKIP)


def _carrier(entry: TimeEntry, children: tuple[Child, ...]) -> Child | None:
    """Return the last article that is not after an entry, else the first of all."""
    moment = str(entry.payload["created_at"])
    before = [child for child in children if str(child.payload.get("created_at")) <= moment]
    if before:
        return max(before, key=lambda child: str(child.payload.get("created_at")))
    return children[0] if children else None


def _lost(entry_id: str, agent: dict[str, Any] | None) -> Iterator[Note]:
    """Say whose work it was where Kayako does not know the agent any more."""
    if agent is None or not agent["known"]:
        who = "nobody" if agent is None else f"user {agent['id']}"
        text = f"time entry {entry_id}: it is of {who}, whom Kayako does not know any more"
        yield Note("dropped", "agent", text)
