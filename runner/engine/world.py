"""What plan and apply look at: mappings, the snapshot, the ledger, and Zammad as it was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.engine import custom_fields
from runner.errors import RecordError
from runner.mapping.custom_fields import DEFAULT_PREFIX
from runner.mapping.model import Reference
from runner.mapping.transform import transform
from runner.zammad import groups, organizations, users, vocabularies
from runner.zammad.directory import Directory
from runner.zammad.users import SYSTEM_USER_ID

if TYPE_CHECKING:
    from datetime import date

    from runner.engine.knowledge_beside import Knowledge
    from runner.ledger import Ledger
    from runner.mapping.model import Mappings
    from runner.snapshot import Snapshot
    from runner.zammad.client import Zammad

KINDS = (groups.KIND, organizations.KIND, users.KIND)

SOURCES = {"groups": "teams", "organizations": "organizations", "users": "users"}
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
    """Everything that a change is computed from; ``zammad`` is None when it cannot be reached."""

    mappings: Mappings
    snapshot: Snapshot
    ledger: Ledger
    kayako_host: str
    go_live: date
    zammad: Zammad | None = None
    roles: dict[str, int] = field(default_factory=lambda: dict(_SEEDED_ROLES))
    me: int | None = None
    groups_nest: bool = False
    attribute_prefix: str = DEFAULT_PREFIX
    publish: str = "internal"
    knowledge: Knowledge | None = None
    promised: set[str] = field(default_factory=set)
    _agents: dict[str, bool] = field(default_factory=dict)
    _custom_fields: custom_fields.CustomFields | None = None
    states: frozenset[str] = frozenset()
    priorities: frozenset[str] = frozenset()
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

    def look_at_target(self, zammad: Zammad, me: int) -> None:
        """Read the target's lists: roles, states, priorities, groups, organizations, users."""
        self.zammad = zammad
        self.me = me
        self.groups_nest = groups.nest(zammad)
        self.states = frozenset(vocabularies.read(zammad, "ticket_state"))
        self.priorities = frozenset(vocabularies.read(zammad, "ticket_priority"))
        self.roles = {row["name"]: row["id"] for row in zammad.get("/roles")}
        for entity, directory in self.directories.items():
            directory.watch(self.custom_fields.names(entity))
            directory.load(zammad)

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
        if reference.entity == "users" and reference.name == "-":
            return SYSTEM_USER_ID
        row = self.directories[reference.entity].named(reference.name or "")
        return None if row is None else row.get("id")

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
            elif isinstance(value, list) and value and isinstance(value[0], Reference):
                ids = [self.resolve(item) for item in value]
                singular = name.removesuffix("s")
                if name == "groups":
                    body["group_ids"] = {str(group_id): ["full"] for group_id in ids}
                else:
                    body[f"{singular}_ids"] = ids
            elif value is None and name in _MAY_VANISH:
                body[f"{name}_id"] = None
            else:
                body[name] = value
        return body
