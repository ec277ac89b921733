"""What is noticed about records while they are saved, so that nobody has to walk them again.

Users whom no list has, profiles with notes, and which options and how long values the fields that
a team invented really have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from runner.snapshot.beside import ARTICLE_FILES, AVATARS, MEMBERSHIPS, NOTES, USER
from runner.snapshot.values import LARGEST, Json, number, timestamp

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from runner.snapshot.lookup import Lookup

OPTION_TYPES = frozenset({"RADIO", "SELECT", "CHECKBOX", "CASCADINGSELECT"})
_REMEMBERED = 50_000

_WANT = (
    "INSERT INTO beside (kind, id, wanted) VALUES (?, ?, ?)"
    " ON CONFLICT DO UPDATE SET wanted = excluded.wanted"
)
_USE = (
    "INSERT INTO field_use VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
    " longest = max(longest, excluded.longest), largest = max(largest, excluded.largest)"
)


class Use(NamedTuple):
    """How a field is used: an option of it, or ('' as option) how long and large a value is."""

    type: str
    id: str
    option: str
    longest: int
    largest: int


class Noticing:
    """Notices things about the records of one snapshot; the caller holds the writing lock."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._people: set[int] = set()
        self._uses: dict[tuple[str, str, str], tuple[int, int]] = {}

    def records(self, connection: sqlite3.Connection, resource: str, stored: list[Json]) -> None:
        """Notice what a page of records tells."""
        if resource in NOTES:
            self._notes(connection, resource, stored)
        if resource == "articles":
            connection.executemany(
                _WANT,
                [
                    (ARTICLE_FILES, item["id"], str(timestamp(item.get("updated_at"))))
                    for item in stored
                ],
            )
        if resource == "users":
            connection.executemany(_WANT, [*_memberships(stored), *_avatars(stored)])
        if resource not in {"teams", "timetracking"}:
            connection.executemany(_USE, [use for item in stored for use in self._fresh(item)])
        if resource not in NOTES:
            self.people(connection, stored)

    def people(self, connection: sqlite3.Connection, stored: list[Json]) -> None:
        """Notice users whom conversations, posts or time entries name and whom no list has."""
        for identifier in set(people_in(stored)) - self._people:
            if len(self._people) >= _REMEMBERED:
                self._people.clear()
            self._people.add(identifier)
            connection.execute(
                "INSERT OR IGNORE INTO beside (kind, id, wanted) SELECT ?, ?, 'asked' WHERE"
                " NOT EXISTS (SELECT 1 FROM record WHERE resource = 'users' AND id = ?)",
                (USER, identifier, identifier),
            )

    def _notes(self, connection: sqlite3.Connection, resource: str, stored: list[Json]) -> None:
        """Want the notes of profiles with pinned ones: there is no count of all notes."""
        kind = NOTES[resource]
        for item in stored:
            pinned = number(item.get("pinned_notes_count") or 0) or 0
            wanted = f"{timestamp(item.get('updated_at'))} {pinned}"
            if pinned:
                connection.execute(_WANT, (kind, item["id"], wanted))
            else:
                connection.execute(
                    "UPDATE beside SET wanted = ? WHERE kind = ? AND id = ?",
                    (wanted, kind, item["id"]),
                )

    def _fresh(self, stored: Json) -> Iterator[Use]:
        for use in uses(stored, self._lookup):
            key = (use.type, use.id, use.option)
            known = self._uses.get(key, (-1, -1))
            if use.longest > known[0] or use.largest > known[1]:
                if len(self._uses) >= _REMEMBERED:
                    self._uses.clear()
                self._uses[key] = max(use.longest, known[0]), max(use.largest, known[1])
                yield use


def _memberships(stored: list[Json]) -> Iterator[tuple[str, int, str]]:
    """Yield whose organizations are to be asked for: without a primary one there are no others."""
    for item in stored:
        if item.get("organization"):
            yield MEMBERSHIPS, item["id"], str(timestamp(item.get("updated_at")))


def _avatars(stored: list[Json]) -> Iterator[tuple[str, int, str]]:
    """Yield whose picture is to be asked for: without a date it shows initials (§10, user)."""
    for item in stored:
        changed = timestamp(item.get("avatar_updated_at"))
        if item.get("avatar") and changed:
            yield AVATARS, item["id"], str(changed)


def people_in(value: Any) -> Iterator[int]:
    """Yield the ids of all users that a stored record names, however deep."""
    if isinstance(value, list):
        for item in value:
            yield from people_in(item)
    elif isinstance(value, dict):
        if value.get("resource_type") == "user" and (found := number(value.get("id"))) is not None:
            yield found
        for item in value.values():
            if isinstance(item, dict | list):
                yield from people_in(item)


def options_of(value: object) -> list[str]:
    """Return the option ids in a field's value: one, or several joined by commas."""
    return [part.strip() for part in str(value or "").split(",") if part.strip()]


def uses(stored: Json, lookup: Lookup) -> Iterable[Use]:
    """Yield how a record uses its fields."""
    for item in stored.get("custom_fields") or []:
        if not isinstance(item, dict) or not isinstance(item.get("field"), dict):
            continue
        text = str(item.get("value") or "")
        field = lookup.resolved(item["field"]) or {}
        if not text or field.get("id") is None:
            continue
        kind, identifier = str(item["field"].get("resource_type")), str(field["id"])
        yield Use(kind, identifier, "", len(text), _magnitude(text))
        if field.get("type") in OPTION_TYPES:
            for option in options_of(text):
                yield Use(kind, identifier, option, 0, 0)


def _magnitude(text: str) -> int:
    digits = text.strip().lstrip("+-")
    if not (digits.isascii() and digits.isdigit()):
        return 0
    # Longer numbers than SQLite holds are all the same to us: too large.
    return min(int(digits), LARGEST) if len(digits) < 20 else LARGEST
