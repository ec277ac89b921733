"""The snapshot's SQLite file: its tables, one writer at a time, a reading connection a thread.

Write-ahead logging lets plan and apply read while a pull writes. A killed process leaves the
last whole transaction.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING

from runner.errors import StoreUnreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMAT = 2
APPLICATION_ID = 0x6B326E70
NAME = "snapshot.sqlite3"

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE definition (
  type TEXT NOT NULL, id TEXT NOT NULL, listed INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (type, id)
) WITHOUT ROWID;
CREATE TABLE record (
  resource TEXT NOT NULL, id INTEGER NOT NULL, sweep INTEGER NOT NULL, updated_at TEXT,
  gone INTEGER NOT NULL DEFAULT 0, archived INTEGER NOT NULL DEFAULT 0,
  post_count INTEGER, state TEXT, case_id INTEGER, body BLOB NOT NULL,
  PRIMARY KEY (resource, id)
);
CREATE INDEX record_state ON record (resource, gone, id, sweep, archived);
CREATE INDEX record_of_case ON record (resource, case_id, id) WHERE case_id IS NOT NULL;
CREATE TABLE thread (
  case_id INTEGER PRIMARY KEY, updated_at TEXT, post_count INTEGER,
  missing INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE TABLE file (key TEXT PRIMARY KEY, sha256 TEXT, size INTEGER, error TEXT) WITHOUT ROWID;
CREATE TABLE beside (
  kind TEXT NOT NULL, id INTEGER NOT NULL, wanted TEXT, stamp TEXT, body BLOB,
  PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE TABLE field_use (
  type TEXT NOT NULL, id TEXT NOT NULL, option TEXT NOT NULL, longest INTEGER, largest INTEGER,
  PRIMARY KEY (type, id, option)
) WITHOUT ROWID;
"""


_NEXT_GENERATION = (
    "INSERT INTO meta VALUES ('generation', '1')"
    " ON CONFLICT DO UPDATE SET value = CAST(value AS INTEGER) + 1"
)
"""Counts transactions: what was computed from one generation does not hold for the next."""


class _Connection(sqlite3.Connection):
    """A connection that can be referred to weakly and goes with its thread."""

    def __del__(self) -> None:
        self.close()


class Database:
    """Connections to one snapshot file.

    Args:
        folder: Where the file lies; created with mode 0700 unless ``read_only``.
        read_only: Never write, and require the file to exist.

    Raises:
        StoreUnreadable: The file is damaged, of another format, or absent in ``read_only``.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self.path = folder / NAME
        self._read_only = read_only
        self._local = threading.local()
        self._readers: weakref.WeakSet[sqlite3.Connection] = weakref.WeakSet()
        self._lock = threading.RLock()
        self._depth = 0
        self._writer: sqlite3.Connection | None = None
        if read_only and not self.path.exists():
            raise StoreUnreadable(
                f"There is no snapshot in {folder}.", advice="Run migrate pull first."
            )
        try:
            self._open(folder)
        except sqlite3.Error as error:
            raise unreadable(self.path, error) from error

    def _open(self, folder: Path) -> None:
        if not self._read_only:
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
            # SQLite gives its side files the mode of the file itself.
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            self._writer = self._connect()
            self._create(self._writer)
        self._check(self.reader())

    def _connect(self) -> sqlite3.Connection:
        mode = "ro" if self._read_only else "rw"
        uri = f"{self.path.resolve().as_uri()}?mode={mode}"
        connection = sqlite3.connect(
            uri,
            uri=True,
            timeout=60,
            isolation_level=None,
            check_same_thread=False,
            factory=_Connection,
        )
        if not self._read_only:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def _create(self, connection: sqlite3.Connection) -> None:
        if self._is_made(connection):
            return
        with self.write():
            if self._is_made(connection):
                return
            for statement in _TABLES.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {FORMAT}")

    @staticmethod
    def _is_made(connection: sqlite3.Connection) -> bool:
        return bool(connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone())

    def _check(self, connection: sqlite3.Connection) -> None:
        ours = connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
        found = connection.execute("PRAGMA user_version").fetchone()[0]
        if not ours or found != FORMAT:
            raise StoreUnreadable(
                f"{self.path} is not a snapshot of format {FORMAT}"
                + (f" but of format {found}." if ours else "."),
                advice="Use the version of migrate that wrote it, or move the folder away and "
                "run migrate pull.",
            )

    def reader(self) -> sqlite3.Connection:
        """Return this thread's connection for reading."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect()
            connection.execute("PRAGMA query_only = ON")
            self._local.connection = connection
            self._readers.add(connection)
        return connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Give the writing connection in a transaction; nested uses join the outer one."""
        if self._writer is None:
            raise StoreUnreadable(f"{self.path} was opened for reading only.")
        with self._lock:
            if self._depth:
                yield self._writer
                return
            try:
                with self._transaction(self._writer):
                    yield self._writer
            except sqlite3.Error as error:
                raise unreadable(self.path, error) from error

    @contextmanager
    def _transaction(self, connection: sqlite3.Connection) -> Iterator[None]:
        connection.execute("BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
            connection.execute(_NEXT_GENERATION)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        finally:
            self._depth -= 1

    def fold(self) -> None:
        """Fold the write-ahead log into the file and empty it: nothing deleted stays readable."""
        if self._writer is not None:
            with self._lock:
                self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close every connection; the write-ahead log is folded into the file."""
        for connection in list(self._readers):
            connection.close()
        if self._writer is not None:
            with self._lock:
                self._writer.close()


def unreadable(path: Path, error: sqlite3.Error) -> StoreUnreadable:
    """Return the error for a snapshot that SQLite cannot read."""
    return StoreUnreadable(
        f"The snapshot {path} cannot be used: {error}.",
        advice="Free space or fix the permissions if that is the cause. migrate doctor says what "
        "is damaged; a damaged snapshot can be moved away and pulled again.",
    )
