"""Files that survive a crash: written aside, synced, renamed, and the folder synced."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from runner.errors import MigrateError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn an ``OSError`` of the block, which writes ``path``, into an error with advice.

    Raises:
        MigrateError: in place of the ``OSError``, saying what to do.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _DISK_FULL:
            advice = "Free some space on that disk and run again; all that counted is kept."
        elif error.errno in _FORBIDDEN:
            advice = "Give your user write access to this file and its folder, then run again."
        else:
            advice = "Check the disk that holds this file, then run again."
        message = f"{path}: the ledger cannot be written: {error.strerror or error}"
        raise MigrateError(message, advice=advice) from error


def write_all(descriptor: int, data: bytes) -> None:
    """Write the whole of ``data``: a single ``os.write`` may stop early.

    Raises:
        OSError: when the system refuses; part of the data may be written then.
    """
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def sync_folder(folder: Path) -> None:
    """Make creations, renames and removals in ``folder`` last.

    Raises:
        OSError: when the folder cannot be opened or synced.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Create ``folder``, and what is missing above it, for its owner alone (mode 0700).

    One that exists stays as it is: whose it is, ``runner.workdir.tighten`` knows.

    Raises:
        OSError: when it cannot be created.
    """
    if not folder.is_dir():
        # mkdir's own parents=True would leave the mode of those to the umask.
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)


def aside(path: Path) -> Path:
    """Return where ``path`` is written before it is moved into place."""
    return path.with_name(path.name + ".new")


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Yield a file (mode 0600) that takes the place of ``path`` when the block ends well.

    A reader sees the old file or the whole new one, also after a crash at any moment.

    Raises:
        OSError: when something cannot be written; ``path`` is then what it was before.
    """
    temporary = aside(path)
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb", buffering=1 << 20) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
