"""What the ledger's tests share."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from runner.errors import Locked
from runner.ledger import Ledger, RunLock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess
    from pathlib import Path

    import pytest

Document = dict[str, Any]


def ticket(number: int, **fields: Any) -> Document:
    """Return a small result; ``fields`` replace or add."""
    return {"source_id": str(number), "target_id": number + 1000, "status": "done", **fields}


@contextmanager
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let this process live five hours west of Greenwich: what is written down stays in UTC."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "WEST5")
        time.tzset()
        yield
    time.tzset()


def is_now(text: str) -> bool:
    """Say whether a moment, as it is written down, was within the last minute."""
    return abs(datetime.now(UTC) - datetime.fromisoformat(text)) < timedelta(minutes=1)


def journal_of(path: Path) -> Path:
    """Return where the journal of the ledger at ``path`` lies."""
    return path.with_name(path.name + ".journal")


class FullDisk:
    """``os.write`` that fails with ``number`` once ``room`` bytes are written to a ledger."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, number: int, room: int = 0) -> None:
        self.room = room
        self._number = number
        self._monkeypatch = monkeypatch
        self._write = os.write

    def __enter__(self) -> Self:
        self._monkeypatch.setattr("runner.ledger.files.os.write", self._limited)
        return self

    def __exit__(self, *_: object) -> None:
        self._monkeypatch.setattr("runner.ledger.files.os.write", self._write)

    def _limited(self, descriptor: int, data: bytes) -> int:
        if self.room <= 0:
            raise OSError(self._number, os.strerror(self._number))
        written = self._write(descriptor, bytes(data)[: self.room])
        self.room -= written
        return written


@contextmanager
def process(
    work: Callable[..., None], *arguments: object
) -> Iterator[tuple[SpawnProcess, Connection]]:
    """Yield a new process that runs ``work(connection, *arguments)``, and our end."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    worker = context.Process(target=work, args=(theirs, *arguments))
    worker.start()
    theirs.close()
    try:
        yield worker, ours
    finally:
        ours.close()
        worker.join(20)
        if worker.is_alive():
            worker.kill()


def kill(worker: SpawnProcess) -> None:
    """Kill the process so that nothing in it can still run, and wait."""
    os.kill(worker.pid or 0, signal.SIGKILL)
    worker.join()


def write_until_killed(connection: Connection, path: Path) -> None:
    """Record ticket after ticket as apply does; send each number when it counts."""
    while True:
        with Ledger.open(path) as ledger:
            tickets = ledger.table("tickets")
            first = sum(document["status"] == "done" for document in tickets)
            for number in range(first, first + 20):
                tickets.put_durably([{"source_id": str(number), "status": "intended"}])
                tickets.patch(str(number), {"status": "done"}, {"posts": {"1": [number, "d"]}})
                ledger.flush()
                connection.send(number)


def hold_lock(connection: Connection, path: Path) -> None:
    """Hold the lock until the other end is closed."""
    with RunLock(path, "migrate apply"), suppress(EOFError):
        connection.send("held")
        connection.recv()


def race_for_lock(connection: Connection, path: Path, busy: Path) -> None:
    """Enter the locked block 200 times; send how often somebody else was inside."""
    entered = collisions = 0
    while entered < 200:
        with suppress(Locked), RunLock(path, "migrate apply"):
            try:
                busy.open("x").close()
            except FileExistsError:
                collisions += 1
            busy.unlink(missing_ok=True)
            entered += 1
    connection.send(collisions)
