"""How much a snapshot holds, and how much of Kayako it does not hold yet: sums, made by SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from typing import Any

_CASES = (
    "SELECT count(*), coalesce(sum(posts), 0), coalesce(sum(unread), 0),"
    " coalesce(sum(unread * posts), 0), coalesce(sum(unread * max(1, (posts + 99) / 100)), 0),"
    " coalesce(sum(unread * (archived = 0)), 0) FROM ("
    "SELECT coalesce(record.post_count, 0) AS posts, record.archived AS archived,"
    " (thread.case_id IS NULL OR thread.updated_at IS NOT record.updated_at"
    " OR thread.post_count IS NOT record.post_count) AS unread"
    " FROM record LEFT JOIN thread ON thread.case_id = record.id"
    " WHERE record.resource = 'cases' AND record.gone = 0"
    " AND (record.state IS NULL OR record.state NOT IN ('TRASH', 'SUSPENDED', 'ERASED'))"
    " AND (record.updated_at IS NULL OR record.updated_at >= ?))"
)
_READ = "SELECT count(*), coalesce(sum(post_count), 0), coalesce(sum(length(body)), 0) FROM thread"
_FILES = "SELECT count(*), coalesce(sum(size), 0) FROM file WHERE sha256 IS NOT NULL"
_ASIDE = "SELECT count(*) FROM beside WHERE kind = ? AND stamp IS NOT NULL"


class Volume(NamedTuple):
    """What a snapshot holds.

    Conversations that are neither hidden nor too old, and their posts as Kayako counts them; those
    whose posts are missing or changed, with the pages of a hundred that they take and how many are
    not archived; what was read, with the bytes it takes; files with their bytes.
    """

    cases: int
    posts: int
    unread: int
    unread_posts: int
    unread_pages: int
    unread_active: int
    read: int
    read_posts: int
    read_bytes: int
    files: int
    file_bytes: int


def volume(rows: Callable[[str, tuple[Any, ...]], list[Any]], since: date | None) -> Volume:
    """Return the sums; ``rows`` asks SQLite, ``since`` leaves out what is older."""
    cases, read, files = (
        rows(query, values)[0]
        for query, values in ((_CASES, (str(since or ""),)), (_READ, ()), (_FILES, ()))
    )
    return Volume(*cases, *read, *files)


def answered(rows: Callable[[str, tuple[Any, ...]], list[Any]], kind: str) -> int:
    """Return for how many records something that hangs beside them was asked for."""
    return int(rows(_ASIDE, (kind,))[0][0])
