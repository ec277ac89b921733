"""What of a plan somebody has to know by name before it is done."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.engine.change import MOST_LISTED, Action

if TYPE_CHECKING:
    from runner.engine.change import Change
    from runner.engine.world import World

ADMIN, AGENT = "Admin", "Agent"
_KINDS = {"ticket_state": "states", "ticket_priority": "priorities", "ticket_type": "types"}


@dataclass(slots=True)
class Highlights:
    """New values of closed lists, new admins and agents, numbers that two tickets would get.

    ``adopted`` counts by entity what was in Zammad before, ``creations`` records by list (states,
    priorities, types) and the value that Zammad gets. ``admins`` and ``doubled`` hold at most 1,000
    rows, the totals count all.
    """

    adopted: Counter[str] = field(default_factory=Counter)
    creations: Counter[tuple[str, str]] = field(default_factory=Counter)
    admins: list[dict[str, str]] = field(default_factory=list)
    admins_total: int = 0
    agents: int = 0
    doubled: list[dict[str, str]] = field(default_factory=list)
    doubled_total: int = 0
    _numbers: set[str | int] = field(default_factory=set)

    def take(self, world: World, change: Change) -> None:
        """Look at one change."""
        self.adopted[change.entity] += change.adopted
        if change.action not in {Action.CREATE, Action.UPDATE}:
            return
        for kind, name, _ in change.creates:
            if kind in _KINDS and name not in _there(world, _KINDS[kind]):
                self.creations[_KINDS[kind], name] += 1
        if change.entity == "users":
            self._take_user(world, change)
        elif change.entity == "tickets" and change.action is Action.CREATE:
            self._take_number(change)

    def _take_user(self, world: World, change: Change) -> None:
        given = _roles_given(world, change)
        self.agents += AGENT in given
        if ADMIN in given:
            self.admins_total += 1
            if len(self.admins) < MOST_LISTED:
                self.admins.append({"source_id": change.source_id, "label": change.label})

    def _take_number(self, change: Change) -> None:
        """Remember a number that is given; as an integer it costs a third."""
        number = change.payload.get("number")
        if number is None:
            return
        text = str(number)
        key = int(text) if text.isascii() and text.isdecimal() and text[0] != "0" else text
        if key not in self._numbers:
            self._numbers.add(key)
            return
        self.doubled_total += 1
        if len(self.doubled) < MOST_LISTED:
            self.doubled.append({"source_id": change.source_id, "number": text})

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "adopted_totals": {entity: number for entity, number in self.adopted.items() if number},
            "creations": [
                {"kind": kind, "name": name, "records": number}
                for (kind, name), number in sorted(self.creations.items())
            ],
            "new_admins": {"users": self.admins_total, "listed": self.admins},
            "new_agents": self.agents,
            "doubled_numbers": {"tickets": self.doubled_total, "listed": self.doubled},
        }


def _there(world: World, kind: str) -> set[str] | frozenset[str]:
    """Return the values of a list that Zammad has; nothing while it cannot be reached."""
    return world.types if kind == "types" else set(world.closed_lists.get(kind, {}))


def _roles_given(world: World, change: Change) -> set[str]:
    """Return the roles that somebody would get and does not have."""
    written = change.payload if change.action is Action.CREATE else change.fields
    row: dict[str, Any] = {}
    if change.target_id is not None:
        row = world.directories["users"].by_id(change.target_id) or {}
    has = row.get("role_ids") or ()
    return {role for role in written.get("roles") or () if world.roles.get(role) not in has}
