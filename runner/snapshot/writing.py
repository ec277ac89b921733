"""What a pull writes into the snapshot: pages of records, sweeps, threads with their files.

A *sweep* is one complete reading of a list. Each row carries the number of the last sweep that
saw it; only a sweep that reached its end may say that others are gone.
"""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from runner.snapshot.cut import Definition, cut, reference_id
from runner.snapshot.erasing import stub
from runner.snapshot.noticing import Noticing
from runner.snapshot.opened import PAGE
from runner.snapshot.shaping import shaped
from runner.snapshot.store import ERASED, Snapshot
from runner.snapshot.values import Json, number, pack, timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_INLINE = {
    "users": frozenset({"emails", "phones", "twitter", "facebook"}),
    "organizations": frozenset({"domains"}),
}
_REMEMBERED = 50_000
_SAVE_RECORD = (
    "INSERT INTO record"
    " (resource, id, sweep, updated_at, gone, archived, post_count, state, case_id, body)"
    " VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET sweep = excluded.sweep,"
    " updated_at = excluded.updated_at, gone = 0, archived = excluded.archived,"
    " post_count = excluded.post_count, state = excluded.state, case_id = excluded.case_id,"
    " body = excluded.body"
)
# What a list says wins over copies in records; of copies the fuller one.
_SAVE_DEFINITION = (
    "INSERT INTO definition VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
    " listed = excluded.listed, body = excluded.body WHERE excluded.listed OR"
    " (NOT definition.listed AND length(excluded.body) >= length(definition.body))"
)


class StoredFile(NamedTuple):
    """A file of a post: its key, and either its digest and size or why it is missing."""

    key: str
    sha256: str | None
    size: int | None
    error: str | None


class Saved(NamedTuple):
    """What a page brought: rows that changed since the last pull, rows new to this sweep."""

    changed: int
    moved: int


class _Known(NamedTuple):
    """What the snapshot has of a record."""

    sweep: int
    updated_at: str | None
    post_count: int | None
    state: str | None


