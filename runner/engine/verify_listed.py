"""Compare everything but tickets with what it should be, from Zammad's lists.

Values that ``finish`` writes are not due before it; of adopted records only what they were given
is compared. Records that nobody in Kayako stands behind any more (placeholders, groups that a
mapping names) are compared with what was written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine import records, shapes
from runner.engine.change import Action, Change, plain
from runner.engine.parts import last_part
from runner.engine.verified import Kind, Verified
from runner.engine.verify_ticket import linked, why
from runner.engine.world import SOURCES
from runner.engine.write_record import LOCALE
from runner.mapping.limits import targets
from runner.mapping.model import Reference
from runner.zammad import kept

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.engine.world import World
    from runner.zammad.client import Zammad

_OBJECTS = {
    "groups": "group",
    "organizations": "organization",
    "users": "user",
    "calendars": "calendar",
    "macros": "macro",
    "text_modules": "text_module",
}

# Zammad moves updated_at whenever a role, a member or a group is given (reference §a3).
_ZAMMADS_OWN = {"updated_at"}

_ANY_CASE = {"login", "email", "domain", "firstname", "lastname"}
"""Zammad lowers the first three, and gives names that shout capitals (reference §b4)."""


class Listed:
    """The records of one entity on both sides."""

    def __init__(self, world: World, zammad: Zammad, result: Verified, entity: str) -> None:
        self._world = world
        self._zammad = zammad
        self._result = result
        self._entity = entity
        self._table = world.ledger.table(entity)
        self._part = last_part(world.ledger.runs())
        self._gone = {str(number) for number in world.snapshot.gone(SOURCES[entity])}
        self._roles = {number: name for name, number in world.roles.items()}

    def compare(self, progress: Callable[[str, int, int | None], None]) -> None:
        """Compare all of them, one row of Zammad's list after the other."""
        kind = self._world.directories[self._entity].kind
        self._result.count(self._entity, "wanted", 0)
        seen: set[int] = set()
        total = len(self._table)
        for row in self._zammad.pages(kind.path, per_page=kind.per_page):
            source_ids = self._table.by_target(row["id"])
            if row["id"] in seen:
                continue  # the list moved while it was read
            seen.add(row["id"])
            for source_id in source_ids:
                self._record(source_id, row)
            if not source_ids:
                self._result.count(self._entity, "not ours")
            self._double(row, source_ids)
            progress(self._entity, len(seen), max(total, len(seen)))
        self._not_there(seen)

    def _record(self, source_id: str, row: dict[str, Any]) -> None:
        known = self._table.get(source_id)
        if known is None:
            return
        self._result.look(self._entity)
        if source_id in self._gone:
            self._result.count(self._entity, "gone")
            return
        self._result.count(self._entity, "there")
        change = self._now(source_id, known)
        if change.action in {Action.SKIP, Action.FAIL}:
            kind = Kind.EXTRA if change.action is Action.SKIP else Kind.OUTDATED
            self._differs(
                source_id, row["id"], "record", kind, wanted=change.reason, there=row["id"]
            )
            return
        self._result.count(self._entity, "wanted")
        wanted = self._due(change, known)
        named = self._entity == "users" and not known.get("adopted")
        shown = as_zammad_splits(wanted) if named else wanted
        for name, value in wanted.items():
            pair = self._pair(name, shown[name], row, known)
            if pair is not None:
                how = self._why(name, value, row, known)
                self._differs(source_id, row["id"], name, how, wanted=pair[0], there=pair[1])

    def _now(self, source_id: str, known: dict[str, Any]) -> Change:
        """Return what a record should be now; nobody knows more of some than what was written."""
        record = self._source(source_id)
        if record is not None:
            return records.of_record(self._world, self._entity, record)
        return Change(
            self._entity,
            source_id,
            Action.UNCHANGED,
            payload=shapes.revived(known.get("applied") or {}),
            deferred=shapes.revived((known.get("deferred") or {}).get("values") or {}),
        )

    def _due(self, change: Change, known: dict[str, Any]) -> dict[str, Any]:
        """Return the values that should be there by now."""
        later = known.get("deferred") or {}
        finished = later.get("written", True)
        emptied = [name for name in known.get("applied") or {} if name not in change.payload]
        wanted: dict[str, Any] = {**dict.fromkeys(emptied), **change.payload}
        deferred = dict(change.deferred)
        if known.get("adopted"):
            given = set(known.get("before", {})) - {"active"}
            wanted = {name: value for name, value in wanted.items() if name in given}
            deferred = {name: value for name, value in deferred.items() if name == "groups"}
        elif self._entity == "users":
            deferred.setdefault("groups", [])
        if finished:
            wanted |= deferred
        else:
            # Whoever owns tickets is active, and has more groups, until finish.
            for name in {"active", *deferred, *later.get("values", {})}:
                wanted.pop(name, None)
        users = self._entity == "users" and self._world.user_updated_at and finished
        own = set() if users and not known.get("adopted") else _ZAMMADS_OWN
        return {name: value for name, value in wanted.items() if name not in own}

    def _source(self, source_id: str) -> dict[str, Any] | None:
        if not source_id.isdigit():
            return None
        return self._world.snapshot.record(SOURCES[self._entity], source_id)

    def _pair(
        self, name: str, value: Any, row: dict[str, Any], known: dict[str, Any]
    ) -> tuple[Any, Any] | None:
        """Return (wanted, there) of a field that differs."""
        adopted = bool(known.get("adopted"))
        if isinstance(value, Reference):
            return linked(self._world, name, value, row)
        if name == "organization":
            there = row.get("organization_id")
            return None if there is None else (None, {"id": there})
        lists = {
            "roles": self._role_names,
            "groups": self._groups,
            "organizations": self._organizations,
        }
        if name in lists:
            return lists[name](value or [], row, adopted=adopted)
        there = (row.get("preferences") or {}).get(LOCALE) if name == LOCALE else row.get(name)
        return None if same_value(self._world, self._entity, name, value, there) else (value, there)

    def _role_names(
        self, wanted: list[Any], row: dict[str, Any], *, adopted: bool
    ) -> tuple[Any, Any] | None:
        held = sorted(self._roles.get(number, str(number)) for number in row["role_ids"])
        right = set(wanted) <= set(held) if adopted else set(wanted) == set(held)
        return None if right else (sorted(wanted), held)

    def _organizations(
        self, wanted: list[Any], row: dict[str, Any], *, adopted: bool
    ) -> tuple[Any, Any] | None:
        """Compare further organizations; the first one, and those left out, are not among them."""
        ids = {self._world.target_id(one) for one in wanted if isinstance(one, Reference)}
        ids -= {None, row.get("organization_id")}
        there = set(row.get("organization_ids") or ())
        right = ids <= there if adopted else ids == there
        return None if right else (sorted(filter(None, ids)), sorted(there))

    def _groups(
        self, teams: list[Any], row: dict[str, Any], *, adopted: bool
    ) -> tuple[Any, Any] | None:
        """Compare an agent's groups: those of the teams; an adopted agent may have more.

        Zammad shows them of active agents only (recorded: "inactive agent").
        """
        if not row.get("active") or row["id"] == self._world.me:
            return None
        found = {self._world.target_id(team) for team in teams if isinstance(team, Reference)}
        wanted = {number for number in found if number is not None}
        there = {int(number) for number in row.get("group_ids") or {}}
        right = wanted <= there if adopted else wanted == there
        return None if right else (sorted(wanted), sorted(there))

    def _why(self, name: str, value: Any, row: dict[str, Any], known: dict[str, Any]) -> Kind:
        values = (known.get("deferred") or {}).get("values") or {}
        if name in values:
            return Kind.CHANGED if values[name] == plain(value) else Kind.OUTDATED
        if name == "groups":
            return Kind.CHANGED
        return why(self._world, name, value, known, row)

    def _double(self, row: dict[str, Any], source_ids: list[str]) -> None:
        """Notice two records with one name, login or email of which one at least is ours."""
        directory = self._world.directories[self._entity]
        for key in directory.kind.keys:
            first = directory.named(str(row.get(key) or "").strip())
            if first is None or "id" not in first or first["id"] == row["id"]:
                continue
            for source_id in source_ids or self._table.by_target(first["id"]):
                self._differs(source_id, row["id"], key, Kind.DOUBLED, there=row.get(key))
                return

    def _not_there(self, seen: set[int]) -> None:
        """Tell what is in the ledger and not in Zammad, and what is in neither."""
        for known in self._table:
            status, target_id = known["status"], known.get("target_id")
            if target_id is None and status in {"failed", "skipped"}:
                self._result.count(self._entity, status)
            elif target_id is None or target_id not in seen:
                self._missing(known["source_id"], target_id)
        for record in self._world.snapshot.records(SOURCES[self._entity]):
            if str(record["id"]) not in self._table:
                self._missing(str(record["id"]), None, record)

    def _missing(
        self, source_id: str, target_id: int | None, record: dict[str, Any] | None = None
    ) -> None:
        label: str | None = None
        if record is not None:
            change = records.of_record(self._world, self._entity, record)
            if change.action in {Action.SKIP, Action.FAIL}:
                self._result.count(
                    self._entity, "skipped" if change.action is Action.SKIP else "failed"
                )
                return
            if self._part:
                self._result.not_due(self._entity, self._part)
                return
            label = change.label
        self._result.count(self._entity, "wanted")
        self._differs(source_id, target_id, "record", Kind.MISSING, wanted=label)

    def _differs(
        self,
        source_id: str,
        target_id: int | None,
        field: str,
        kind: Kind,
        *,
        wanted: Any = None,
        there: Any = None,
    ) -> None:
        wanted = plain(wanted)
        self._result.differs(
            self._entity, source_id, target_id, field, kind, wanted=wanted, there=there
        )


def same_value(world: World, entity: str, name: str, value: Any, there: Any) -> bool:
    """Say whether a field that refers to nothing by itself holds what it should."""
    if name in shapes.NESTED:
        return shapes.same_inside(world, plain(value), there)
    if name == "default" and not value:
        return True  # Zammad makes one calendar the default one where none is
    if name in _ANY_CASE and isinstance(value, str) and isinstance(there, str):
        return value.strip().casefold() == there.strip().casefold()
    kinds = targets(_OBJECTS[entity])
    return kept.same(kinds[name].type if name in kinds else "", value, there)


def as_zammad_splits(values: dict[str, Any]) -> dict[str, Any]:
    """Split a lone name at its first space, as Zammad does (recorded: "single name is split")."""
    first, last = (str(values.get(name) or "").strip() for name in ("firstname", "lastname"))
    if bool(first) == bool(last):
        return values
    first, _, last = (first or last).partition(" ")
    return {**values, "firstname": first, "lastname": last}
