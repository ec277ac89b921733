"""Lost files are read again: whatever shows them counts as unread, and the next pull brings them.

A damaged file is set aside, not removed: Kayako may not have it any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.snapshot import posts
from runner.snapshot.beside import ARTICLE_FILES, AVATARS, SIDE_CONVERSATIONS, avatar_key
from runner.snapshot.help_center import texts
from runner.snapshot.opened import PAGE
from runner.snapshot.store import Snapshot
from runner.snapshot.values import Json, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


_ASK_AGAIN = "UPDATE beside SET stamp = NULL, body = NULL WHERE kind = ? AND id = ?"


def refetch(folder: Path, digests: frozenset[str], stamp: str) -> str:
    """Have the files with these digests read again by the next pull; return what was done.

    Args:
        folder: Of the snapshot.
        digests: Of files that are lost or damaged.
        stamp: Goes into the names of damaged files that are set aside.
    """
    snapshot = Snapshot.open(folder)
    try:
        keys = _keys(snapshot, digests)
        cases = [(case_id,) for case_id in _cases(snapshot, keys)]
        others = [*_articles(snapshot, keys), *_people(keys)]
        with snapshot.database.write() as connection:
            connection.executemany("UPDATE thread SET updated_at = '' WHERE case_id = ?", cases)
            connection.executemany(
                "UPDATE beside SET stamp = NULL WHERE kind = ? AND id = ?", others
            )
        for sha256 in digests:
            path = snapshot.file(sha256)
            if path.exists():
                path.replace(path.with_name(f"{path.name}.damaged-{stamp}"))
    finally:
        snapshot.close()
    return f"{len(cases):,} conversations and {len(others):,} others are to be read again"


def reread(folder: Path, rows: Iterable[tuple[Any, ...]]) -> str:
    """Have rows whose content is lost read again by the next pull; return what was done.

    A pull writes every row of ``record`` anew that Kayako lists: those need no mark.

    Args:
        folder: Of the snapshot.
        rows: ``("thread", case id)``, ``("beside", kind, id)`` or ``("record", resource, id)``.
    """
    snapshot = Snapshot.open(folder)
    count = 0
    try:
        with snapshot.database.write() as connection:
            for table, *names in rows:
                count += 1
                if table == "thread":
                    connection.execute("DELETE FROM thread WHERE case_id = ?", names)
                elif table == "beside":
                    connection.execute(_ASK_AGAIN, names)
    finally:
        snapshot.close()
    return f"{count:,} rows are to be read again"


def _keys(snapshot: Snapshot, digests: frozenset[str]) -> set[str]:
    found: set[str] = set()
    for sha256 in digests:
        rows = snapshot.database.reader().execute(
            "SELECT key FROM file WHERE sha256 = ?", (sha256,)
        )
        found |= {row[0] for row in rows}
    return found


def _shown(stored: Json) -> Iterator[str]:
    """Yield the keys of the files that a post shows."""
    for item in posts.attachments(stored):
        yield posts.attachment_key(item)
    for address in posts.images(stored):
        yield posts.image_key(address)


def _cases(snapshot: Snapshot, keys: set[str]) -> Iterator[int]:
    """Yield the conversations that show any of the files; walks over all of them."""
    query = "SELECT case_id, body FROM thread WHERE case_id > ? ORDER BY case_id LIMIT ?"
    last = -1
    while rows := snapshot.database.reader().execute(query, (last, PAGE)).fetchall():
        aside = snapshot.beside.many(SIDE_CONVERSATIONS, (row[0] for row in rows))
        for case_id, body in rows:
            last = case_id
            messages = [
                message for one in aside.get(case_id) or [] for message in one.get("messages") or []
            ]
            if any(key in keys for post in [*unpack(body), *messages] for key in _shown(post)):
                yield case_id


def _articles(snapshot: Snapshot, keys: set[str]) -> Iterator[tuple[str, int]]:
    query = "SELECT id, body FROM record WHERE resource = 'articles'"
    for article_id, body in snapshot.database.reader().execute(query):
        stored = unpack(body)
        shown = [
            url for text in texts(stored.get("contents")).values() for url in posts.images_in(text)
        ]
        attached = [item for item in stored.get("attachments") or [] if isinstance(item, dict)]
        found = {*map(posts.image_key, shown), *map(posts.attachment_key, attached)}
        if found & keys:
            yield ARTICLE_FILES, article_id


def _people(keys: set[str]) -> Iterator[tuple[str, int]]:
    for key in keys:
        before, _, number = key.partition("/")
        if number.isdigit() and key == avatar_key(int(number)) and before:
            yield AVATARS, int(number)
