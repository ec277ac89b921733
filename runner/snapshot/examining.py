"""Looking the snapshot through: is the database sound, is every file there and what it was?"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from functools import partial
from typing import TYPE_CHECKING

from runner.ailment import Ailment, Grade, listed
from runner.errors import StoreUnreadable
from runner.snapshot.opened import PAGE, normal_url
from runner.snapshot.refetching import refetch, reread
from runner.snapshot.store import Snapshot
from runner.snapshot.values import unpack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_INDEX_ONLY = re.compile(r"missing from index|wrong # of entries in index|non-unique entry in")
_BODIES = {
    "record": "SELECT resource, id, body FROM record",
    "thread": "SELECT case_id, body FROM thread",
    "beside": "SELECT kind, id, body FROM beside WHERE body IS NOT NULL",
}
"""Tables of compressed bodies; what stands before the body names a row."""
_DIGEST = re.compile("[0-9a-f]{64}")


def examine(
    folder: Path, *, kayako_url: str, deep: bool, busy: bool, stamp: str
) -> tuple[list[Ailment], dict[str, int]]:
    """Return what is wrong with the snapshot in ``folder``, and how much was looked at.

    Args:
        folder: Where it lies.
        kayako_url: Whose copy it is to be.
        deep: Read every file and every body; else sizes are enough.
        busy: A run is under way: files that nothing refers to yet are no finding.
        stamp: Goes into the names of copies that repairs make.
    """
    try:
        snapshot = Snapshot.open(folder, read_only=True)
    except StoreUnreadable as error:
        return [_unreadable(folder, str(error), error.advice)], {}
    try:
        return _opened(snapshot, kayako_url, deep=deep, busy=busy, stamp=stamp)
    except (StoreUnreadable, sqlite3.DatabaseError) as error:
        return [_unreadable(folder, f"SQLite finds it damaged: {error}")], {}
    finally:
        snapshot.close()


def _opened(
    snapshot: Snapshot, kayako_url: str, *, deep: bool, busy: bool, stamp: str
) -> tuple[list[Ailment], dict[str, int]]:
    unsound = _unsound(snapshot)
    if any(one.repair is None for one in unsound):
        return unsound, {}
    found = [*_another(snapshot, kayako_url), *unsound]
    wrong, referenced = _files(snapshot, deep=deep)
    found += [] if not wrong else [_wrong_files(snapshot, wrong, stamp)]
    if not busy:
        found += _orphans(snapshot, referenced, is_sound=not found)
    if deep:
        found += _bodies(snapshot)
    return found, {"files of the copy": len(referenced)}


def _unreadable(folder: Path, what: str, advice: str = "") -> Ailment:
    return Ailment(
        kind="snapshot unreadable",
        where=str(folder),
        what=what,
        harm="nothing can be planned, written or verified from it",
        advice=advice
        or "put a backup of it back, or move it away and run migrate pull while Kayako is there",
        grade=Grade.DAMAGE,
    )


def _another(snapshot: Snapshot, kayako_url: str) -> list[Ailment]:
    bound = snapshot.kayako_url
    if bound in ("", normal_url(kayako_url)):
        return []
    return [
        Ailment(
            kind="snapshot of another Kayako",
            where=str(snapshot.folder),
            what=f"it is a copy of {bound}, and the config names {normal_url(kayako_url)}",
            harm="every run is refused, so that two helpdesks are never mixed",
            advice="set kayako.url back, or give this Kayako a workdir of its own",
            grade=Grade.DAMAGE,
        )
    ]


def _unsound(snapshot: Snapshot) -> list[Ailment]:
    rows = snapshot.database.reader().execute("PRAGMA integrity_check").fetchall()
    wrong = [str(row[0]) for row in rows if row[0] != "ok"]
    if not wrong:
        return []
    ailment = _unreadable(snapshot.folder, f"SQLite finds it damaged: {listed(wrong)}")
    ailment.kind = "snapshot damaged"
    if all(_INDEX_ONLY.search(line) for line in wrong):
        ailment.advice = "--repair makes the indexes anew; no record is touched"
        ailment.repair = partial(_reindex, snapshot.folder)
    return [ailment]


def _reindex(folder: Path) -> str:
    snapshot = Snapshot.open(folder)
    try:
        with snapshot.database.write() as connection:
            connection.execute("REINDEX")
        still = _unsound(snapshot)
    finally:
        snapshot.close()
    if still:
        raise StoreUnreadable(still[0].what, advice=_unreadable(folder, "").advice)
    return "the indexes were made anew"


def _files(snapshot: Snapshot, *, deep: bool) -> tuple[dict[str, str], set[bytes]]:
    """Return digest and complaint of each file that is not right, and the digests of all."""
    wrong: dict[str, str] = {}
    referenced: set[bytes] = set()
    for sha256, size in _listed(snapshot):
        digest = bytes.fromhex(sha256)
        if digest in referenced:
            continue
        referenced.add(digest)
        complaint = _complaint(snapshot.file(sha256), sha256, size, deep=deep)
        if complaint:
            wrong[sha256] = complaint
    return wrong, referenced


def _listed(snapshot: Snapshot) -> Iterator[tuple[str, int | None]]:
    last = ""
    query = (
        "SELECT key, sha256, size FROM file WHERE key > ? AND sha256 IS NOT NULL"
        " ORDER BY key LIMIT ?"
    )
    while rows := snapshot.database.reader().execute(query, (last, PAGE)).fetchall():
        for key, sha256, size in rows:
            last = key
            yield sha256, size


def _complaint(path: Path, sha256: str, size: int | None, *, deep: bool) -> str:
    try:
        there = path.stat().st_size
        if size is not None and there != size:
            return f"{there:,} bytes instead of {size:,}"
        if deep:
            with path.open("rb") as stream:
                if hashlib.file_digest(stream, "sha256").hexdigest() != sha256:
                    return "other bytes than were read from Kayako"
    except FileNotFoundError:
        return "not there"
    except OSError as error:
        return f"unreadable: {error.strerror or error}"
    return ""


def _wrong_files(snapshot: Snapshot, wrong: dict[str, str], stamp: str) -> Ailment:
    names = [f"{sha256[:12]}… ({why})" for sha256, why in wrong.items()]
    return Ailment(
        kind="files lost or damaged",
        where=str(snapshot.folder / "files"),
        what=f"{len(wrong):,} attachments or pictures are not what they were: {listed(names)}",
        harm="records that hold them fail in apply; nothing damaged is sent",
        advice="run migrate doctor --repair, then migrate pull: it reads them from Kayako again",
        grade=Grade.DAMAGE,
        repair=partial(refetch, snapshot.folder, frozenset(wrong), stamp),
        then="run migrate pull",
    )


def _orphans(snapshot: Snapshot, referenced: set[bytes], *, is_sound: bool) -> list[Ailment]:
    """Return files that nothing refers to; they go only where nothing else is wrong."""
    orphans = []
    size = 0
    for path in (snapshot.folder / "files").glob("[0-9a-f][0-9a-f]/*"):
        if _DIGEST.fullmatch(path.name) and bytes.fromhex(path.name) not in referenced:
            orphans.append(path)
            size += path.stat().st_size
    if not orphans:
        return []

    def repair() -> str:
        for path in orphans:
            path.unlink(missing_ok=True)
        return f"{len(orphans):,} files removed"

    return [
        Ailment(
            kind="files without owner",
            where=str(snapshot.folder / "files"),
            what=f"{len(orphans):,} files ({size / 1e6:,.1f} MB) belong to no record",
            harm="a pull or an erasure died between two steps: they take room, and may hold what"
            " somebody asked to erase",
            advice="--repair removes them: no record can ever show them, and a pull fetches what"
            " it needs again"
            if is_sound
            else "put right what else is wrong with the snapshot first: they may be needed for it",
            repair=repair if is_sound else None,
        )
    ]


def _bodies(snapshot: Snapshot) -> list[Ailment]:
    reader = snapshot.database.reader()
    unreadable = [
        (table, *row[:-1])
        for table, query in _BODIES.items()
        for row in reader.execute(query)
        if not _is_whole(row[-1])
    ]
    if not unreadable:
        return []
    names = ["/".join(map(str, row)) for row in unreadable]
    return [
        Ailment(
            kind="rows damaged",
            where=str(snapshot.database.path),
            what=f"{len(unreadable):,} rows cannot be unpacked: {listed(names)}",
            harm="what needs them stops",
            advice="run migrate doctor --deep --repair, then migrate pull while Kayako is there",
            grade=Grade.DAMAGE,
            repair=partial(reread, snapshot.folder, unreadable),
            then="run migrate pull",
        )
    ]


def _is_whole(body: bytes) -> bool:
    try:
        unpack(body)
    except StoreUnreadable:
        return False
    return True
