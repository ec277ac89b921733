"""Doctor over a whole workdir: a move in which things go wrong, and goes on after a repair."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from runner import workdir
from runner.config.model import Config
from runner.errors import Locked
from runner.ledger import Ledger, RunLock
from runner.pipeline import Examined, Scope, headers_and_bodies, run_apply, run_doctor
from runner.snapshot import Snapshot
from tests.engine.support import Notes
from tests.pipeline.conftest import Site

Make = Callable[..., Site]


def doctor(
    config: Config, *, repair: bool = False, deep: bool = False, target: bool = False
) -> Examined:
    return run_doctor(config, repair=repair, deep=deep, target=target)


def kinds(examined: Examined) -> list[str]:
    return [ailment.kind for ailment in examined.ailments]


def pull(config: Config) -> None:
    headers_and_bodies(config, bodies=True, progress=lambda *_: None, stop=threading.Event())


def apply(config: Config) -> None:
    run_apply(
        config,
        Scope(),
        pull=False,
        watcher=Notes(),
        progress=lambda *_: None,
        stop=threading.Event(),
    )


@pytest.fixture
def ledger_file(config: Config) -> Path:
    with Ledger.open(config.ledger_file) as ledger:
        for number in range(1, 4):
            document = {"source_id": str(number), "target_id": number, "status": "done"}
            ledger.table("tickets").put_durably([document])
    config.workdir.chmod(0o700)
    return config.ledger_file


def test_where_nothing_is_nothing_is_wrong(config: Config) -> None:
    examined = doctor(config, repair=True)
    assert (examined.ailments, examined.exit_code) == ([], 0)
    assert not config.workdir.exists()


def test_a_whole_move_is_healthy_and_a_look_changes_nothing(site: Make) -> None:
    made = site(conversations=2)
    pull(made.config)
    apply(made.config)
    before = {path: path.stat().st_mtime_ns for path in made.config.workdir.rglob("*.json")}
    examined = doctor(made.config, deep=True, target=True)
    assert (examined.ailments, examined.exit_code) == ([], 0)
    assert examined.looked_at["ledgers"] == 1
    assert examined.looked_at["records in Zammad"] > 2
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_a_saved_ledger_is_looked_at_again(config: Config, ledger_file: Path) -> None:
    text = ledger_file.read_text()
    text = text.replace('"source_id":"1"', '"source_id":~1"').replace(
        '"target_id":2', '"target_id":3'
    )
    ledger_file.write_text(text)
    assert kinds(doctor(config)) == ["ledger unreadable"]
    examined = doctor(config, repair=True)
    assert kinds(examined) == ["ledger unreadable", "map not unique"]
    assert examined.exit_code == 12
    (copy,) = ledger_file.parent.glob("*.damaged-*")
    assert copy.read_text() == text
    assert workdir.inventory(config.workdir).strangers == []
    assert not (config.workdir / workdir.LOCK).exists()


def test_while_a_run_is_under_way_only_a_look_is_possible(
    config: Config, ledger_file: Path
) -> None:
    with RunLock(config.workdir / workdir.LOCK, "migrate apply"):
        examined = doctor(config)
        assert (examined.ailments, examined.exit_code) == ([], 0)
        assert examined.busy.startswith(f"migrate apply, process {os.getpid()}")
        with pytest.raises(Locked):
            doctor(config, repair=True)
    assert ledger_file.exists()


@pytest.mark.fault(
    "a dead run's lock names a process that is another by now",
    does="what is locked counts, not the number: the next run takes it",
)
@pytest.mark.parametrize("content", ["", "killed"])
def test_a_lock_of_a_dead_run_goes_with_a_repair(
    config: Config, ledger_file: Path, content: str
) -> None:
    """Also where another process has its number by now: what is locked counts."""
    lock = config.workdir / workdir.LOCK
    mine = {"pid": os.getppid(), "host": socket.gethostname(), "command": "apply"}
    lock.write_text(json.dumps({**mine, "started_at": "x"}) if content else "")
    lock.chmod(0o600)
    examined = doctor(config)
    assert (kinds(examined), examined.exit_code) == (["lock left behind"], 11)
    assert doctor(config, repair=True).exit_code == 0
    assert not lock.exists()
    assert ledger_file.exists()


def test_a_lock_of_another_host_is_left_to_people(config: Config, ledger_file: Path) -> None:
    lock = config.workdir / workdir.LOCK
    holder = {"pid": 4, "host": "another", "started_at": "x", "command": "apply"}
    lock.write_text(json.dumps(holder))
    (ailment,) = doctor(config).ailments[:1]
    assert f"delete {lock}" in ailment.advice
    with pytest.raises(Locked):
        doctor(config, repair=True)
    assert ledger_file.exists()


def test_plans_of_a_newer_copy_are_forgotten(config: Config, ledger_file: Path) -> None:
    from runner.engine.remembered import _opened  # noqa: PLC0415 - the file as it is made

    Snapshot.open(config.snapshot_folder, kayako_url=config.kayako.url).close()
    _opened(config.plan_cache, 1).close()
    assert kinds(doctor(config)) == []
    config.plan_cache.unlink()
    _opened(config.plan_cache, 4711).close()
    assert kinds(doctor(config)) == ["snapshot older than its plans"]
    assert doctor(config, repair=True).exit_code == 0
    assert not config.plan_cache.exists()
    assert ledger_file.exists()


def test_a_repair_that_fails_does_not_keep_the_others(
    config: Config, ledger_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = config.workdir / "ledgers" / "z.json.new"
    left.write_text("x")
    ledger_file.chmod(0o644)
    left.chmod(0o600)

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "chmod", refuse)
        examined = doctor(config, repair=True)
    assert [one.is_healed for one in examined.ailments] == [False, True]
    assert "the repair failed" in examined.ailments[0].advice
    assert not left.exists()


def test_an_unreadable_ledger_is_not_asked_for_in_zammad(config: Config, ledger_file: Path) -> None:
    ledger_file.write_text("{}")
    assert kinds(doctor(config, target=True)) == ["ledger unreadable"]
