"""What Kayako keeps beside its records: one request each, so it is remembered what was asked.

A row is *wanted* when somebody noticed that there is something to ask for, and *answered* once
its stamp is what was wanted: asked again only when that changes. An answer may be empty: Kayako
has nothing there, and that is remembered as well.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from runner.snapshot.values import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.snapshot.database import Database

ORIGINAL = "original"
"""By post: headers of the mail it came as."""
ORIGINALS = "originals"
"""By conversation: its mails were asked for."""
PARTICIPANTS = "participants"
"""By conversation: people in copy."""
MERGED = "merged"
"""By conversation: into which other one it was merged."""
USER = "user"
"""By user: named in records and in no list; without an answer Kayako does not have them."""
MEMBERSHIPS = "organizations"
"""By user: ids of all organizations that they belong to."""
AVATARS = "pictures of users"
"""By user: ``sha256`` of the picture, or the ``error`` that there was instead."""
SIDE_CONVERSATIONS = "side conversations"
"""By conversation: mails with others beside it, each with its ``messages``, oldest first."""
RATINGS = "ratings"
"""By conversation: asked one by one only where Kayako has no list of all ratings."""
ACTIVITIES = "activities"
"""By conversation: its history, oldest first."""
ARTICLE_FILES = "files of articles"
"""By article of the Help Center: its files were fetched."""
NOTES = {"users": "notes of users", "organizations": "notes of organizations"}
"""By user or organization: notes on the profile."""

PAGE = 500


def avatar_key(user_id: int) -> str:
    """Return the name of a user's picture among the files."""
    return f"avatar/{user_id}"


class Beside:
    """The rows of one snapshot; safe for threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def answered(self, kind: str, identifier: int) -> bool:
        """Tell whether there is an answer, be it empty."""
        query = "SELECT 1 FROM beside WHERE kind = ? AND id = ? AND stamp IS NOT NULL"
        row = self._database.reader().execute(query, (kind, identifier)).fetchone()
        return row is not None

    def get(self, kind: str, identifier: int) -> Any:
        """Return the answer, None when there is none or an empty one."""
        return self.many(kind, [identifier]).get(identifier)

    def many(self, kind: str, identifiers: Iterable[int]) -> dict[int, Any]:
        """Return those answers that are not empty, by id."""
        found: dict[int, Any] = {}
        query = (
            "SELECT id, body FROM beside WHERE kind = ? AND body IS NOT NULL"
            " AND id IN (SELECT value FROM json_each(?))"
        )
        rows = self._database.reader().execute(query, (kind, json.dumps(list(identifiers))))
        for identifier, body in rows.fetchall():
            found[identifier] = unpack(body)
        return found

    def everything(self, kind: str) -> Iterator[tuple[int, Any]]:
        """Yield id and answer of each row of a kind whose answer is not empty, ascending."""
        last = -1
        query = (
            "SELECT id, body FROM beside WHERE kind = ? AND id > ? AND body IS NOT NULL"
            " ORDER BY id LIMIT ?"
        )
        while rows := self._database.reader().execute(query, (kind, last, PAGE)).fetchall():
            last = rows[-1][0]
            for identifier, body in rows:
                yield identifier, unpack(body)

    def pending(self, kind: str) -> Iterator[tuple[int, str]]:
        """Yield id and what is wanted of each row whose answer is missing or old, ascending."""
        last = -1
        query = (
            "SELECT id, wanted FROM beside WHERE kind = ? AND id > ? AND wanted IS NOT stamp"
            " ORDER BY id LIMIT ?"
        )
        while rows := self._database.reader().execute(query, (kind, last, PAGE)).fetchall():
            for identifier, wanted in rows:
                last = identifier
                yield identifier, wanted

    def waiting(self, kind: str) -> int:
        """Return how many rows ``pending`` would yield now."""
        query = "SELECT count(*) FROM beside WHERE kind = ? AND wanted IS NOT stamp"
        return int(self._database.reader().execute(query, (kind,)).fetchone()[0])

    def keep(self, kind: str, identifier: int, answer: Any, *, stamp: str = "asked") -> None:
        """Remember an answer; None is an empty one."""
        body = None if answer is None else pack(answer)
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO beside VALUES (?, ?, ?, ?, ?)",
                (kind, identifier, stamp, stamp, body),
            )

    def forget(self, kind: str, identifier: int) -> None:
        """Remove a row: nothing is to be asked."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM beside WHERE kind = ? AND id = ?", (kind, identifier))
