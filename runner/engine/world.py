"""What plan and apply look at: mappings, the snapshot, the ledger, and Zammad as it was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.config.filters import Filters
from runner.engine import custom_fields, knowledge_beside, shapes
from runner.engine.threads import Threads
from runner.errors import RecordError
from runner.mapping.custom_fields import DEFAULT_PREFIX
from runner.mapping.links import hosts_of
from runner.mapping.model import Reference
from runner.mapping.transform import transform
from runner.zammad import (
    attributes,
    calendars,
    groups,
    macros,
    organizations,
    text_modules,
    time_accounting,
    users,
    vocabularies,
)
from runner.zammad.directory import Directory
from runner.zammad.users import SYSTEM_USER_ID

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from runner.engine.knowledge_beside import Knowledge
    from runner.ledger import Ledger
    from runner.mapping.model import Mappings
    from runner.snapshot import Snapshot
    from runner.zammad.client import Zammad

KINDS = (
    groups.KIND,
    organizations.KIND,
    users.KIND,
    calendars.KIND,
    macros.KIND,
    text_modules.KIND,
)

SOURCES = {
    "groups": "teams",
    "organizations": "organizations",
    "users": "users",
    "calendars": "business_hours",
    "macros": "macros",
    "text_modules": "macros",
}
"""Which of Kayako's resources becomes which listed entity."""

NAMED = "="
"""What the source id of a record begins with that only a mapping names: ``=Kayako unassigned``."""

SECTIONS_BY_NAME = {"kb_sections", "kb_categories"}
"""Entities whose named records are found by that source id alone."""

# A record does without these when the mapping left out what they refer to.
_MAY_BE_LEFT_OUT = {"organization", "owner", "origin_by"}

# What may vanish at the source is emptied by its id.
_MAY_VANISH = {"organization"}

# Ids of a fresh installation: only used while planning without a reachable Zammad.
_SEEDED_ROLES = {"Admin": 1, "Agent": 2, "Customer": 3}


