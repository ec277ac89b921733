"""States and priorities that a vocabulary says are to be created, once each, before their ticket.

They stand in the ledger like records (table ``states`` or ``priorities``, source id = name), so
that reset takes them away again.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from runner.errors import RecordError, Refused
from runner.zammad import vocabularies

if TYPE_CHECKING:
    from runner.engine.change import Change
    from runner.engine.world import World
    from runner.zammad.client import Zammad

TABLES = {"ticket_state": "states", "ticket_priority": "priorities"}


class Creations:
    """Which values are there, as far as this run needed to know."""

    def __init__(self, world: World, zammad: Zammad) -> None:
        self._world = world
        self._zammad = zammad
        self._there: dict[str, set[str]] = {}

    def prepare(self, change: Change) -> None:
        """Create what the ticket needs and Zammad lacks.

        Raises:
            RecordError: it cannot be created.
        """
        for kind, name, like in change.creates:
            if kind not in vocabularies.PATHS:
                continue
            if kind not in self._there:
                self._there[kind] = set(vocabularies.read(self._zammad, kind))
            if name not in self._there[kind]:
                self._create(kind, name, like)
                self._there[kind].add(name)

    def _create(self, kind: str, name: str, like: str) -> None:
        table = self._world.ledger.table(TABLES[kind])
        document: dict[str, Any] = {
            "source_id": name,
            "target_id": None,
            "status": "intended",
            "action": "create",
            "notes": [],
            "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        table.put_durably([document])
        try:
            target_id = vocabularies.create(self._zammad, kind, name, like)
        except Refused as refusal:
            raise RecordError(f"{TABLES[kind]}: {name} cannot be created: {refusal}") from refusal
        table.put({**document, "target_id": target_id, "status": "done"})
        self._world.ledger.flush()
