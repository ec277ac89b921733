"""Erasure: what the snapshot keeps of one person goes, and does not come back.

A person's record, addresses and notes go, and whole the conversations that they asked for, files
included. In their place stay rows without any content, so that a later pull knows that it has
nothing to bring back. What they wrote in other people's conversations belongs to those.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.snapshot import posts
from runner.snapshot.beside import (
    AVATARS,
    MEMBERSHIPS,
    MERGED,
    NOTES,
    ORIGINAL,
    ORIGINALS,
    PARTICIPANTS,
    USER,
    avatar_key,
)
from runner.snapshot.opened import PAGE
from runner.snapshot.store import ERASED
from runner.snapshot.values import Json, number, pack, unpack

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from runner.snapshot.store import Snapshot

_KINDS = {"cases": "case", "users": "user"}
_IDENTITIES = ("emails", "phones", "twitter", "facebook")


@dataclass(slots=True)
class Erased:
    """What went: ids of conversations, and how many files."""

    cases: list[int] = field(default_factory=list)
    files: int = 0


@dataclass(frozen=True, slots=True)
class Vanished:
    """Somebody who is not in Kayako any more, or of whom only a name is left there.

    Args:
        id: their id in Kayako.
        name: as the snapshot still has it.
        reason: ``gone`` or ``no address left``.
    """

    id: int
    name: str
    reason: str


def stub(resource: str, identifier: int) -> Json:
    """Return what stays of an erased record."""
    kind = _KINDS.get(resource, resource)
    return {"id": identifier, "resource_type": kind, "state": ERASED}


def vanished(snapshot: Snapshot) -> list[Vanished]:
    """Return who may have been erased in Kayako; walks over all users.

    Somebody whose address is another user's now was merged into that one, and is not listed.
    """
    suspects: dict[int, tuple[Vanished, set[str]]] = {}
    addresses: set[str] = set()
    for identifier, gone, body in _users(snapshot):
        held = {_text(item) for key in _IDENTITIES for item in body.get(key) or []} - {""}
        if body.get("state") == ERASED:
            continue
        if gone or not held:
            reason = "gone" if gone else "no address left"
            name = str(body.get("full_name") or "")
            suspects[identifier] = (Vanished(identifier, name, reason), held)
        else:
            addresses |= held
    return [who for who, held in suspects.values() if not held & addresses]


def _users(snapshot: Snapshot) -> Iterator[tuple[int, bool, Json]]:
    last = -1
    query = "SELECT id, gone, body FROM record WHERE resource = ? AND id > ? ORDER BY id LIMIT ?"
    reader = snapshot.database.reader()
    while rows := reader.execute(query, ("users", last, PAGE)).fetchall():
        for identifier, gone, body in rows:
            last = identifier
            yield identifier, bool(gone), unpack(body)


def _text(item: Any) -> str:
    """Return an address in lower case with its kind: identities have ids of their own."""
    if not isinstance(item, dict):
        return ""
    keys = ("email", "number", "screen_name", "facebook_id", "user_name")
    found = next((str(item[key]) for key in keys if item.get(key)), "")
    return f"{item.get('resource_type')} {found.casefold()}" if found else ""


def erase(snapshot: Snapshot, user_id: int) -> Erased:
    """Take one person out of the snapshot; done again it finds nothing.

    The pages of the database that held it are overwritten, and its log is emptied.
    """
    erased = Erased()
    digests: set[str] = set()
    with snapshot.database.write() as connection:
        connection.execute("PRAGMA secure_delete = ON")
        for case_id in list(asked_by(snapshot, user_id)):
            digests |= _case(connection, case_id)
            erased.cases.append(case_id)
        digests |= _user(connection, user_id)
        held = "SELECT 1 FROM file WHERE sha256 = ? LIMIT 1"
        alone = [sha for sha in digests if not connection.execute(held, (sha,)).fetchone()]
    snapshot.database.fold()
    for sha256 in alone:
        # Damaged copies that a repair set aside go with it.
        for path in snapshot.file(sha256).parent.glob(f"{sha256}*"):
            path.unlink(missing_ok=True)
    erased.files = len(alone)
    snapshot.lookup.clear()
    return erased


def is_anybody_erased(snapshot: Snapshot) -> bool:
    """Say whether anybody was erased: mails of others may have named them as recipients."""
    query = "SELECT 1 FROM record WHERE resource = 'users' AND state = ? LIMIT 1"
    return snapshot.database.reader().execute(query, (ERASED,)).fetchone() is not None


def erased_cases(snapshot: Snapshot) -> list[int]:
    """Return the ids of all conversations that were erased."""
    query = "SELECT id FROM record WHERE resource = 'cases' AND state = ? ORDER BY id"
    return [row[0] for row in snapshot.database.reader().execute(query, (ERASED,))]


def asked_by(snapshot: Snapshot, user_id: int) -> Iterator[int]:
    """Yield the ids of all conversations whose requester a user is; walks over all of them."""
    last = -1
    query = "SELECT id, body FROM record WHERE resource = ? AND id > ? ORDER BY id LIMIT ?"
    reader = snapshot.database.reader()
    while rows := reader.execute(query, ("cases", last, PAGE)).fetchall():
        for identifier, body in rows:
            last = identifier
            if _names(unpack(body).get("requester"), user_id):
                yield identifier


def _names(reference: Any, user_id: int) -> bool:
    return (
        isinstance(reference, dict)
        and reference.get("resource_type", "user") == "user"
        and number(reference.get("id")) == user_id
    )


def _case(connection: sqlite3.Connection, case_id: int) -> set[str]:
    """Erase one conversation; return the digests of its files."""
    row = connection.execute("SELECT body FROM thread WHERE case_id = ?", (case_id,)).fetchone()
    found = unpack(row[0]) if row else []
    digests: set[str] = set()
    for post in found:
        keys = [posts.attachment_key(item) for item in posts.attachments(post)]
        for key in [*keys, *map(posts.image_key, posts.images(post))]:
            query = "DELETE FROM file WHERE key = ? RETURNING sha256"
            digests |= {sha for (sha,) in connection.execute(query, (key,)).fetchall() if sha}
        _forget(connection, ORIGINAL, number(post.get("id")))
    connection.execute("DELETE FROM thread WHERE case_id = ?", (case_id,))
    for kind in (PARTICIPANTS, MERGED, ORIGINALS):
        _forget(connection, kind, case_id)
    _define_nothing(connection, "case", case_id)
    _keep_stub(connection, "cases", case_id)
    return digests


def _user(connection: sqlite3.Connection, user_id: int) -> set[str]:
    """Erase one person; return the digest of their picture."""
    query = "SELECT body FROM record WHERE resource = 'users' AND id = ?"
    row = connection.execute(query, (user_id,)).fetchone()
    copy = "SELECT body FROM definition WHERE type = 'user' AND id = ?"
    for body in (unpack(row[0]) if row else {}, _loaded(connection.execute(copy, (str(user_id),)))):
        for item in (item for key in _IDENTITIES for item in body.get(key) or []):
            if isinstance(item, dict) and item.get("id") is not None:
                _define_nothing(connection, str(item.get("resource_type")), item["id"])
    _define_nothing(connection, "user", user_id)
    _forget(connection, NOTES["users"], user_id)
    _forget(connection, MEMBERSHIPS, user_id)
    _forget(connection, AVATARS, user_id)
    query = "DELETE FROM file WHERE key = ? RETURNING sha256"
    pictures = connection.execute(query, (avatar_key(user_id),)).fetchall()
    connection.execute(
        "UPDATE beside SET body = NULL, stamp = wanted WHERE kind = ? AND id = ?", (USER, user_id)
    )
    _keep_stub(connection, "users", user_id)
    return {sha256 for (sha256,) in pictures if sha256}


def _loaded(cursor: sqlite3.Cursor) -> Json:
    row = cursor.fetchone()
    found: Json = json.loads(row[0]) if row else {}
    return found


def _forget(connection: sqlite3.Connection, kind: str, identifier: int | None) -> None:
    connection.execute("DELETE FROM beside WHERE kind = ? AND id = ?", (kind, identifier))


def _define_nothing(connection: sqlite3.Connection, kind: str, identifier: object) -> None:
    connection.execute("DELETE FROM definition WHERE type = ? AND id = ?", (kind, str(identifier)))


def _keep_stub(connection: sqlite3.Connection, resource: str, identifier: int) -> None:
    connection.execute(
        "UPDATE record SET body = ?, state = ?, updated_at = NULL, post_count = NULL"
        " WHERE resource = ? AND id = ?",
        (pack(stub(resource, identifier)), ERASED, resource, identifier),
    )
