"""Doctor: look through everything that this program keeps, and put right what can be."""

from __future__ import annotations

import socket
import sqlite3
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner import housekeeping
from runner.ailment import EXIT_CODES, Ailment, Grade
from runner.engine import still_there
from runner.engine.remembered import generation_of
from runner.errors import MigrateError, StoreUnreadable
from runner.ledger import Ledger, RunLock, lock
from runner.ledger.examining import UNREADABLE
from runner.ledger.examining import examine as examine_ledger
from runner.pipeline.purging import ledgers
from runner.snapshot import Snapshot
from runner.snapshot.examining import examine as examine_snapshot
from runner.workdir import LOCK
from runner.zammad.client import Zammad

if TYPE_CHECKING:
    from runner.config.model import Config

_WORST_FIRST = (Grade.DAMAGE, Grade.STALE, Grade.CARE)


@dataclass(slots=True)
class Examined:
    """What a look found; ``looked_at`` counts what there was to look at, ``busy`` names a run."""

    ailments: list[Ailment] = field(default_factory=list)
    looked_at: dict[str, int] = field(default_factory=dict)
    busy: str = ""

    @property
    def exit_code(self) -> int:
        """0 where nothing is left to do, else by the worst that is."""
        left = {ailment.grade for ailment in self.ailments if not ailment.is_healed}
        return next((EXIT_CODES[grade] for grade in _WORST_FIRST if grade in left), 0)

    def as_json(self) -> dict[str, Any]:
        """Return it for scripts."""
        return {
            "healthy": self.exit_code == 0,
            "busy": self.busy or None,
            "looked_at": self.looked_at,
            "findings": [ailment.as_json() for ailment in self.ailments],
        }


def run_doctor(config: Config, *, repair: bool, deep: bool, target: bool) -> Examined:
    """Look at workdir, ledgers and snapshot, with ``target`` at Zammad too.

    Args:
        config: Whose.
        repair: Put right what can be; no run may be under way.
        deep: Read every file and every body.
        target: Ask the configured Zammad for some records.

    Raises:
        Locked: ``repair``, and a run is under way.
        MigrateError: a repair failed; what was there before still is.
        Unreachable: ``target``, and Zammad does not answer.
    """
    with ExitStack() as stack:
        examined = Examined()
        if not config.workdir.is_dir():
            return examined
        examined.ailments += _lock(config.workdir / LOCK, examined)
        if repair:
            stack.enter_context(RunLock(config.workdir / LOCK, "doctor"))
        _look(config, examined, deep=deep)
        if repair:
            _repair(examined.ailments)
            _look_again(examined)
        if target:
            _ask(config, examined)
        return examined


def _lock(path: Path, examined: Examined) -> list[Ailment]:
    seen = lock.look(path)
    if seen is None:
        return []
    holder, held = seen
    who = (
        "{command}, process {pid} on {host} since {started_at}".format_map(holder) if holder else ""
    )
    if held:
        examined.busy = who or "a run that has just begun"
        return []
    away = bool(holder) and holder["host"] != socket.gethostname()
    ailment = Ailment(
        kind="lock left behind",
        where=str(path),
        what=f"left by {who or 'a run that died at once'}",
        harm="every run is refused until it is gone" if away else "none: the next run takes it",
        advice=f"if that run is surely dead, delete {path}" if away else "nothing has to be done",
    )
    # Whoever repairs holds the lock by then, and takes the file away in the end.
    ailment.repair = None if away else (lambda: "taken, and removed")
    return [ailment]


def _look(config: Config, examined: Examined, *, deep: bool) -> None:
    busy, stamp = bool(examined.busy), f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    files = ledgers(config)
    examined.looked_at["ledgers"] = len(files)
    for file in files:
        examined.ailments += examine_ledger(file, stamp=stamp, busy=busy)
    if Snapshot.exists(config.snapshot_folder):
        found, counted = examine_snapshot(
            config.snapshot_folder,
            kayako_url=config.kayako.url,
            deep=deep,
            busy=busy,
            stamp=stamp,
        )
        examined.ailments += [*found, *_plan_cache(config)]
        examined.looked_at |= counted
    examined.ailments += housekeeping.examine(config.workdir, busy=busy)


def _plan_cache(config: Config) -> list[Ailment]:
    """Plans remember one state of the snapshot; one that is newer belongs to another copy."""
    remembered = generation_of(config.plan_cache)
    try:
        snapshot = Snapshot.open(config.snapshot_folder, read_only=True)
    except StoreUnreadable:
        return []
    try:
        with suppress(StoreUnreadable, sqlite3.Error):
            if remembered is None or remembered <= snapshot.generation:
                return []
    finally:
        snapshot.close()

    def repair() -> str:
        config.plan_cache.unlink(missing_ok=True)
        return "removed; the next plan begins anew"

    return [
        Ailment(
            kind="snapshot older than its plans",
            where=str(config.plan_cache),
            what=f"plans remember state {remembered:,} of the snapshot, which is older now",
            harm="a backup of the snapshot was put back: plans may show what is not in it",
            advice="--repair forgets what plans remember; migrate pull brings the copy up to date",
            repair=repair,
        )
    ]


def _repair(ailments: list[Ailment]) -> None:
    """Make the repairs; one that fails says so and does not keep the others from theirs."""
    for ailment in ailments:
        if ailment.repair is None or ailment.repaired:
            continue
        try:
            ailment.repaired = ailment.repair()
        except (MigrateError, OSError) as error:
            ailment.advice = f"the repair failed: {error}. {ailment.advice}"


def _look_again(examined: Examined) -> None:
    """Look at the ledgers that were saved: what could not be read before may show now."""
    for ailment in list(examined.ailments):
        if ailment.kind == UNREADABLE and ailment.repaired:
            examined.ailments += examine_ledger(Path(ailment.where), stamp="", busy=True)


def _ask(config: Config, examined: Examined) -> None:
    """Ask Zammad for records of its ledger, where that can be read."""
    try:
        ledger = Ledger.open(config.ledger_file, read_only=True)
    except StoreUnreadable:
        return
    zammad = Zammad(config.zammad)
    try:
        found, asked = still_there.examine(ledger, zammad)
        examined.ailments += found
        examined.looked_at["records in Zammad"] = asked
    finally:
        zammad.close()
        ledger.close()
