"""Finds what a reference in the snapshot stands for: people, teams, definitions.

Answers are remembered in bounded caches, so that walking a million conversations asks SQLite
for each agent and status once in a while and the memory does not grow.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from runner.snapshot.cut import reference_id
from runner.snapshot.values import Json, number, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from runner.snapshot.database import Database

CACHED = 10_000
_IDENTITY_FIELDS = {"identity_email": "email", "identity_phone": "number"}


class Cache:
    """The most recently used answers, at most ``size`` of them; safe for threads."""

    def __init__(self, size: int = CACHED) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._generation = 0

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return the value for ``key``, made when it is not remembered; None is never kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            generation = self._generation
        value = make()
        with self._lock:
            # What was read before somebody wrote must not be remembered as the new truth.
            if value is not None and generation == self._generation:
                self._kept[key] = value
                if len(self._kept) > self._size:
                    self._kept.popitem(last=False)
        return value

    def forget(self, key: Hashable) -> None:
        """Forget one answer."""
        with self._lock:
            self._kept.pop(key, None)
            self._generation += 1

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self._generation += 1


class Lookup:
    """References of one snapshot, resolved."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cache = Cache()

    def clear(self) -> None:
        """Forget what was looked up: somebody wrote."""
        self._cache.clear()

    def forget(self, kind: str, identifier: str) -> None:
        """Forget one definition: somebody wrote it."""
        self._cache.forget(("definition", kind, identifier))

    def definition(self, kind: str, identifier: object) -> Json | None:
        """Return a definition by its ``resource_type`` and id, listed or seen in a record."""
        key = ("definition", kind, str(identifier))
        found: Json | None = self._cache.get(key, lambda: self._definition(kind, str(identifier)))
        return found

    def resolved(self, reference: object) -> Json | None:
        """Return what a stored reference stands for; the reference itself when it is not known."""
        if not isinstance(reference, dict):
            return None
        identifier = reference_id(reference)
        kind = reference.get("resource_type")
        if identifier is None or not isinstance(kind, str):
            return reference
        return self.definition(kind, identifier) or reference

    def person(self, reference: object) -> Json | None:
        """Return a person reference ``{type, id, name, email, role, known}``; None for null."""
        found = self._found(reference)
        return found[0] if found else None

    def organization_of(self, reference: object) -> Json | None:
        """Return the reference to a person's organization."""
        found = self._found(reference)
        return self.titled(found[1], "name") if found else None

    def titled(self, reference: object, label: str) -> Json | None:
        """Return a team (``label`` title) or organization (name) reference; None for null."""
        if not isinstance(reference, dict) or reference_id(reference) is None:
            return None
        kind, identifier = str(reference.get("resource_type")), reference.get("id")
        key = ("titled", kind, str(identifier))
        listed: Json | None = self._cache.get(key, lambda: self._titled(kind, identifier, label))
        if listed is not None:
            return dict(listed)
        hint = self.definition(kind, identifier) or {}
        return {"type": kind, "id": identifier, label: hint.get(label), "known": False}

    def email(self, items: object) -> str | None:
        """Return the primary, else the first address of a list of email identities."""
        found = self.identities(items, "email")
        return found[0] if found else None

    def identities(self, items: object, field: str) -> list[str]:
        """Return ``field`` of each identity, the primary one first, without empty ones."""
        if not isinstance(items, list):
            return []
        full = [self.resolved(item) or {} for item in items]
        full.sort(key=lambda item: not item.get("is_primary"))
        values = [str(item.get(field) or "").strip() for item in full]
        return [value for value in values if value]

    def identity(self, reference: object) -> str | None:
        """Return the address or number that an identity reference stands for."""
        item = self.resolved(reference) or {}
        field = _IDENTITY_FIELDS.get(str(item.get("resource_type")), "screen_name")
        return str(item.get(field) or "").strip() or None

    def _definition(self, kind: str, identifier: str) -> Json | None:
        row = (
            self._database.reader()
            .execute("SELECT body FROM definition WHERE type = ? AND id = ?", (kind, identifier))
            .fetchone()
        )
        found: Json | None = json.loads(row[0]) if row else None
        return found

    def record(self, resource: str, identifier: object) -> Json | None:
        """Return a listed record as it is stored; None when there is none (any more)."""
        row = (
            self._database.reader()
            .execute(
                "SELECT body FROM record WHERE resource = ? AND id = ? AND NOT gone"
                " AND state IS NOT 'ERASED'",
                (resource, number(identifier)),
            )
            .fetchone()
        )
        found: Json | None = unpack(row[0]) if row else None
        return found

    def _titled(self, kind: str, identifier: object, label: str) -> Json | None:
        listed = self.record(f"{kind}s", identifier)
        if listed is None:
            return None
        return {"type": kind, "id": identifier, label: listed.get(label), "known": True}

    def _found(self, reference: object) -> tuple[Json, object] | None:
        if not isinstance(reference, dict) or reference_id(reference) is None:
            return None
        kind = str(reference.get("resource_type") or "user")
        identifier = reference.get("id", reference.get("uuid"))
        key = ("person", kind, str(identifier))
        found: tuple[Json, object] | None = self._cache.get(
            key, lambda: self._listed_person(kind, identifier)
        )
        if found is None:
            # Not remembered: a later copy in some record may tell more about them.
            hint = self.definition(kind, identifier) or {}
            found = self._person(kind, identifier, hint, known=False)
        return dict(found[0]), found[1]

    def _listed_person(self, kind: str, identifier: object) -> tuple[Json, object] | None:
        listed = self.record("users", identifier) if kind == "user" else None
        return self._person(kind, identifier, listed, known=True) if listed else None

    def _person(
        self, kind: str, identifier: object, body: Json, *, known: bool
    ) -> tuple[Json, object]:
        role = body.get("role")
        role = self.resolved(role) if isinstance(role, dict) else None
        name = body.get("full_name") or body.get("title") or body.get("name")
        person = {
            "type": kind,
            "id": identifier,
            "name": " ".join(str(name or "").split()) or None,
            "email": self.email(body.get("emails")),
            "role": role.get("type") if role else None,
            "known": known,
        }
        return person, body.get("organization")
