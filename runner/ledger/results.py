"""What became of the records of one entity: documents found by their Kayako id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from runner.ledger.operations import Document
    from runner.ledger.table import JournalTable


class Results:
    """The documents of one entity (``groups``, ``organizations``, ``users``, ``tickets``).

    A document is ``{source_id, target_id, status, action, adopted, before, fingerprint, applied,
    deferred, children, notes, at}``; only ``source_id``, a string, is required here. Children of
    a ticket are ``{"posts": {post id: [target id, digest]}, "time": {…}}``; their ids are strings.
    ``originals``, ``{post id: message id}``, lists articles that carry the id of a mail.

    Documents handed out are the stored ones, not copies: do not change them, use ``put`` or
    ``patch``. Later patches do not show in the fields of a document already handed out, but its
    ``children`` may grow. Documents handed in are copied and may be used again.

    What is put counts, that is: survives a crash, after ``flush``, after ``put_durably``, and by
    itself once 100 results wait or, at the next put, half a second has passed. All methods may
    be called from any thread.
    """

    def __init__(self, table: JournalTable) -> None:
        self._table = table
        self._storage = table.journal_storage
        self._seen = -1
        self._next_id = 1
        self._ids: dict[str, str] = {}
        self._by_target: dict[int, list[str]] | None = None

    def get(self, source_id: str) -> Document | None:
        """Return the document of ``source_id``, or None; costs the same at any size."""
        document_id = self._current_ids().get(source_id)
        return None if document_id is None else self._table.documents.get(document_id)

    def put(self, document: Mapping[str, Any]) -> None:
        """Insert ``document``, or replace the one with its ``source_id`` (at its old place).

        Raises:
            TypeError: for values that JSON does not know, or a ``source_id`` that is no string.
            MigrateError: when a flush was due and the disk refused.
        """
        with self._storage.lock:
            self._put(document)
            self._storage.flush_if_due()

    def put_durably(self, documents: Iterable[Mapping[str, Any]]) -> None:
        """Put all ``documents`` and flush once: intents, before their records are sent.

        Raises:
            MigrateError: when the disk refuses: then do not send them.
        """
        with self._storage.lock:
            for document in documents:
                self._put(document)
            self._storage.flush()

    def patch(
        self,
        source_id: str,
        changes: Mapping[str, Any],
        children: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """Replace the keys in ``changes``, and add ``children`` (kind → id → entry).

        Writes only what is given: thousands of children may be added one by one.

        Raises:
            KeyError: when ``source_id`` is not known.
            ValueError: when ``changes`` name another ``source_id``.
            MigrateError: when a flush was due and the disk refused.
        """
        with self._storage.lock:
            document_id = self._current_ids()[source_id]
            if changes.get("source_id", source_id) != source_id:
                raise ValueError(f"{self._table.name}/{source_id}: a source_id never changes")
            self._forget_target(document_id)
            self._table.patch_document(
                document_id,
                dict(changes),
                {kind: dict(entries) for kind, entries in (children or {}).items()} or None,
            )
            self._remember_target(document_id)
            self._storage.flush_if_due()

    def remove(self, source_id: str) -> None:
        """Forget the document of ``source_id``; nothing happens when there is none.

        Raises:
            MigrateError: when a flush was due and the disk refused.
        """
        with self._storage.lock:
            document_id = self._current_ids().get(source_id)
            if document_id is None:
                return
            self._forget_target(document_id)
            self._table.remove_document(document_id)
            del self._ids[source_id]
            self._storage.flush_if_due()

    def by_target(self, target_id: int) -> list[str]:
        """Return the source ids that became ``target_id``, in the order they were put.

        There are several where records were merged into one. The first call builds an index.
        """
        with self._storage.lock:
            self._current_ids()
            if self._by_target is None:
                self._by_target = {}
                for document_id in self._table.documents:
                    self._remember_target(document_id)
            return list(self._by_target.get(target_id, ()))

    def __iter__(self) -> Iterator[Document]:
        """Yield the documents that are there now, in the order they were first put."""
        return self._now(backwards=False)

    def __reversed__(self) -> Iterator[Document]:
        """Yield the documents that are there now, the last one first."""
        return self._now(backwards=True)

    def __len__(self) -> int:
        return len(self._table.documents)

    def __contains__(self, source_id: object) -> bool:
        return source_id in self._current_ids()

    def _now(self, *, backwards: bool) -> Iterator[Document]:
        with self._storage.lock:
            found = self._table.documents.now(backwards=backwards)
        return (document for _, document in found)

    def _put(self, document: Mapping[str, Any]) -> None:
        source_id = document.get("source_id")
        if not isinstance(source_id, str):
            raise TypeError(f"{self._table.name}: source_id {source_id!r} is no string")
        document_id = self._current_ids().get(source_id)
        if document_id is None:
            document_id = str(self._next_id)
        self._forget_target(document_id)
        self._table.put_document(document_id, dict(document))
        if source_id not in self._ids:
            self._ids[source_id] = document_id
            self._next_id += 1
        self._remember_target(document_id)

    def _current_ids(self) -> dict[str, str]:
        """Return the index, made anew when TinyDB's own methods went past it."""
        if self._seen != self._storage.rewrites:
            with self._storage.lock:
                documents = self._table.documents
                self._ids = {
                    document["source_id"]: document_id
                    for document_id, document in documents.items()
                    if "source_id" in document
                }
                self._next_id = max(map(int, documents), default=0) + 1
                self._by_target = None
                self._seen = self._storage.rewrites
        return self._ids

    def _forget_target(self, document_id: str) -> None:
        known = self._table.documents.get(document_id)
        if self._by_target is None or known is None or known.get("target_id") is None:
            return
        self._by_target[known["target_id"]].remove(known["source_id"])

    def _remember_target(self, document_id: str) -> None:
        document = self._table.documents[document_id]
        if self._by_target is not None and document.get("target_id") is not None:
            self._by_target.setdefault(document["target_id"], []).append(document["source_id"])
