"""A TinyDB storage that appends what changes instead of writing everything again.

Two files: the compacted one, plain TinyDB JSON, and beside it (``.journal``) what happened since.
Both carry the ledger's id and a *generation*: a compaction writes the next generation, and the
journal names the one it starts from. A journal of an older generation is therefore contained in
the compacted file already (the program died between the two steps) and is not applied again.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from threading import RLock
from time import monotonic
from typing import TYPE_CHECKING, Any, BinaryIO
from uuid import uuid4

from tinydb.storages import Storage

from runner.errors import StoreUnreadable
from runner.ledger.compacted import META, read_compacted, without_collector, write_compacted
from runner.ledger.files import aside, explained, make_folder, sync_folder
from runner.ledger.journal import Header, JournalReader, JournalWriter
from runner.ledger.operations import Documents, Operation, Tables, apply, encode

if TYPE_CHECKING:
    from collections.abc import Mapping

BATCH = 100
"""So many results wait at most before they are written."""

PATIENCE = 0.5
"""Seconds after which a waiting result is written with the next one."""

LARGE_JOURNAL = 64 << 20
"""Bytes from which a journal that a crash left is compacted when it is opened."""


class JournalStorage(Storage):
    """Documents in memory, changes in a journal, everything in one JSON file after ``close``.

    Attributes:
        lock: held while documents change; whoever reads several at once may hold it too.
        rewrites: grows when documents changed other than by ``record``, so indexes are stale.
        torn: bytes of an unfinished last line that the journal held when it was opened.
    """

    def __init__(self, path: str | Path, *, read_only: bool) -> None:
        """Open the ledger at ``path``, creating it when missing unless ``read_only``.

        Raises:
            StoreUnreadable: when a file is damaged or not ours.
            MigrateError: when a file cannot be written.
        """
        super().__init__()
        self.path = Path(path)
        self.journal_path = self.path.with_name(self.path.name + ".journal")
        self.read_only = read_only
        self.lock = RLock()
        self.rewrites = 0
        self.torn = 0
        self._tables: Tables = {}
        self._header = Header(ledger=uuid4().hex, generation=0)
        self._pending: list[str] = []
        self._pending_since = 0.0
        self._journal: JournalWriter | None = None
        self._closed = False
        self._load()

    def read(self) -> dict[str, dict[str, Any]]:
        """Return all tables, live: look, but do not change what is inside."""
        tables: dict[str, Any] = {META: {"1": asdict(self._header)}, **self._tables}
        return tables

    def write(self, data: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
        """Make ``data`` the whole content, durably; TinyDB's way to drop tables.

        Costs a comparison of all documents: not for a record's path.
        """
        with self.lock:
            for table in [name for name in self._tables if name not in data]:
                self.record(["drop", table])
            for table, documents in data.items():
                if table != META:
                    self.rewrite(table, documents)
            self.rewrites += 1
            self.flush()

    def rewrite(self, table: str, documents: Mapping[str, Mapping[str, Any]]) -> None:
        """Make ``documents`` the whole of ``table``, durably; journals only differences."""
        with self.lock:
            current = self.documents(table)
            for document_id in [known for known in current if known not in documents]:
                self.record(["remove", table, document_id])
            for document_id, document in documents.items():
                if current.get(document_id) != document:
                    self.record(["put", table, document_id, document])
            self.rewrites += 1
            self.flush()

    def documents(self, table: str) -> Documents:
        """Return the live documents of ``table`` by id, in the order they were first put."""
        found = self._tables.get(table)
        return Documents() if found is None else found

    def record(self, operation: Operation) -> None:
        """Carry out one operation (see ``runner.ledger.operations``) and keep it for the journal.

        Memory gets what the journal will hold, decoded, so later changes to the caller's objects
        do not matter.

        Raises:
            TypeError: for values that are not JSON; nothing has changed then.
            RuntimeError: when the ledger is closed or was opened for reading only.
        """
        with self.lock:
            self._check_writable()
            text = encode(operation)
            apply(self._tables, json.loads(text))
            if not self._pending:
                self._pending_since = monotonic()
            self._pending.append(text)

    def flush_if_due(self) -> None:
        """Flush when ``BATCH`` operations wait, or the first has waited for ``PATIENCE``."""
        if len(self._pending) >= BATCH or (
            self._pending and monotonic() - self._pending_since >= PATIENCE
        ):
            self.flush()

    def flush(self) -> None:
        """Append what waits to the journal, as one line, and wait until the disk has it.

        Raises:
            MigrateError: when the disk refuses; what waits goes on waiting for the next flush.
        """
        with self.lock, explained(self.journal_path):
            if self._pending:
                if self._journal is None:
                    self._journal = JournalWriter.create(self.journal_path, self._header)
                self._journal.append(f"[{','.join(self._pending)}]".encode())
                self._pending.clear()

    def close(self) -> None:
        """Flush, compact, remove the journal. Closing again does nothing.

        Raises:
            MigrateError: when the disk refuses; all that was flushed is in the journal.
        """
        with self.lock, ExitStack() as cleanup:
            cleanup.callback(self._release)
            if not self._closed:
                self.flush()
                if self._journal is not None:
                    self._compact()

    def discard(self) -> None:
        """Forget everything, durably.

        Raises:
            MigrateError: when the disk refuses; then nothing is forgotten.
        """
        with self.lock:
            self._check_writable()
            before, kept = self._header, self._tables
            self._tables = {}
            try:
                self._compact()
            finally:
                if self._header is before:
                    self._tables = kept
            self._pending.clear()
            self.rewrites += 1

    def _check_writable(self) -> None:
        if self._closed or self.read_only:
            state = "closed" if self._closed else "open for reading only"
            raise RuntimeError(f"{self.path}: the ledger is {state}")

    def _release(self) -> None:
        self._closed = True
        journal, self._journal = self._journal, None
        if journal is not None:
            with explained(self.journal_path):
                journal.close()

    def _compact(self) -> None:
        """Write the next generation; the journal goes when that is in place."""
        header = Header(ledger=self._header.ledger, generation=self._header.generation + 1)
        with explained(self.path):
            make_folder(self.path.parent)
            write_compacted(self.path, header, self._tables)
            self._header = header
            journal, self._journal = self._journal, None
            if journal is not None:
                journal.close()
            self.journal_path.unlink(missing_ok=True)
            sync_folder(self.path.parent)

    def _load(self) -> None:
        try:
            self._read_files()
        except OSError as error:
            raise StoreUnreadable(
                f"{error.filename or self.path}: the ledger cannot be read: {error.strerror}",
                advice="Give your user access to this file, then run again.",
            ) from error
        if self.read_only:
            return
        with ExitStack() as on_failure:
            on_failure.callback(self._release)
            with explained(self.path):
                aside(self.path).unlink(missing_ok=True)
                aside(self.journal_path).unlink(missing_ok=True)
            large = self._journal is not None and self._journal.size >= LARGE_JOURNAL
            if large or self._header.generation == 0:
                self._compact()
            on_failure.pop_all()

    def _read_files(self) -> None:
        with ExitStack() as stack:
            # The journal is opened first: should another process compact between the two
            # steps, it is then older than the compacted file, never newer.
            journal = self._open_journal(stack)
            if self.path.exists():
                self._header, self._tables = read_compacted(self.path)
            if journal is not None:
                self._replay(journal)

    def _open_journal(self, stack: ExitStack) -> JournalReader | None:
        try:
            file: BinaryIO = stack.enter_context(self.journal_path.open("rb"))
        except FileNotFoundError:
            return None
        return JournalReader(self.journal_path, file)

    def _replay(self, journal: JournalReader) -> None:
        """Apply the journal to the compacted content, and go on writing to it."""
        ours, theirs = self._header, journal.header
        if theirs.ledger != ours.ledger or theirs.generation > ours.generation:
            raise self._mismatch()
        if theirs.generation < ours.generation:
            if not self.read_only:
                self.journal_path.unlink(missing_ok=True)
            return
        try:
            with without_collector():
                for batch in journal:
                    for operation in batch:
                        apply(self._tables, operation)
        except (KeyError, ValueError) as error:
            raise self._mismatch() from error
        self.torn = journal.torn
        if not self.read_only:
            self._journal = JournalWriter(
                self.journal_path, size=journal.size, checksum=journal.checksum
            )

    def _mismatch(self) -> StoreUnreadable:
        return StoreUnreadable(
            f"{self.journal_path}: belongs to another state of {self.path.name} than the one "
            "that is there",
            advice="Restore both files from the same backup. migrate doctor says what can be "
            "saved without one. Or move the journal away to go on without what it holds, and look "
            "at `migrate plan` before you apply.",
        )
