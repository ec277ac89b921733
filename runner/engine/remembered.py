"""What a plan remembers of the last one, so that an edit of a mapping is planned in seconds.

Reading, expanding and transforming the posts of a conversation takes most of a plan, and most edits
do not touch it. A file beside the snapshot keeps each case's expanded record, and of its thread
what plan looks at: who is named, which ids and times articles have, what is skipped and lost. Both
count only for the very state of snapshot and mappings that they were made from; when in doubt they
are made anew. The file can be removed at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import zlib
from typing import TYPE_CHECKING, Any

from runner import __version__
from runner.engine.change import Child, references_in
from runner.engine.threads import Thread, Threads
from runner.mapping.model import Note, Reference
from runner.snapshot.census import Census, take

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from runner.engine.world import World
    from runner.errors import MigrateError

FORMAT = "2"
_A_BATCH = 500
_READ = {
    "record": "SELECT record FROM item WHERE case_id = ?",
    "thread": "SELECT thread FROM item WHERE case_id = ?",
}
MARK = "mark"
"""What stands for the content of an article that is not kept itself."""
_KEPT = ("created_at", "message_id")
"""Fields of an article that plan looks at, beside those that refer to records."""


class RememberedThreads(Threads):
    """Threads that are kept in a file from one plan to the next.

    Articles that come out of it hold only what plan looks at: nothing can be written with them.
    """

    def __init__(self, file: Path, world: World) -> None:
        """Open the file; one that cannot be used is left alone and nothing is remembered."""
        self._connection: sqlite3.Connection | None = None
        self._rows: list[tuple[int, bytes | None, bytes | None]] = []
        self._thread_key = _thread_key(world)
        with contextlib.suppress(sqlite3.Error, OSError):
            self._connection = _opened(file, world.snapshot.generation)

    def record(self, world: World, case_id: int | str) -> dict[str, Any] | None:
        """Return an expanded case, None when there is none."""
        known = self._read("record", case_id)
        if known is not None:
            record: dict[str, Any] = known
            return record
        found = super().record(world, case_id)
        if found is not None:
            self._write(int(case_id), record=found)
        return found

    def read(
        self,
        world: World,
        record: dict[str, Any],
        bodies: Callable[[int], MigrateError | None] | None = None,
    ) -> Thread:
        """Return what the posts of an expanded case become, as far as plan looks at it."""
        known = self._read("thread", record["id"])
        if known is not None and known[0] == self._thread_key:
            return _thread(known)
        thread = super().read(world, record, bodies)
        self._write(int(record["id"]), thread=_plain(self._thread_key, thread))
        return thread

    def census(self, world: World) -> Census:
        """Return what Kayako holds, counted once for each state of the snapshot."""
        if self._connection is None:
            return take(world.snapshot)
        with contextlib.suppress(sqlite3.Error, ValueError, TypeError):
            row = self._connection.execute("SELECT value FROM census").fetchone()
            if row is not None:
                return Census(**json.loads(row[0]))
        found = take(world.snapshot)
        with contextlib.suppress(sqlite3.Error), self._connection:
            text = json.dumps(found.as_json())
            self._connection.execute("INSERT INTO census VALUES (?)", (text,))
        return found

    def close(self) -> None:
        """Write what is new and close the file."""
        self._flush()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _read(self, column: str, case_id: int | str) -> Any:
        if self._connection is None:
            return None
        try:
            row = self._connection.execute(_READ[column], (int(case_id),)).fetchone()
            return None if row is None or row[0] is None else json.loads(zlib.decompress(row[0]))
        except (sqlite3.Error, zlib.error, ValueError):
            return None

    def _write(self, case_id: int, *, record: Any = None, thread: Any = None) -> None:
        if self._connection is None:
            return
        self._rows.append((case_id, _packed(record), _packed(thread)))
        if len(self._rows) >= _A_BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._connection is None or not self._rows:
            return
        # Another plan may hold the file, or the disk be full: then the next plan takes longer.
        with contextlib.suppress(sqlite3.Error), self._connection:
            self._connection.executemany(
                "INSERT INTO item (case_id, record, thread) VALUES (?, ?, ?)"
                " ON CONFLICT DO UPDATE SET record = coalesce(excluded.record, record),"
                " thread = coalesce(excluded.thread, thread)",
                self._rows,
            )
        self._rows.clear()


def forget(file: Path) -> None:
    """Remove the file, and what SQLite keeps beside it."""
    for name in (file.name, f"{file.name}-journal"):
        file.with_name(name).unlink(missing_ok=True)


def _opened(file: Path, generation: int) -> sqlite3.Connection:
    """Open the file, made anew where it belongs to another state of the snapshot."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(file, timeout=1)
    connection.execute("PRAGMA synchronous = OFF")
    state = f"{FORMAT} {__version__} {generation}"
    with connection:
        connection.execute("CREATE TABLE IF NOT EXISTS state (value TEXT)")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS item"
            " (case_id INTEGER PRIMARY KEY, record BLOB, thread BLOB)"
        )
        connection.execute("CREATE TABLE IF NOT EXISTS census (value TEXT)")
        if connection.execute("SELECT value FROM state").fetchone() != (state,):
            connection.execute("DELETE FROM state")
            connection.execute("DELETE FROM item")
            connection.execute("DELETE FROM census")
            connection.execute("INSERT INTO state VALUES (?)", (state,))
    return connection


