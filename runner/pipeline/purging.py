"""Purge: take away what this program keeps on disk, once it is not needed any more."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from runner import workdir
from runner.ledger import Ledger, RunLock
from runner.snapshot import Snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from runner.config.model import Config


@dataclass(slots=True)
class Purged:
    """What was removed: ``files`` and their ``size`` in bytes; ``left`` is not ours."""

    files: int = 0
    size: int = 0
    left: list[str] = field(default_factory=list)


def purge_outlook(config: Config) -> workdir.Inventory:
    """Return what lies in the workdir."""
    return workdir.inventory(config.workdir)


def last_activity(config: Config) -> datetime | None:
    """Return when the last run on any target ended (began, if it was cut off) or was pulled.

    None when nothing was ever done.

    Raises:
        StoreUnreadable: a ledger or the snapshot cannot be read.
    """
    moments = [moment for file in ledgers(config) for moment in _runs(file)]
    if Snapshot.exists(config.snapshot_folder):
        snapshot = Snapshot.open(config.snapshot_folder, read_only=True)
        try:
            state = snapshot.meta("pull") or {}
            moments += [snapshot.pulled_at, state.get("started_at")]
        finally:
            snapshot.close()
    known = [datetime.fromisoformat(moment) for moment in moments if moment]
    return max(known, default=None)


def due(config: Config, days: int) -> datetime | None:
    """Return from when on a purge is due that waits ``days`` after the last run; None: now."""
    last = last_activity(config)
    if last is None or last + timedelta(days=days) <= datetime.now(UTC):
        return None
    return last + timedelta(days=days)


def run_purge(config: Config) -> Purged:
    """Remove everything of ours from the workdir.

    Raises:
        Locked: a run is under way.
        MigrateError: the system refuses to remove a file.
    """
    folder = config.workdir
    if not folder.is_dir():
        return Purged()
    with RunLock(folder / workdir.LOCK, "purge"):
        found = workdir.inventory(folder)
        workdir.remove(folder, found)
    workdir.remove_folder(folder)
    return Purged(files=len(found.files), size=found.size, left=found.strangers)


def ledgers(config: Config) -> list[Path]:
    """Return the ledgers of all targets, those of which only the journal is there too."""
    folder = config.ledger_file.parent
    names = {file.name.removesuffix(".journal") for file in folder.glob("*.json*")}
    return [folder / name for name in sorted(names) if name.endswith(".json")]


def _runs(file: Path) -> list[str | None]:
    ledger = Ledger.open(file, read_only=True)
    try:
        return [run["finished_at"] or run["started_at"] for run in ledger.runs()]
    finally:
        ledger.close()
