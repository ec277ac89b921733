"""Compare the time entries of one ticket: each with its date, or their sum where that is all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine import time_entries
from runner.engine.verified import Kind, Verified
from runner.zammad import time_accounting

if TYPE_CHECKING:
    from runner.engine.change import Change, TimeEntry
    from runner.engine.time_entries import Known
    from runner.engine.world import World
    from runner.zammad.client import Zammad

_FOREIGN = "time entries that were written in Zammad"
_FIELDS = ("time_unit", "created_at")


def compare(
    world: World,
    zammad: Zammad,
    result: Verified,
    change: Change,
    known: dict[str, Any],
    *,
    row: dict[str, Any],
) -> bool:
    """Compare them; say whether somebody's work on them moved the ticket's ``updated_at``.

    Args:
        world: what is known of both sides.
        zammad: the target; one request for a ticket with accounted time, where that is listed.
        result: takes the differences.
        change: the ticket with all its entries.
        known: its document in the ledger.
        row: the ticket as Zammad has it.
    """
    times: Known = (known.get("children") or {}).get("time", {})
    if not change.times and not times and not time_accounting.amount(row.get("time_unit")):
        return False
    for _ in change.times:
        result.look("time_entries")
    gone = times.keys() - {entry.source_id for entry in change.times}
    result.tell("time entries that are gone from Kayako", len(gone))
    if not world.time_is_listed or any(entry[0] is None for entry in times.values()):
        return not gone and _sums(result, change, known, times, row)
    rows = {found["id"]: found for found in time_accounting.of_ticket(zammad, known["target_id"])}
    same = [
        _entry(result, change, entry, times.get(entry.source_id), rows) for entry in change.times
    ]
    for entry_id in gone:
        rows.pop(times[entry_id][0], None)
    return _others(world, result, change, rows) or not all(same)


def _entry(
    result: Verified,
    change: Change,
    entry: TimeEntry,
    known: list[Any] | None,
    rows: dict[int, dict[str, Any]],
) -> bool:
    """Compare one entry, take its row out of ``rows``; say whether it is as it should be."""
    source_id = f"{change.source_id}/{entry.source_id}"
    row = rows.pop(known[0], None) if known is not None else None
    if known is None or row is None:
        target_id = None if known is None else known[0]
        wanted = entry.payload["time_unit"]
        result.differs("time_entries", source_id, target_id, "record", Kind.MISSING, wanted=wanted)
        return False
    if time_entries.digest(row) == entry.digest:
        return True
    kind = Kind.OUTDATED if time_entries.digest(row) == known[1] else Kind.CHANGED
    for name in _FIELDS:
        wanted, there = _pair(name, entry.payload, row)
        if wanted != there:
            result.differs(
                "time_entries", source_id, row["id"], name, kind, wanted=wanted, there=there
            )
    return False


def _pair(name: str, payload: dict[str, Any], row: dict[str, Any]) -> tuple[str, str]:
    if name == "time_unit":
        amounts = (time_accounting.amount(one.get(name)) for one in (payload, row))
        wanted, there = (f"{amount:.2f}" for amount in amounts)
        return wanted, there
    return str(payload.get(name))[:19], str(row.get(name))[:19]


def _others(
    world: World, result: Verified, change: Change, rows: dict[int, dict[str, Any]]
) -> bool:
    """Judge entries that the ledger does not know; say whether there are any."""
    wanted = {entry.digest: entry.source_id for entry in change.times}
    foreign = 0
    for row in rows.values():
        ours = row.get("created_by_id") == world.me and row.get("ticket_article_id") is None
        twin = wanted.get(time_entries.digest(row)) if ours else None
        if twin is None:
            foreign += 1
            continue
        source_id = f"{change.source_id}/{twin}"
        there = row["time_unit"]
        result.differs("time_entries", source_id, row["id"], "record", Kind.DOUBLED, there=there)
    result.tell(_FOREIGN, foreign)
    return bool(rows)


def _sums(
    result: Verified,
    change: Change,
    known: dict[str, Any],
    times: Known,
    row: dict[str, Any],
) -> bool:
    """Compare the sum; entries that are not ours explain a larger one."""
    wanted = time_entries.total(change.times)
    there = time_accounting.amount(row.get("time_unit"))
    articles = {entry[2] for entry in times.values() if len(entry) > 2}
    more = len(row.get("ticket_time_accounting_ids") or ()) - len(articles)
    if there > wanted and more > 0:
        result.tell(_FOREIGN, more)
    elif there != wanted:
        as_written = all(
            times.get(entry.source_id, [None, None])[1] == entry.digest for entry in change.times
        )
        kind = Kind.CHANGED if as_written else Kind.OUTDATED
        result.differs(
            *("tickets", change.source_id, known["target_id"], "time_unit", kind),
            wanted=f"{wanted:.2f}",
            there=f"{there:.2f}",
        )
    return there != wanted