def generation_of(file: Path) -> int | None:
    """Return of which state of the snapshot a file is; None where that cannot be told."""
    if not file.exists():
        return None
    with (
        contextlib.suppress(sqlite3.Error, ValueError, TypeError),
        contextlib.closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as held,
    ):
        return int(held.execute("SELECT value FROM state").fetchone()[0].split()[-1])
    return None


def _thread_key(world: World) -> str:
    """Return what threads depend on beside the snapshot: rules of articles, and where links lead.

    Links lead to the numbers of tickets that move, so of tickets these rules count, too.
    """
    tickets = world.mappings.entities["tickets"].data
    parts = [
        world.mappings.digest("articles"),
        {name: tickets.get(name) for name in ("skip", "only_if")},
        (tickets.get("zammad_fields") or {}).get("number"),
        world.go_live.isoformat(),
        world.original_message_ids,
        world.kayako_host,
        sorted(world.kayako_hosts),
        world.zammad_url,
        str(world.keep_since),
        str(world.filters),
        len(world.ledger.table("tickets")),
    ]
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _packed(value: Any) -> bytes | None:
    if value is None:
        return None
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode("utf-8", "surrogatepass"), 1)


def _plain(key: str, thread: Thread) -> list[Any]:
    """Return a thread as JSON values."""
    children = [
        [child.source_id, child.digest, _kept(child.payload), child.own_id, child.original_id]
        for child in thread.children
    ]
    notes = [[note.kind, note.field, note.text] for note in thread.notes]
    return [key, thread.first_reply, children, thread.skipped, thread.failures, notes]


def _kept(payload: dict[str, Any]) -> dict[str, Any]:
    kept = {name: payload[name] for name in _KEPT if name in payload}
    references = [[r.entity, r.source_id, r.name, r.placeholder] for r in references_in(payload)]
    return {**kept, "references": references, MARK: mark(payload)}


def mark(payload: dict[str, Any]) -> int:
    """Return a number that tells one article's content from another's."""
    if MARK in payload:
        return int(payload[MARK])
    return zlib.crc32(repr(payload).encode("utf-8", "surrogatepass"))


def _thread(plain: list[Any]) -> Thread:
    _, first_reply, children, skipped, failures, notes = plain
    return Thread(
        first_reply,
        tuple(
            Child(source_id, digest, _restored(payload), own_id, original_id)
            for source_id, digest, payload, own_id, original_id in children
        ),
        tuple((post_id, reason) for post_id, reason in skipped),
        tuple(failures),
        tuple(Note(*note) for note in notes),
    )


def _restored(payload: dict[str, Any]) -> dict[str, Any]:
    return {**payload, "references": [Reference(*one) for one in payload["references"]]}
