"""One run at a time in one folder.

The truth is an ``flock`` on the file, which the system gives up by itself when the holder dies;
what stands in the file tells people who holds it.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from runner.errors import Locked, MigrateError
from runner.ledger.files import make_folder, write_all

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


class RunLock:
    """A lock file, held from ``with`` to the end of the block."""

    def __init__(self, path: Path, command: str) -> None:
        """Prepare to lock ``path``; ``command`` is what others read, like ``migrate apply``."""
        self.path = path
        self.command = command
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        """Take the lock, at once or not at all.

        What a dead holder on this host left behind is cleared. A file that a holder on another
        host did not take away is respected: not every network file system passes locks on.

        Raises:
            Locked: when another run has it; names process, host, start and command.
            MigrateError: when the file cannot be written, or the disk knows no locks.
        """
        try:
            self._acquire()
        except OSError as error:
            raise MigrateError(
                f"{self.path}: the folder cannot be locked: {error.strerror}",
                advice="Name a workdir in the config that your user can write to, on a local disk.",
            ) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give the lock back and remove the file."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            try:
                # Removed before it is unlocked, so that nobody else's file is removed.
                if _in_place(descriptor, self.path):
                    self.path.unlink(missing_ok=True)
            finally:
                os.close(descriptor)

    def _acquire(self) -> None:
        make_folder(self.path.parent)
        while True:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            descriptor = os.open(self.path, flags, 0o600)
            try:
                if self._locked_in_place(descriptor):
                    self._sign(descriptor)
                    self._descriptor = descriptor
                    return
            finally:
                if self._descriptor is None:
                    os.close(descriptor)

    def _locked_in_place(self, descriptor: int) -> bool:
        """Lock the open file; False when it was removed meanwhile, and another try is due."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
            raise self._refusal(_holder(descriptor)) from error
        in_place = _in_place(descriptor, self.path)
        holder = _holder(descriptor)
        if in_place and holder.get("host", socket.gethostname()) != socket.gethostname():
            raise self._refusal(holder)
        return in_place

    def _sign(self, descriptor: int) -> None:
        holder = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "started_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "command": self.command,
        }
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        write_all(descriptor, json.dumps(holder).encode() + b"\n")
        os.fsync(descriptor)

    def _refusal(self, holder: dict[str, Any]) -> Locked:
        if not holder:
            return Locked(
                f"{self.path}: another run has just begun in this folder",
                advice="Wait until it has ended, then run again.",
            )
        who = "`{command}`, process {pid} on {host} since {started_at}".format_map(holder)
        if holder["host"] == socket.gethostname():
            advice = f"Wait until it has ended, or stop it (kill {holder['pid']}); then run again."
        else:
            advice = f"Wait until it has ended. If it is surely dead, delete {self.path}."
        return Locked(f"{self.path}: another run works in this folder: {who}", advice=advice)


def look(path: Path) -> tuple[dict[str, Any], bool] | None:
    """Return who signed a lock file and whether it is held now; None where there is no file.

    A file that is not held was left by a process that died, or by one on another host.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return _holder(descriptor), True
    else:
        return _holder(descriptor), False
    finally:
        os.close(descriptor)


def _in_place(descriptor: int, path: Path) -> bool:
    """Say whether the open file is still the one at ``path``."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _holder(descriptor: int) -> dict[str, Any]:
    """Return who signed the file; {} when nobody has, or not completely."""
    content: Any = None
    with suppress(ValueError):
        content = json.loads(os.pread(descriptor, 4096, 0))
    whole = isinstance(content, dict) and content.keys() >= {"pid", "host", "started_at", "command"}
    return content if whole else {}
