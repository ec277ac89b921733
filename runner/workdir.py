"""The folder of the working files: which files in it are ours, and how they go.

What is not in ``OURS`` was put there by somebody else and is never touched.
"""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from runner.errors import MigrateError

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCK = "lock"
_SHARED = "console-script"
_HEX = "[0-9a-f]"


@dataclass(frozen=True, slots=True)
class Own:
    """Files that this program writes: as people read them, and as a pattern of their path."""

    shown: str
    pattern: str


OURS = (
    Own(LOCK, "lock"),
    Own("snapshot/snapshot.sqlite3", r"snapshot/snapshot\.sqlite3"),
    Own("snapshot/snapshot.sqlite3-*", r"snapshot/snapshot\.sqlite3-(?:wal|shm|journal)"),
    Own("snapshot/files/ab/abcdef…", rf"snapshot/files/{_HEX}{{2}}/{_HEX}{{64}}"),
    Own(
        "snapshot/files/ab/abcdef….damaged-*",
        rf"snapshot/files/{_HEX}{{2}}/{_HEX}{{64}}\.damaged-[0-9-]+",
    ),
    Own("snapshot/files/.part-*", r"snapshot/files/\.part-[^/]+"),
    Own("ledgers/TARGET.json", r"ledgers/[^/]+\.json"),
    Own("ledgers/TARGET.json.journal", r"ledgers/[^/]+\.json\.journal"),
    Own("ledgers/TARGET.json*.new", r"ledgers/[^/]+\.json(?:\.journal)?\.new"),
    Own("ledgers/TARGET.json*.damaged-*", r"ledgers/[^/]+\.json(?:\.journal)?\.damaged-[0-9-]+"),
    Own("cache/plan.sqlite3", r"cache/plan\.sqlite3(?:-journal)?"),
    Own("plans/NAME.json", r"plans/[^/]+\.json(?:\.new)?"),
    Own("reports/NAME.html, .json, .csv", r"reports/[^/]+\.(?:html|json|csv)(?:\.new)?"),
    Own(
        "console-script/migrate-console.*",
        r"console-script/migrate-console\.(?:rb|jsonl\.(?:gz|part))",
    ),
    Own("logs/error-*.log", r"logs/error-[^/]+\.log"),
)
"""Every file below the workdir that this program writes."""

_FILE = re.compile("|".join(own.pattern for own in OURS))
_FOLDER = re.compile(
    rf"snapshot(?:/files(?:/{_HEX}{{2}})?)?|ledgers|cache|plans|reports|console-script|logs"
)


@dataclass(slots=True)
class Inventory:
    """What lies in a workdir, but for its lock: paths in it, folders before what is in them."""

    files: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    size: int = 0


def inventory(workdir: Path) -> Inventory:
    """Look through a workdir without following any symbolic link; a missing one is empty."""
    found = Inventory()
    if workdir.is_dir():
        for entry, path in _walk(workdir, ""):
            if entry.is_dir(follow_symlinks=False) and _FOLDER.fullmatch(path):
                found.folders.append(path)
            elif path == LOCK:
                continue  # it comes and goes with each run
            elif entry.is_file(follow_symlinks=False) and _FILE.fullmatch(path):
                found.files.append(path)
                found.size += entry.stat(follow_symlinks=False).st_size
            else:
                found.strangers.append(path)
    return found


def tighten(workdir: Path) -> None:
    """Make our folders in a workdir their owner's alone, and the workdir if all in it is ours.

    Nobody else gets through them to the files in them. The console script's stays: Zammad's user
    has to read it. Symbolic links are not followed, and what belongs to another user stays.

    Raises:
        OSError: the workdir cannot be read.
    """
    with os.scandir(workdir) as entries:
        found = list(entries)
    ours = [entry for entry in found if _is_own(entry)]
    paths = [entry.path for entry in ours if entry.is_dir(follow_symlinks=False)]
    if len(ours) == len(found):
        paths.append(str(workdir))
    for path in paths:
        state = os.lstat(path)
        if state.st_mode & 0o077 and state.st_uid == os.geteuid() and Path(path).name != _SHARED:
            with contextlib.suppress(OSError):  # a disk without modes: doctor tells
                Path(path).chmod(0o700)


def _is_own(entry: os.DirEntry[str]) -> bool:
    if entry.is_dir(follow_symlinks=False):
        return bool(_FOLDER.fullmatch(entry.name))
    return entry.name == LOCK


def _walk(folder: Path, above: str) -> Iterator[tuple[os.DirEntry[str], str]]:
    with os.scandir(folder) as entries:
        listed = sorted(entries, key=lambda entry: entry.name)
    for entry in listed:
        path = f"{above}{entry.name}"
        yield entry, path
        if entry.is_dir(follow_symlinks=False) and _FOLDER.fullmatch(path):
            yield from _walk(folder / entry.name, f"{path}/")


def remove(workdir: Path, found: Inventory) -> None:
    """Remove our files, then our folders where nothing else is in them.

    Can be interrupted and done again.

    Raises:
        MigrateError: the system refuses to remove a file.
    """
    for path in found.files:
        try:
            (workdir / path).unlink(missing_ok=True)
        except OSError as error:
            raise MigrateError(
                f"{workdir / path} cannot be removed: {error.strerror or error}",
                advice="give your user write access to its folder and run migrate purge again",
            ) from error
    for path in reversed(found.folders):
        _remove_empty(workdir / path)


def remove_folder(workdir: Path) -> bool:
    """Remove the workdir itself if it is empty; say whether it is gone."""
    _remove_empty(workdir)
    return not workdir.exists()


def _remove_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return  # somebody else's files are in it, and are told
