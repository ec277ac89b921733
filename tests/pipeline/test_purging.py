"""Purge: after it, nothing of ours is on the disk; before its time, everything is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from runner import workdir
from runner.config.model import Config
from runner.errors import Locked
from runner.ledger import Ledger, RunLock
from runner.pipeline import Scope, due, headers_and_bodies, purge_outlook, run_apply, run_purge
from runner.snapshot import Snapshot
from tests.engine.support import Notes
from tests.pipeline.conftest import Site

Make = Callable[..., Site]


def ran(config: Config, file: Path, finished_at: str | None, started_at: str) -> None:
    with Ledger.open(file) as ledger:
        number = ledger.start_run("apply", started_at=started_at)
        if finished_at:
            ledger.finish_run(number, "done", finished_at=finished_at)
    assert config.ledger_file.parent == file.parent


def days_ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_after_a_whole_move_a_purge_leaves_nothing_of_ours(site: Make) -> None:
    config = site(conversations=3).config
    stop = threading.Event()
    headers_and_bodies(config, bodies=True, progress=lambda *_: None, stop=stop)
    notes = Notes()
    run_apply(config, Scope(), pull=False, watcher=notes, progress=lambda *_: None, stop=stop)
    found = purge_outlook(config)
    assert found.strangers == []
    inside = [config.workdir, *config.workdir.rglob("*")]
    assert [path for path in inside if path.stat().st_mode & 0o077] == []
    assert {path.split("/")[0] for path in found.files} == {"snapshot", "ledgers"}
    (config.workdir / "lock").write_text("")
    purged = run_purge(config)
    assert purged.files == len(found.files)
    assert not config.workdir.exists()


def test_what_others_put_into_the_folder_keeps_it(config: Config) -> None:
    Snapshot.open(config.snapshot_folder, kayako_url="https://acme.kayako.example").close()
    (config.workdir / "notes.txt").write_text("mine")
    assert run_purge(config).left == ["notes.txt"]
    assert [path.name for path in config.workdir.iterdir()] == ["notes.txt"]


def test_a_run_under_way_keeps_everything(config: Config) -> None:
    Snapshot.open(config.snapshot_folder).close()
    with RunLock(config.workdir / workdir.LOCK, "apply"), pytest.raises(Locked):
        run_purge(config)
    assert Snapshot.exists(config.snapshot_folder)


def test_a_purge_waits_for_the_last_run_on_any_target(config: Config) -> None:
    ran(config, config.ledger_file, days_ago(100), days_ago(101))
    assert due(config, 90) is None
    ran(config, config.ledger_file.with_name("rehearsal.json"), days_ago(10), days_ago(11))
    assert due(config, 10) is None
    wanted = datetime.now(UTC) + timedelta(days=80)
    later = due(config, 90)
    assert later is not None
    assert abs(later - wanted) < timedelta(minutes=1)


def test_a_run_that_was_cut_off_counts_from_its_beginning(config: Config) -> None:
    ran(config, config.ledger_file, None, days_ago(1))
    later = due(config, 2)
    assert later is not None
    assert later.date() >= date.fromisoformat(days_ago(0)[:10])
    assert due(config, 1) is None


def test_a_pull_counts_as_well(config: Config) -> None:
    snapshot = Snapshot.open(config.snapshot_folder)
    snapshot.set_meta("headers_at", days_ago(5))
    snapshot.close()
    assert due(config, 6) is not None
    assert due(config, 5) is None


def test_a_folder_that_was_never_used_has_nothing_to_purge(config: Config) -> None:
    assert due(config, 90) is None
    assert run_purge(config).files == 0
    assert not config.workdir.exists()
