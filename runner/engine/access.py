"""Access of agents while tickets are written: an owner needs full access to the ticket's group.

Core workflow refuses any other owner even in import mode (reference §0.9). Agents get what is
missing just before the first ticket that needs it; ``finish`` gives everyone the real groups.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine.tickets import NOBODY
from runner.mapping.model import Reference
from runner.zammad import users

if TYPE_CHECKING:
    from runner.engine.change import Change
    from runner.engine.world import World
    from runner.zammad.client import Zammad


class Access:
    """Who may do what, as far as this run needed to know."""

    def __init__(self, world: World, zammad: Zammad) -> None:
        self._world = world
        self._zammad = zammad
        self._groups: dict[int, set[int]] = {}

    def prepare(self, change: Change) -> None:
        """Make sure that the owner of a ticket may own it."""
        owner, group = change.payload.get("owner"), change.payload.get("group")
        if not isinstance(owner, Reference) or not isinstance(group, Reference):
            return
        if owner == NOBODY:
            return
        user_id = self._world.resolve(owner)
        if user_id == self._world.me:
            return  # the migration user has access everywhere, see ``Target.take_access``
        group_id = self._world.resolve(group)
        if user_id not in self._groups:
            self._groups[user_id] = self._read(owner, user_id)
        groups = self._groups[user_id]
        if group_id not in groups:
            groups.add(group_id)
            users.give_access(self._zammad, user_id, groups)

    def _read(self, owner: Reference, user_id: int) -> set[int]:
        """Return a user's groups; what an adopted one had before us is kept in the ledger."""
        row = self._zammad.get(f"/users/{user_id}")
        document = self._document(owner, user_id)
        if not row.get("active"):
            document = self._keep(document, {"active": False})
            self._zammad.update(f"/users/{user_id}", {"active": True})
            row = self._zammad.get(f"/users/{user_id}")  # groups show on active agents only
        have: dict[str, list[str]] = row.get("group_ids") or {}
        self._keep(document, {"group_ids": have, "active": True})
        return {int(group_id) for group_id, access in have.items() if "full" in access}

    def _keep(self, document: dict[str, Any], was: dict[str, Any]) -> dict[str, Any]:
        """Write down what an adopted user was, and that ``finish`` has to look at the user."""
        deferred = document.get("deferred") or {"values": {}}
        changes: dict[str, Any] = {"deferred": {**deferred, "written": False}}
        if document.get("adopted"):
            changes["before"] = {**was, **document.get("before", {})}
        kept = {**document, **changes}
        self._world.ledger.table("users").put(kept)
        self._world.ledger.flush()
        return kept

    def _document(self, owner: Reference, user_id: int) -> dict[str, Any]:
        table = self._world.ledger.table("users")
        source_ids = [owner.source_id] if owner.source_id else table.by_target(user_id)
        for source_id in source_ids:
            document = table.get(source_id)
            if document is not None:
                return dict(document)
        # Somebody whom the people table names and whom Kayako does not know.
        return {
            "source_id": f"={owner.name}",
            "target_id": user_id,
            "status": "done",
            "action": "unchanged",
            "adopted": True,
            "before": {},
            "deferred": {"values": {}, "written": False},
        }
