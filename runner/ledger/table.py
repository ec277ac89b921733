"""TinyDB's table and database over the journal: a change touches one document, not all."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, cast

from tinydb import TinyDB
from tinydb.table import Document as TinyDocument
from tinydb.table import Table

from runner.ledger.storage import JournalStorage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tinydb.queries import QueryLike

    from runner.ledger.operations import Document, Documents


class JournalTable(Table):
    """A TinyDB table with writing methods of its own, at the price of one document.

    TinyDB's writing methods work as well; they copy and compare the whole table, and are durable
    when they return. Ours wait for ``JournalStorage.flush``.
    """

    @property
    def journal_storage(self) -> JournalStorage:
        """The storage this table lives in."""
        return cast("JournalStorage", self._storage)

    @property
    def documents(self) -> Documents:
        """The live documents by id (digits in a string), in the order they were first put."""
        return self.journal_storage.documents(self.name)

    def put_document(self, document_id: str, document: Document) -> None:
        """Insert or replace one document."""
        self._record(["put", self.name, document_id, document])

    def patch_document(
        self, document_id: str, changes: Document, children: dict[str, Document] | None = None
    ) -> None:
        """Replace some keys of one document and add ``children`` by kind and id.

        Raises:
            KeyError: when there is no such document.
        """
        self._record(["patch", self.name, document_id, changes, children])

    def remove_document(self, document_id: str) -> None:
        """Remove one document.

        Raises:
            KeyError: when there is no such document.
        """
        self._record(["remove", self.name, document_id])

    def _record(self, operation: list[Any]) -> None:
        self.journal_storage.record(operation)
        self._next_id = None  # TinyDB's own count of ids does not see ours
        self.clear_cache()

    def search(self, cond: QueryLike) -> list[TinyDocument]:
        """Return the documents that match, as TinyDB does; walks over all."""
        with self.journal_storage.lock:
            return super().search(cond)

    def __iter__(self) -> Iterator[TinyDocument]:
        with self.journal_storage.lock:
            current = self.documents.now()
        for document_id, document in current:
            yield TinyDocument(document, int(document_id))

    def _update_table(self, updater: Callable[[dict[int, Any]], Any]) -> None:
        """Let TinyDB's writing methods change a copy, and journal what differs."""
        with self.journal_storage.lock:
            table = {int(key): deepcopy(document) for key, document in self.documents.items()}
            updater(table)
            changed = {str(key): document for key, document in table.items()}
            self.journal_storage.rewrite(self.name, changed)
            self.clear_cache()


class JournalDatabase(TinyDB):
    """TinyDB with ``JournalTable`` over ``JournalStorage``."""

    table_class = JournalTable

    def __init__(self, path: str | Path, *, read_only: bool) -> None:
        """Open the database at ``path``; see ``JournalStorage``.

        Raises:
            StoreUnreadable: when a file is damaged or not ours.
            MigrateError: when a file cannot be written.
        """
        super().__init__(path, read_only=read_only, storage=JournalStorage)

    @property
    def journal_storage(self) -> JournalStorage:
        """The storage of this database."""
        return cast("JournalStorage", self.storage)
