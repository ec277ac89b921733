"""What tells one state of the snapshot from another, record by record.

A plan that is saved keeps it, so that whoever applies it later can say what a pull brought since.
"""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from typing import TYPE_CHECKING, Any

from runner.snapshot.database import unreadable
from runner.snapshot.opened import PAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.snapshot.store import Snapshot

Stamp = tuple[str, int, int]
"""Resource, id, and a number that another state of the record does not have."""

_RECORDS = (
    "SELECT record.resource, record.id, record.body, record.gone, record.archived, record.state,"
    " record.updated_at, record.post_count, thread.updated_at, thread.post_count, thread.missing,"
    " length(thread.body) FROM record"
    " LEFT JOIN thread ON record.resource = 'cases' AND thread.case_id = record.id"
    " WHERE (record.resource, record.id) > (?, ?) ORDER BY record.resource, record.id LIMIT ?"
)
_BESIDE = (
    ("definition", "SELECT type, id, body FROM definition WHERE (type, id) > (?, ?)"),
    ("beside", "SELECT kind, id, body FROM beside WHERE (kind, id) > (?, ?)"),
)
_FILES = "SELECT key, sha256, error FROM file WHERE key > ? ORDER BY key LIMIT ?"


def records(snapshot: Snapshot) -> Iterator[Stamp]:
    """Yield a stamp for every record, in the order of resources and ids.

    The stamp of a conversation covers whether and when its posts were read, and how many bytes
    they are.
    """
    resource, last = "", -1
    while rows := _rows(snapshot, _RECORDS, (resource, last, PAGE)):
        for row in rows:
            resource, last = row[0], row[1]
            about = repr(row[3:]).encode("utf-8", "surrogatepass")
            yield resource, last, zlib.crc32(row[2], zlib.crc32(about))


def others(snapshot: Snapshot) -> dict[str, str]:
    """Return a digest of all that hangs beside the records, by kind: ``definition case_status``."""
    found: dict[str, Any] = {}
    for table, query in _BESIDE:
        kind, last = "", ""
        ordered = f"{query} ORDER BY 1, 2 LIMIT ?"
        while rows := _rows(snapshot, ordered, (kind, last, PAGE)):
            for row in rows:
                kind, last = row[0], row[1]
                _add(found, f"{table} {kind}", row[1:])
    key = ""
    while rows := _rows(snapshot, _FILES, (key, PAGE)):
        key = rows[-1][0]
        for row in rows:
            _add(found, "file", row)
    for name, value in (("settings", snapshot.settings), ("refused", snapshot.unavailable)):
        _add(found, name, sorted(value.items()))
    return {name: digest.hexdigest()[:16] for name, digest in found.items()}


def _rows(snapshot: Snapshot, query: str, values: tuple[Any, ...]) -> list[Any]:
    try:
        return snapshot.database.reader().execute(query, values).fetchall()
    except sqlite3.Error as error:
        raise unreadable(snapshot.database.path, error) from error


def _add(found: dict[str, Any], name: str, row: Any) -> None:
    digest = found.setdefault(name, hashlib.sha256())
    digest.update(repr(row).encode("utf-8", "surrogatepass"))