class Writer:
    """Writes into one snapshot; safe for threads."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._lock = threading.Lock()
        self._seen: dict[tuple[str, str], int] = {}
        self._noticing = Noticing(snapshot.lookup)

    def page(self, resource: str, data: list[Json], *, sweep: int, archived: bool = False) -> Saved:
        """Save one page of a list."""
        changed = moved = 0
        definitions: list[Definition] = []
        rows, kept = [], []
        for item in map(shaped, data):
            identifier = number(item.get("id"))
            if identifier is None:
                continue
            known = self._known(resource, identifier)
            # What somebody asked to erase does not come back with the next pull.
            row = stub(resource, identifier) if known and known.state == ERASED else item
            stored, found = cut(row, _INLINE.get(resource, frozenset()))
            kept.append(stored)
            definitions += found
            updated_at, posts = timestamp(row.get("updated_at")), number(row.get("post_count"))
            changed += known is None or known[1:3] != (updated_at, posts)
            moved += known is None or known[:2] != (sweep, updated_at)
            belongs = (_word(row.get("state")), _case_of(row), pack(stored))
            rows.append((resource, identifier, sweep, updated_at, int(archived), posts, *belongs))
        with self._snapshot.database.write() as connection:
            connection.executemany(_SAVE_RECORD, rows)
            self._define(definitions)
            self._noticing.records(connection, resource, kept)
        if resource != "cases":
            self._snapshot.lookup.clear()
        return Saved(changed, moved)

    def keep(self, resource: str, item: Json, *, sweep: int) -> None:
        """Save a record that was asked for by its id; which list it belongs to stays as it was."""
        row = (
            self._snapshot.database.reader()
            .execute(
                "SELECT archived FROM record WHERE resource = ? AND id = ?",
                (resource, item["id"]),
            )
            .fetchone()
        )
        self.page(resource, [item], sweep=sweep, archived=bool(row and row[0]))

    def listed(self, kind: str, data: Iterable[Json]) -> int:
        """Save a list of definitions (statuses, fields, brands…); return how many."""
        rows, found = [], []
        for item in data:
            identifier = reference_id(item)
            if identifier is None:
                continue
            body: Json = {}
            for key, value in item.items():
                if isinstance(value, dict):
                    reference, nested = cut({key: value})
                    body |= reference
                    found += nested
                else:
                    body[key] = value
            rows.append((kind, identifier, 1, json.dumps(body)))
        with self._snapshot.database.write() as connection:
            connection.executemany(_SAVE_DEFINITION, rows)
            self._define(found)
        self._snapshot.lookup.clear()
        return len(rows)

    def next_sweep(self, resource: str) -> int:
        """Return the number of the sweep to write: an unfinished one goes on."""
        state = self._snapshot.meta(f"sweep {resource}") or {"number": 0, "complete": True}
        return int(state["number"]) + (1 if state["complete"] else 0)

    def last_sweep(self, resource: str) -> int:
        """Return the number of the last sweep that was begun, 0 before the first."""
        return int((self._snapshot.meta(f"sweep {resource}") or {"number": 0})["number"])

    def sweep_position(self, resource: str, part: str) -> int:
        """Return how many rows of ``part`` of an unfinished sweep were read."""
        state = self._snapshot.meta(f"sweep {resource}") or {}
        return 0 if state.get("complete", True) else int(state.get(part, 0))

    def mark_sweep(self, resource: str, sweep: int, **parts: int) -> None:
        """Remember how far a sweep has come."""
        state = self._snapshot.meta(f"sweep {resource}") or {}
        kept = state if state.get("number") == sweep else {}
        state = {**kept, **parts, "number": sweep, "complete": False}
        self._snapshot.set_meta(f"sweep {resource}", state)

    def end_sweep(self, resource: str, sweep: int) -> None:
        """Remember that a sweep reached its end."""
        self._snapshot.set_meta(f"sweep {resource}", {"number": sweep, "complete": True})

    def swept(self, resource: str, sweep: int, *, archived: bool = False) -> int:
        """Return how many distinct records a sweep saw, without hidden conversations."""
        connection = self._snapshot.database.reader()
        row = connection.execute(
            "SELECT count(*) FROM record"
            " WHERE resource = ? AND gone = 0 AND sweep = ? AND archived = ?"
            " AND (state IS NULL OR state NOT IN ('TRASH', 'SUSPENDED'))",
            (resource, sweep, int(archived)),
        ).fetchone()
        return int(row[0])

    def swept_hidden(self, state: str, sweep: int) -> int:
        """Return how many conversations in a hidden state a sweep saw."""
        connection = self._snapshot.database.reader()
        row = connection.execute(
            "SELECT count(*) FROM record"
            " WHERE resource = 'cases' AND gone = 0 AND sweep = ? AND state = ?",
            (sweep, state),
        ).fetchone()
        return int(row[0])

    def unswept(self, resource: str, sweep: int) -> Iterator[int]:
        """Yield the ids of records that a sweep did not see and that are not known to be gone."""
        last = -1
        query = (
            "SELECT id FROM record WHERE resource = ? AND gone = 0 AND sweep < ? AND id > ?"
            " ORDER BY id LIMIT ?"
        )
        while True:
            connection = self._snapshot.database.reader()
            rows = connection.execute(query, (resource, sweep, last, PAGE)).fetchall()
            if not rows:
                return
            for (identifier,) in rows:
                last = identifier
                yield identifier

    def mark_gone(self, resource: str, identifier: int) -> None:
        """Remember that Kayako no longer has a record."""
        with self._snapshot.database.write() as connection:
            connection.execute(
                "UPDATE record SET gone = 1 WHERE resource = ? AND id = ?", (resource, identifier)
            )
        self._snapshot.lookup.clear()

    def thread(
        self,
        case_id: int,
        header: tuple[str | None, int | None],
        found: list[Json],
        files: list[StoredFile],
        *,
        missing: int,
    ) -> None:
        """Save a conversation's posts and files in one transaction.

        Args:
            case_id: Whose posts.
            header: The conversation's ``updated_at`` and ``post_count`` before they were read.
            found: The posts as Kayako sent them.
            files: Their files.
            missing: How many announced posts did not come.
        """
        stored, definitions = [], []
        for post in found:
            body, nested = cut(post)
            stored.append(body)
            definitions += nested
        with self._snapshot.database.write() as connection:
            self._define(definitions)
            self._noticing.people(connection, stored)
            connection.execute(
                "INSERT OR REPLACE INTO thread VALUES (?, ?, ?, ?, ?)",
                (case_id, *header, missing, pack(stored)),
            )
            connection.executemany("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)", files)

    def beside(
        self,
        kind: str,
        identifier: int,
        answer: Any,
        *,
        stamp: str = "asked",
        files: Iterable[StoredFile] = (),
    ) -> None:
        """Remember what Kayako keeps beside a record; None: it has nothing there.

        Args:
            kind: One of the kinds that ``runner.snapshot.beside`` names.
            identifier: Of the conversation, post or profile.
            answer: What Kayako sent.
            stamp: Of which state of the record.
            files: The files that belong to it.
        """
        stored, definitions = cut({"answer": answer})
        with self._snapshot.database.write() as connection:
            self._define(definitions)
            self._noticing.people(connection, [stored])
            connection.executemany("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)", files)
            self._snapshot.beside.keep(kind, identifier, stored["answer"], stamp=stamp)

    def header(self, case_id: int) -> tuple[str | None, int | None]:
        """Return a conversation's ``updated_at`` and ``post_count`` as they were listed."""
        row = (
            self._snapshot.database.reader()
            .execute(
                "SELECT updated_at, post_count FROM record WHERE resource = 'cases' AND id = ?",
                (case_id,),
            )
            .fetchone()
        )
        return (row[0], row[1]) if row else (None, None)

    def _known(self, resource: str, identifier: int) -> _Known | None:
        row = (
            self._snapshot.database.reader()
            .execute(
                "SELECT sweep, updated_at, post_count, state FROM record"
                " WHERE resource = ? AND id = ?",
                (resource, identifier),
            )
            .fetchone()
        )
        return _Known(*row) if row else None

    def _define(self, definitions: list[Definition]) -> None:
        rows = []
        with self._lock:
            for kind, identifier, body in definitions:
                text = json.dumps(body)
                mark = hash(text)
                if self._seen.get((kind, identifier)) == mark:
                    continue
                if len(self._seen) >= _REMEMBERED:
                    self._seen.clear()
                self._seen[kind, identifier] = mark
                rows.append((kind, identifier, 0, text))
        if rows:
            with self._snapshot.database.write() as connection:
                connection.executemany(_SAVE_DEFINITION, rows)
            for kind, identifier, *_ in rows:
                self._snapshot.lookup.forget(kind, identifier)


def _word(value: object) -> str | None:
    """Return one of Kayako's own words (``TRASH``); what is none would be no state either."""
    return value if isinstance(value, str) and value.isascii() else None


def _case_of(item: Json) -> int | None:
    """Return the id of the conversation that a record (a time entry) belongs to."""
    case = item.get("case")
    return number(case.get("id")) if isinstance(case, dict) else None
