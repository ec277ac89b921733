"""Counts the side effects of a run from outside, and ends the process at one of them.

A *step* is a moment at which a crash leaves something else behind than a moment before: each
request before it leaves and after its answer has come (the server has carried it out, nobody has
read the answer), each fsync, rename and removal of a file before and after, each SQLite commit
before and after.

A process that dies leaves what it wrote in the system's cache; a machine that dies does not. So a
crash before an fsync also cuts the file back to what was synced of it earlier.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
from collections.abc import Callable
from stat import S_ISREG
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter


class Steps:
    """Numbers steps from 1 and kills this process when ``last`` is reached.

    Args:
        log: A descriptor that gets each step as a line, written at once.
        last: The step that is not survived; None to go through.
    """

    def __init__(self, log: int, last: int | None) -> None:
        self._log = log
        self._last = last
        self._number = 0
        self._lock = threading.Lock()
        self._synced: dict[tuple[int, int], int] = {}

    def install(self) -> None:
        """Put the counting in front of everything that leaves a trace; for this whole process."""
        HTTPAdapter.send = self._sending(HTTPAdapter.send)
        os.fsync = self._syncing(os.fsync)
        for name in ("replace", "rename", "unlink"):
            setattr(os, name, self._around(name, getattr(os, name)))
        sqlite3.connect = self._connecting(sqlite3.connect)

    def _step(self, text: str, on_power_loss: Callable[[], None] | None = None) -> None:
        with self._lock:
            self._number += 1
            os.write(self._log, f"{text}\n".encode())
            if self._number == self._last:
                if on_power_loss is not None:
                    on_power_loss()
                os.kill(os.getpid(), signal.SIGKILL)

    def _sending(self, send: Callable[..., requests.Response]) -> Any:
        def counted(adapter: HTTPAdapter, request: Any, **options: Any) -> requests.Response:
            text = f"{request.method} {urlsplit(request.url).path}"
            self._step(f"before {text}")
            response = send(adapter, request, **options)
            self._step(f"answer to {text}")
            return response

        return counted

    def _syncing(self, fsync: Callable[[Any], None]) -> Any:
        def counted(file: Any) -> None:
            descriptor = file if isinstance(file, int) else file.fileno()
            name = os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}"))  # noqa: PTH115, PTH119 - of a descriptor
            self._step(f"before fsync {name}", lambda: self._lose(descriptor))
            fsync(descriptor)
            now = os.fstat(descriptor)
            self._synced[now.st_dev, now.st_ino] = now.st_size
            self._step(f"after fsync {name}")

        return counted

    def _lose(self, descriptor: int) -> None:
        now = os.fstat(descriptor)
        if S_ISREG(now.st_mode):
            kept = self._synced.get((now.st_dev, now.st_ino), 0)
            os.ftruncate(descriptor, min(kept, now.st_size))

    def _around(self, name: str, change: Callable[..., None]) -> Any:
        def counted(path: Any, *rest: Any, **options: Any) -> None:
            if not os.path.lexists(path):  # removed just in case: nothing happens
                change(path, *rest, **options)
                return
            text = f"{name} {os.path.basename(os.fspath(path))}"  # noqa: PTH119 - bytes and text
            self._step(f"before {text}")
            change(path, *rest, **options)
            self._step(f"after {text}")

        return counted

    def _connecting(self, connect: Callable[..., sqlite3.Connection]) -> Any:
        def counted(*arguments: Any, **options: Any) -> sqlite3.Connection:
            factory = _counting(options.pop("factory", sqlite3.Connection), self._step)
            return connect(*arguments, factory=factory, **options)

        return counted


def _counting(
    factory: type[sqlite3.Connection], step: Callable[[str], None]
) -> type[sqlite3.Connection]:
    class Counting(factory):
        def execute(self, statement: str, *arguments: Any) -> sqlite3.Cursor:
            if statement != "COMMIT":
                return super().execute(statement, *arguments)
            step("before COMMIT")
            done: sqlite3.Cursor = super().execute(statement)
            step("after COMMIT")
            return done

        def commit(self) -> None:
            step("before COMMIT")
            super().commit()
            step("after COMMIT")

    return Counting