@dataclass(slots=True)
class World:
    """Everything that a change is computed from; ``zammad`` is None when it cannot be reached.

    With ``dates_by_console`` the console script sets the ``updated_at`` of tickets, no request.
    ``time_is_listed``: time entries are records of their own there, see ``time_accounting``.
    """

    mappings: Mappings
    snapshot: Snapshot
    ledger: Ledger
    kayako_host: str
    go_live: date
    zammad: Zammad | None = None
    roles: dict[str, int] = field(default_factory=lambda: dict(_SEEDED_ROLES))
    me: int | None = None
    groups_nest: bool = False
    secondary_organizations: bool = True
    attribute_prefix: str = DEFAULT_PREFIX
    publish: str = "internal"
    knowledge: Knowledge | None = None
    original_message_ids: str = "open"
    dates_by_console: bool = False
    time_unit: str = "minutes"
    time_is_listed: bool = True
    user_updated_at: bool = False
    keep_since: date | None = None
    filters: Filters = field(default_factory=Filters)
    zammad_url: str | None = None
    avatars: bool = False
    threads: Threads = field(default_factory=Threads)
    promised: set[str] = field(default_factory=set)
    brought: set[tuple[str, str]] = field(default_factory=set)
    _agents: dict[str, bool] = field(default_factory=dict)
    _custom_fields: custom_fields.CustomFields | None = None
    closed_lists: dict[str, dict[str, int]] = field(default_factory=dict)
    closed: dict[str, str] = field(default_factory=dict)
    _kayako_hosts: frozenset[str] | None = None
    types: frozenset[str] = frozenset()
    directories: dict[str, Directory] = field(init=False)

    def __post_init__(self) -> None:
        """Look at those fields of the target's lists that the mappings fill."""
        self.directories = {
            kind.entity: Directory(kind, self.mappings.entities[kind.entity].fields)
            for kind in KINDS
        }

    @property
    def custom_fields(self) -> custom_fields.CustomFields:
        """Custom fields as the snapshot has them when they are first asked for.

        Raises:
            InvalidFiles: ``custom_fields.yaml`` does not fit Kayako's fields.
        """
        if self._custom_fields is None:
            rules = self.mappings.custom_fields
            self._custom_fields = custom_fields.read(self.snapshot, rules, self.attribute_prefix)
        return self._custom_fields

    def gone(self, entities: Iterable[str]) -> dict[str, list[int]]:
        """Return the ids that Kayako has no more, of entities that lost any; Zammad keeps them.

        Who was erased on request is not among them: of those nothing is left to decide.
        """
        sources = {**SOURCES, **knowledge_beside.SOURCES}
        found = {
            name: self.snapshot.gone(sources.get(name, "cases"), erased=False) for name in entities
        }
        return {name: numbers for name, numbers in found.items() if numbers}

    @property
    def kayako_hosts(self) -> frozenset[str]:
        """Hosts at which Kayako's pages are, its brands' included, as the snapshot has them."""
        if self._kayako_hosts is None:
            brands = self.snapshot.definitions("brand")
            self._kayako_hosts = hosts_of(self.snapshot.kayako_url, brands)
        return self._kayako_hosts

    def look_at_target(self, zammad: Zammad, me: int) -> None:
        """Read the target's lists: roles, states, priorities, and the records of every kind."""
        self.zammad = zammad
        self.me = me
        self.groups_nest = groups.nest(zammad)
        there = attributes.readable(zammad)
        # Older versions show the list with users and do not use it: the attribute tells.
        self.secondary_organizations = "User.organization_ids" in there
        self.types = attributes.choices(there.get(attributes.TICKET_TYPE))
        self.closed_lists = {
            table: {name: row["id"] for name, row in vocabularies.read(zammad, kind).items()}
            for table, kind in (("states", "ticket_state"), ("priorities", "ticket_priority"))
        }
        self.roles = {row["name"]: row["id"] for row in zammad.get("/roles")}
        if self.snapshot.count("timetracking"):
            self.time_is_listed = time_accounting.is_listed(zammad)
        for entity, directory in self.directories.items():
            directory.watch(self.custom_fields.names(entity))
            shapes.look(directory, self)

    def is_agent(self, person: Reference) -> bool:
        """Say whether a person is, or will be, an agent in Zammad."""
        if person.placeholder:
            return False
        if person.source_id is None:
            row = self.directories["users"].named(person.name or "")
            return row is not None and self.roles.get("Agent") in row.get("role_ids", [])
        if person.source_id not in self._agents:
            self._agents[person.source_id] = self._becomes_agent(person.source_id)
        return self._agents[person.source_id]

    def _becomes_agent(self, source_id: str) -> bool:
        record = self.snapshot.record("users", source_id)
        if record is None:
            return False
        outcome = transform(self.mappings, "users", record, go_live=self.go_live)
        return "Agent" in (outcome.payload.get("roles") or [])

    def target_id(self, reference: Reference) -> int | None:
        """Return the id in Zammad that a reference stands for, None while it has none."""
        source_id = reference.source_id
        if source_id is None and reference.placeholder:
            source_id = reference.name
        if source_id is None and reference.entity in SECTIONS_BY_NAME:
            source_id = f"{NAMED}{reference.name}"
        if source_id is not None:
            document = self.ledger.table(reference.entity).get(source_id)
            return None if document is None else document.get("target_id")
        if reference.entity in self.closed_lists:
            return self._listed_value(reference.entity, reference.name or "")
        if reference.entity == "users" and reference.name == "-":
            return SYSTEM_USER_ID
        row = self.directories[reference.entity].named(reference.name or "")
        return None if row is None else row.get("id")

    def _listed_value(self, table: str, name: str) -> int | None:
        """Return the id of a state or priority, also of one that this run created."""
        there = self.closed_lists[table].get(name)
        document = self.ledger.table(table).get(name) if there is None else None
        return there if document is None else document.get("target_id")

    def resolve(self, reference: Reference) -> int:
        """Return the id in Zammad that a reference stands for.

        Raises:
            RecordError: it was not moved, so nothing can refer to it.
        """
        target_id = self.target_id(reference)
        if target_id is None:
            raise RecordError(f"{reference} is not in Zammad{self._why(reference)}")
        return target_id

    def _why(self, reference: Reference) -> str:
        """Say why a record that is referred to was not moved, as far as the ledger knows."""
        document = self.ledger.table(reference.entity).get(reference.source_id or "")
        if document is None:
            return ": it was not moved yet; apply without --only moves it first"
        reasons = [
            note[2] for note in document.get("notes", []) if note[0] in {"failed", "skipped"}
        ]
        return f": {reasons[0]}" if reasons else ""

    def _is_skipped(self, reference: Reference) -> bool:
        document = self.ledger.table(reference.entity).get(reference.source_id or "")
        return document is not None and document["status"] == "skipped"

    def resolved(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return a payload as Zammad takes it: ``group`` → ``group_id``, ``groups`` → a map."""
        body: dict[str, Any] = {}
        for name, value in payload.items():
            if isinstance(value, Reference):
                if name in _MAY_BE_LEFT_OUT and self._is_skipped(value):
                    continue
                body[f"{name}_id"] = self.resolve(value)
            elif name == "organizations":
                body["organization_ids"] = self._organization_ids(value or [])
            elif isinstance(value, list) and value and isinstance(value[0], Reference):
                body |= _listed(name, [self.resolve(item) for item in value])
            elif value is None and name in _MAY_VANISH:
                body[f"{name}_id"] = None
            else:
                body[name] = self.inside(value)
        first = body.get("organization_id")
        if "organization" in payload and "organization_id" not in body:
            # The first one was left out, and Zammad takes no others then (reference §k11).
            body.pop("organization_ids", None)
        if first is not None and "organization_ids" in body:
            body["organization_ids"] = [one for one in body["organization_ids"] if one != first]
        return body

    def inside(self, value: Any) -> Any:
        """Return a value as Zammad takes it, however deep references lie in it.

        The values of actions are text, ids too (recorded: "macro").
        """
        if isinstance(value, Reference):
            return self.resolve(value)
        if isinstance(value, dict):
            return {
                key: str(self.resolve(inner))
                if isinstance(inner, Reference)
                else self.inside(inner)
                for key, inner in value.items()
            }
        return [self.inside(item) for item in value] if isinstance(value, list) else value

    def _organization_ids(self, organizations: list[Reference | int]) -> list[int]:
        """Return ids of further organizations; those that a mapping left out are left out here."""
        moved = [
            one if isinstance(one, int) else self.resolve(one)
            for one in organizations
            if isinstance(one, int) or not self._is_skipped(one)
        ]
        return list(dict.fromkeys(moved))


def _listed(name: str, ids: list[int]) -> dict[str, Any]:
    """Return a list of records as the field that Zammad takes it in."""
    if name == "groups":
        return {"group_ids": {str(group_id): ["full"] for group_id in ids}}
    if name == "mentions" or name.endswith("_ids"):
        return {name: ids}
    return {f"{name.removesuffix('s')}_ids": ids}
