from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import socket
from typing import TYPE_CHECKING

import pytest

from runner.errors import Locked, MigrateError
from runner.ledger import RunLock
from runner.ledger.lock import look

from .support import elsewhere, hold_lock, is_now, kill, process, race_for_lock

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "work" / "run.lock"


def test_the_file_says_who_holds_it_and_goes_with_the_block(path: Path) -> None:
    with RunLock(path, "migrate apply"):
        holder = json.loads(path.read_text())
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
    assert (holder["pid"], holder["host"]) == (os.getpid(), socket.gethostname())
    assert holder["command"] == "migrate apply"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", holder["started_at"])
    assert not path.exists()


def test_since_when_it_is_held_is_told_in_utc(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with elsewhere(monkeypatch), RunLock(path, "migrate apply"):
        assert is_now(json.loads(path.read_text())["started_at"])


def test_the_lock_is_given_back_after_an_error(path: Path) -> None:
    with pytest.raises(LookupError), RunLock(path, "migrate apply"):
        raise LookupError
    with RunLock(path, "migrate apply"):
        pass


@pytest.mark.fault("two runs at once")
def test_another_process_is_named_and_may_come_later(path: Path) -> None:
    with process(hold_lock, path) as (holder, connection):
        assert connection.recv() == "held"
        with pytest.raises(Locked) as caught, RunLock(path, "migrate reset"):
            pass
    assert caught.value.exit_code == 8
    assert f"`migrate apply`, process {holder.pid} on {socket.gethostname()} since" in str(
        caught.value
    )
    assert f"kill {holder.pid}" in caught.value.advice
    with RunLock(path, "migrate reset"):
        assert json.loads(path.read_text())["pid"] == os.getpid()


def test_the_same_process_cannot_take_it_twice(path: Path) -> None:
    with RunLock(path, "migrate apply"):
        with pytest.raises(Locked), RunLock(path, "migrate apply"):
            pass
        assert path.exists()


@pytest.mark.fault("a killed run left its lock behind", does="it is cleared, on the same computer")
def test_a_killed_holder_is_cleared(path: Path) -> None:
    with process(hold_lock, path) as (holder, connection):
        assert connection.recv() == "held"
        kill(holder)
    assert json.loads(path.read_text())["pid"] == holder.pid
    with RunLock(path, "migrate apply"):
        assert json.loads(path.read_text())["pid"] == os.getpid()


@pytest.mark.fault("the lock of a run on another computer", does="respected: the message names it")
def test_what_a_holder_on_another_host_left_is_respected(path: Path) -> None:
    path.parent.mkdir()
    left = {"pid": 4, "host": "another", "started_at": "2026-11-23T10:00:00Z", "command": "x"}
    path.write_text(json.dumps(left))
    with pytest.raises(Locked, match="process 4 on another") as caught, RunLock(path, "y"):
        pass
    assert f"delete {path}" in caught.value.advice
    assert json.loads(path.read_text()) == left


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 4}'])
def test_an_unfinished_signature_is_cleared(path: Path, content: str) -> None:
    path.parent.mkdir()
    path.write_text(content)
    with RunLock(path, "migrate apply"):
        assert json.loads(path.read_text())["pid"] == os.getpid()


def test_a_holder_that_has_not_signed_yet_is_respected(path: Path) -> None:
    with RunLock(path, "migrate apply"):
        path.write_text("")
        with (
            pytest.raises(Locked, match="just begun") as caught,
            RunLock(path, "migrate apply"),
        ):
            pass
    assert "run again" in caught.value.advice


def test_a_lock_that_was_deleted_by_hand_does_not_take_the_next_one_with_it(path: Path) -> None:
    with RunLock(path, "first"):
        path.unlink()
        second = RunLock(path, "second").__enter__()
    assert json.loads(path.read_text())["command"] == "second"
    second.__exit__(None, None, None)
    assert not path.exists()


def test_a_file_that_is_removed_before_it_is_locked_does_not_count(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flock = fcntl.flock
    removals = iter([path.unlink, path.unlink])

    def late(descriptor: int, operation: int) -> None:
        next(removals, lambda: None)()
        flock(descriptor, operation)

    monkeypatch.setattr("runner.ledger.lock.fcntl.flock", late)
    with RunLock(path, "migrate apply"):
        assert json.loads(path.read_text())["pid"] == os.getpid()
        with pytest.raises(Locked), RunLock(path, "migrate apply"):
            pass


def test_two_processes_that_race_are_never_both_inside(path: Path, tmp_path: Path) -> None:
    busy = tmp_path / "busy"
    with (
        process(race_for_lock, path, busy) as (_, first),
        process(race_for_lock, path, busy) as (_, second),
    ):
        assert (first.recv(), second.recv()) == (0, 0)


def test_a_disk_without_locks_is_explained(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("runner.ledger.lock.fcntl.flock", refuse)
    with pytest.raises(MigrateError, match="No locks available") as caught, RunLock(path, "x"):
        pass
    assert "local disk" in caught.value.advice


def test_who_works_in_a_folder_can_be_seen_without_taking_the_lock(path: Path) -> None:
    assert look(path) is None
    with RunLock(path, "migrate apply"):
        assert look(path) == (json.loads(path.read_text()), True)
    assert look(path) is None


def test_what_a_dead_run_left_is_seen_to_be_free_and_stays_so(path: Path) -> None:
    path.parent.mkdir()
    left = {
        "pid": 4,
        "host": socket.gethostname(),
        "started_at": "2026-11-23T10:00:00Z",
        "command": "x",
    }
    path.write_text(json.dumps(left))
    assert look(path) == (left, False)
    with RunLock(path, "migrate apply"):
        assert json.loads(path.read_text())["command"] == "migrate apply"
