"""States and priorities that a vocabulary says are to be created, once each, before their ticket.

They stand in the ledger like records (table ``states`` or ``priorities``, source id = name), so
that reset takes them away again.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from runner.engine.probing import probe
from runner.errors import PreflightError, RecordError, Refused
from runner.zammad import vocabularies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.engine.change import Change
    from runner.engine.world import World
    from runner.zammad.client import Zammad

TABLES = {"ticket_state": "states", "ticket_priority": "priorities"}
_STATES = "ticket_state"

_CONSOLE = (
    "a = ObjectManager::Attribute.get(object: 'Ticket', name: 'state_id')",
    "a.data_option[:filter] = Ticket::State.by_category(:viewable).pluck(:id)",
    (
        "a.screens[:create_middle]['ticket.agent'][:filter] ="
        " Ticket::State.by_category(:viewable_agent_new).pluck(:id)"
    ),
    (
        "a.screens[:edit]['ticket.agent'][:filter] ="
        " Ticket::State.by_category(:viewable_agent_edit).pluck(:id)"
    ),
    "a.save!",
)
"""What lets tickets take states that were created over REST (reference §b8)."""

_WAY_OUT = (
    "run these lines in Zammad's console (zammad run rails c), then apply again; or let the labels"
    " become states that are there (mappings/vocabularies/states.yaml):"
)


class Creations:
    """Which values are there, as far as this run needed to know."""

    def __init__(self, world: World, zammad: Zammad) -> None:
        self._world = world
        self._zammad = zammad
        self._there: dict[str, set[str]] = {}
        self._proven = False

    def prove_states(self) -> None:
        """Find out, once and before the first ticket, whether tickets take the new states.

        Older versions keep the list of states that tickets take apart from the states: a new one
        is created, and every ticket in it refused.

        Raises:
            PreflightError: they do not, with the console lines that change it.
        """
        if self._proven:
            return
        refused = []
        for name, like in self._wanted_states():
            try:
                self._ensure(_STATES, name, like)
            except RecordError:
                continue  # told with each ticket that needs it
            if not self._takes(name):
                refused.append(name)
        if refused and self._takes():
            raise PreflightError(
                f"this Zammad does not take tickets in states that were added:"
                f" {', '.join(refused)}; nothing of the tickets was moved",
                advice="\n      ".join((_WAY_OUT, *_CONSOLE)),
            )
        self._proven = True

    def _wanted_states(self) -> Iterator[tuple[str, str]]:
        """Yield name and pattern of every state that the vocabularies of tickets create."""
        mappings = self._world.mappings
        for used in mappings.vocabularies_of("tickets"):
            vocabulary = mappings.vocabularies[used]
            if vocabulary.zammad != _STATES:
                continue
            entries = [*vocabulary.entries.values(), *vocabulary.custom.values()]
            for entry in (*entries, vocabulary.anything_else):
                if entry is not None and entry.new:
                    yield entry.new, str(entry.like)

    def _takes(self, state: str | None = None) -> bool:
        """Say whether Zammad takes a ticket in a state, or in the one that new tickets have."""
        values = {} if state is None else {"state": state}
        try:
            with probe(self._world.ledger, self._zammad, "tickets", **values):
                return True
        except Refused:
            return False

    def prepare(self, change: Change) -> None:
        """Create what the ticket needs and Zammad lacks.

        Raises:
            RecordError: it cannot be created.
        """
        for kind, name, like in change.creates:
            if kind in vocabularies.PATHS:
                self._ensure(kind, name, like)

    def _ensure(self, kind: str, name: str, like: str) -> None:
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
