"""From config, snapshot and ledger to the budget of an apply: what is measured, counted, free."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from runner import timings
from runner.engine.budget import PROBING_REQUESTS, Mean, Needs, Setup, Speeds, estimate
from runner.engine.costs import Amount, Attachments, Budget, Disk
from runner.engine.needs import POSTS_A_PAGE
from runner.engine.needs import outlook as outlook_of
from runner.snapshot.beside import ACTIVITIES, SIDE_CONVERSATIONS

if TYPE_CHECKING:
    from pathlib import Path

    from runner.config.model import Config
    from runner.engine.apply import Run
    from runner.engine.attributes import Outlook
    from runner.engine.needs import Counted
    from runner.engine.remaining import Remaining
    from runner.engine.world import World
    from runner.kayako.client import Kayako
    from runner.ledger import Ledger
    from runner.snapshot import Snapshot
    from runner.snapshot.volume import Volume
    from runner.timings import Measured
    from runner.zammad.client import Zammad

_PACE = "pace"
_ENOUGH = 10
"""So many requests of a kind say how long one takes; fewer only where there are no more."""
_SHORT_LISTS = 25
_TEXT_BYTES_A_POST = 700
_LEDGER_BYTES = {"tickets": 900, "articles": 130}
"""On disk, by what was measured; twice, for compacting writes the file anew beside the old one."""
_ATTRIBUTE_PROBES = 45


def keep_pace(snapshot: Snapshot, kayako: Kayako) -> None:
    """Remember in the snapshot how long Kayako's answers took."""
    known = timings.from_json(snapshot.meta(_PACE))
    now = kayako.http.timings.measured()
    fresh = {kind: one for kind, one in now.items() if one[0] >= _ENOUGH or kind not in known}
    if fresh:
        kept = {kind: [count, seconds] for kind, (count, seconds) in {**known, **fresh}.items()}
        snapshot.set_meta(_PACE, kept)


def setup_of(config: Config, ledger: Ledger) -> Setup:
    """Return what the configuration says about speed.

    Nothing settles where import mode is on already: since an apply, until ``finish``.
    """
    runs = [run["kind"] for run in ledger.runs()]
    is_on = bool(ledger.target) and bool(runs) and runs[-1] not in {"finish", "reset"}
    return Setup(
        requests_per_minute=config.kayako.requests_per_minute,
        kayako_workers=config.kayako.workers,
        zammad_workers=config.zammad.workers,
        zammad_requests_per_minute=config.zammad.requests_per_minute,
        office_hours=config.kayako.office_hours,
        settle_seconds=0.0 if is_on else config.zammad.settle_seconds,
    )


def speeds_of(snapshot: Snapshot, ledger: Ledger, zammad: Zammad | None) -> Speeds:
    """Return what earlier pulls and runs measured: of each kind the latest that says enough."""
    found: dict[str, tuple[int, Mean]] = {}
    for run in reversed(ledger.runs()):
        kept = run.get("requests") or {}
        for kind, (count, seconds) in timings.from_json(kept.get("kinds")).items():
            if count and (kind not in found or found[kind][0] < min(_ENOUGH, count)):
                found[kind] = (count, Mean(seconds / count, kept["workers"]))
    return Speeds(
        kayako=means(timings.from_json(snapshot.meta(_PACE))),
        zammad={kind: mean for kind, (_, mean) in found.items()},
        round_trip=None if zammad is None else zammad.http.quickest,
    )


def means(measured: Measured) -> dict[str, float]:
    """Return how long a request of each kind took."""
    return {kind: seconds / count for kind, (count, seconds) in measured.items() if count}


def needs_of(
    config: Config, world: World, counted: Counted, *, pull: bool, outlook: Outlook | None = None
) -> Needs:
    """Return the requests of a run: what changes need, and what is asked whatever they are."""
    snapshot = world.snapshot
    volume = snapshot.volume(world.keep_since)
    reading = Counter(counted.reading) if pull else Counter[str]()
    if pull:
        reading["beside"] += counted.unread * _asked_of_each(config, snapshot, volume)
        coming = _files_to_come(volume, counted)
        # Before any message is read, each conversation that has files is taken to have one.
        reading["files"] += counted.unread_with_files if coming is None else coming.files
    writes = counted.one_writer.total() + counted.writing.total()
    opening = PROBING_REQUESTS if writes else 0
    if outlook is not None and outlook.has_changes:
        opening = PROBING_REQUESTS + _ATTRIBUTE_PROBES + sum(map(len, outlook.names.values()))
    return Needs(
        lists=_lists(snapshot) if pull else 0,
        reading=reading,
        one_writer=counted.one_writer,
        writing=counted.writing,
        opening=opening,
    )


