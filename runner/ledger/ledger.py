"""The ledger of one target: results an entity, the target it belongs to, and the runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from runner.ledger.results import Results
from runner.ledger.table import JournalDatabase, JournalTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

    from runner.ledger.operations import Document

_TARGET = "target"
_RUNS = "runs"


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Ledger:
    """Everything the runner remembers of what it wrote to one Zammad.

    One process at a time may open it for writing: hold the ``RunLock``. Readers may come at any
    time and see what counted at that moment. All methods may be called from any thread.
    """

    def __init__(self, database: JournalDatabase) -> None:
        self._database = database
        self._storage = database.journal_storage
        self._results: dict[str, Results] = {}

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False) -> Ledger:
        """Open the ledger at ``path``; a missing one is created (in memory for readers).

        A last journal line that a crash has torn is dropped: it never counted (``torn`` says
        how many bytes). Files get mode 0600, a folder that is created 0700.

        Raises:
            StoreUnreadable: when a file is damaged elsewhere, of another format, or not ours;
                says at which byte and what can be done.
            MigrateError: when it cannot be written.
        """
        return cls(JournalDatabase(path, read_only=read_only))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def database(self) -> JournalDatabase:
        """The TinyDB database underneath, for queries; its tables are named as the entities."""
        return self._database

    @property
    def torn(self) -> int:
        """Bytes of an unfinished last line that were found, and left out, when opening."""
        return self._storage.torn

    def table(self, entity: str) -> Results:
        """Return the results of ``entity``: always the same object for the same name."""
        with self._storage.lock:
            if entity not in self._results:
                self._results[entity] = Results(self._table(entity))
            return self._results[entity]

    def documents(self, entity: str) -> Iterator[Document]:
        """Yield the documents of ``entity`` as they are now, in the order they were first put."""
        return iter(self.table(entity))

    @property
    def target(self) -> Document:
        """The document about the target: address, fingerprint, settings; {} when not saved yet.

        It is the stored one: use ``save_target`` to change it.
        """
        return self._storage.documents(_TARGET).get("1", {})

    def save_target(self, document: Mapping[str, Any]) -> None:
        """Replace the document about the target, durably.

        Raises:
            MigrateError: when the disk refuses.
        """
        with self._storage.lock:
            self._table(_TARGET).put_document("1", dict(document))
            self._storage.flush()

    def start_run(
        self,
        kind: str,
        *,
        started_at: str | None = None,
        scope: str = "",
        plan: str | None = None,
    ) -> int:
        """Note durably that a run (``apply``, ``finish`` or ``reset``) began; return its id.

        Args:
            kind: the word of the command.
            started_at: like ``2021-08-27T10:49:56Z``; now, when left out.
            scope: which part of the whole it is about; empty: all of it.
            plan: digest of the saved plan that it carries out.

        Raises:
            MigrateError: when the disk refuses.
        """
        with self._storage.lock:
            run_id = max(map(int, self._storage.documents(_RUNS)), default=0) + 1
            run: Document = {
                "kind": kind,
                "started_at": started_at or _now(),
                "finished_at": None,
                "outcome": None,
                "counts": {},
                **({"plan": plan} if plan else {}),
            }
            if scope:
                run["scope"] = scope
            self._table(_RUNS).put_document(str(run_id), run)
            self._storage.flush()
            return run_id

    def update_run(self, run_id: int, counts: Mapping[str, Mapping[str, int]]) -> None:
        """Replace the counts of a run (``{"Groups": {"skipped": 0, …}, …}``); buffered.

        Raises:
            KeyError: when there is no such run.
            MigrateError: when a flush was due and the disk refused.
        """
        with self._storage.lock:
            self._patch_run(run_id, {"counts": dict(counts)})
            self._storage.flush_if_due()

    def note_run(self, run_id: int, facts: Mapping[str, Any]) -> None:
        """Write down durably what else is to be known of a run, such as ``accepted`` or ``backup``.

        Raises:
            KeyError: when there is no such run.
            MigrateError: when the disk refuses.
        """
        with self._storage.lock:
            self._patch_run(run_id, dict(facts))
            self._storage.flush()

    def note_pace(self, run_id: int, pace: Mapping[str, list[list[float]]]) -> None:
        """Replace how fast a run goes, see ``runner.engine.pace``; buffered.

        Raises:
            KeyError: when there is no such run.
            MigrateError: when a flush was due and the disk refused.
        """
        with self._storage.lock:
            self._patch_run(run_id, {"pace": {step: list(rows) for step, rows in pace.items()}})
            self._storage.flush_if_due()

    def note_requests(self, run_id: int, requests: Mapping[str, Any]) -> None:
        """Replace how long requests of a run took; buffered.

        Args:
            run_id: The run.
            requests: ``{"workers": 4, "kinds": {"articles": [requests, seconds], …}}``.

        Raises:
            KeyError: when there is no such run.
            MigrateError: when a flush was due and the disk refused.
        """
        with self._storage.lock:
            self._patch_run(run_id, {"requests": dict(requests)})
            self._storage.flush_if_due()

    def finish_run(
        self,
        run_id: int,
        outcome: str,
        counts: Mapping[str, Mapping[str, int]] | None = None,
        *,
        finished_at: str | None = None,
    ) -> None:
        """Note durably how a run ended, with its last counts (None: as they are).

        Raises:
            KeyError: when there is no such run.
            MigrateError: when the disk refuses.
        """
        changes: Document = {"outcome": outcome, "finished_at": finished_at or _now()}
        if counts is not None:
            changes["counts"] = dict(counts)
        with self._storage.lock:
            self._patch_run(run_id, changes)
            self._storage.flush()

    def runs(self) -> list[Document]:
        """Return all runs, oldest first: kind, started_at, finished_at, outcome, counts, and more.

        ``finished_at`` and ``outcome`` are None while a run is under way, and after a crash.
        ``pace`` is there where records were counted, see ``note_pace``, ``requests`` where some
        were sent, see ``note_requests``, and ``scope`` where a run was about a part; more where
        it was noted.
        """
        with self._storage.lock:
            return list(self._storage.documents(_RUNS).values())

    def flush(self) -> None:
        """Make everything put so far survive a crash.

        Raises:
            MigrateError: when the disk refuses; nothing that counted before is lost.
        """
        self._storage.flush()

    def close(self) -> None:
        """Flush, and leave one plain TinyDB file without a journal. Again does nothing.

        Raises:
            MigrateError: when the disk refuses; all that counted is in the journal.
        """
        self._database.close()

    def discard(self) -> None:
        """Forget everything, target and runs too, durably; the ledger stays open, empty.

        Raises:
            MigrateError: when the disk refuses; then nothing is forgotten.
        """
        self._storage.discard()

    def _patch_run(self, run_id: int, changes: Document) -> None:
        self._table(_RUNS).patch_document(str(run_id), changes)

    def _table(self, name: str) -> JournalTable:
        table = self._database.table(name)
        if not isinstance(table, JournalTable):
            raise TypeError(f"{name}: not a table over the journal")
        return table