def budget_of(
    config: Config,
    world: World,
    counted: Counted,
    zammad: Zammad | None,
    *,
    outlook: Outlook | None = None,
    begin: datetime | None = None,
) -> Budget:
    """Return the budget of an apply that begins now, or at ``begin``."""
    snapshot = world.snapshot
    volume = snapshot.volume(world.keep_since)
    needs = needs_of(config, world, counted, pull=True, outlook=outlook)
    setup = setup_of(config, world.ledger)
    speeds = speeds_of(snapshot, world.ledger, zammad)
    coming = _files_to_come(volume, counted)
    return Budget(
        needs=needs,
        setup=setup,
        estimate=estimate(needs, setup, speeds, begin or datetime.now(UTC)),
        attachments=Attachments(Amount(volume.files, volume.file_bytes), coming),
        disk=_disk(config, volume, counted, coming),
    )


def begin_remaining(
    remaining: Remaining,
    config: Config,
    run: Run,
    kayako: Kayako | None,
    *,
    entities: tuple[str, ...],
    limit: int | None,
) -> None:
    """Let ``remaining`` know what a run is about to do, by the counts of snapshot and ledger.

    It is about these ``entities``, and at most ``limit`` conversations.
    """
    world, zammad = run.world, run.target.zammad
    counted = outlook_of(world, entities, limit)
    remaining.begin(
        needs_of(config, world, counted, pull=kayako is not None),
        setup_of(config, world.ledger),
        speeds_of(world.snapshot, world.ledger, zammad),
        kayako=dict if kayako is None else kayako.http.timings.measured,
        zammad=zammad.http.timings.measured,
        counts=run.counts,
        is_open=lambda: run.target.is_open,
    )


def _asked_of_each(config: Config, snapshot: Snapshot, volume: Volume) -> int:
    """Return how often something beside each conversation is asked; not what was refused before."""
    wanted = {
        SIDE_CONVERSATIONS: config.options.side_conversations,
        ACTIVITIES: config.options.activities,
    }
    return sum(
        chosen and (not volume.read or snapshot.answered(kind) > 0)
        for kind, chosen in wanted.items()
    )


def _lists(snapshot: Snapshot) -> int:
    """Return how many requests the lists take: as many as the last time, else by their length."""
    count, _ = timings.from_json(snapshot.meta(_PACE)).get("lists", (0, 0.0))
    if count:
        return count
    rows = ("teams", "organizations", "users", "cases", "timetracking")
    return _SHORT_LISTS + sum(1 + snapshot.count(name) // POSTS_A_PAGE for name in rows)


def _files_to_come(volume: Volume, counted: Counted) -> Amount | None:
    """Return the files of posts that are not read, by those that are; None when none is."""
    if not counted.articles_unread:
        return Amount(0, 0)
    if not volume.read_posts:
        return None
    share = counted.articles_unread / volume.read_posts
    return Amount(round(volume.files * share), round(volume.file_bytes * share))


def _disk(config: Config, volume: Volume, counted: Counted, coming: Amount | None) -> Disk:
    text = volume.read_bytes / volume.read_posts if volume.read_posts else _TEXT_BYTES_A_POST
    ledger = sum(2 * size * counted.writing[kind] for kind, size in _LEDGER_BYTES.items())
    database = sum(file.stat().st_size for file in config.snapshot_folder.glob("snapshot.sqlite3*"))
    return Disk(
        used=database + volume.file_bytes,
        to_come=round(counted.articles_unread * text + ledger) + (coming.size if coming else 0),
        free=shutil.disk_usage(_there(config.workdir)).free,
    )


def _there(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())
