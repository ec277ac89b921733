"""Access of agents while tickets are written: an owner needs full access to the ticket's group.

Core workflow refuses any other owner even in import mode (reference §0.9), and only who may see a
ticket can watch it (reference §b14). Agents get what is
missing just before the first ticket that needs it; ``finish`` takes it back and gives everyone the
groups of their Kayako teams.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine.change import Action, Change
from runner.engine.tickets import NOBODY
from runner.mapping.model import Reference
from runner.zammad import users

if TYPE_CHECKING:
    from runner.engine.world import World
    from runner.zammad.client import Zammad


class Access:
    """Who may do what, as far as this run needed to know."""

    def __init__(self, world: World, zammad: Zammad) -> None:
        self._world = world
        self._zammad = zammad
        self._access: dict[int, users.Access] = {}

    def prepare(self, change: Change) -> None:
        """Make sure that the owner of a ticket may own it, and who watches it may see it."""
        owner, group = change.payload.get("owner"), change.payload.get("group")
        if not isinstance(group, Reference):
            return
        if isinstance(owner, Reference) and owner != NOBODY:
            self._allow(owner, group)
        if change.action is Action.CREATE or "mentions" in change.fields:
            for watcher in change.payload.get("mentions") or ():
                self._allow(watcher, group)

    def _allow(self, owner: Reference, group: Reference) -> None:
        user_id = self._world.resolve(owner)
        if user_id == self._world.me:
            return  # the migration user has access everywhere, see ``take_access``
        group_id = self._world.resolve(group)
        if user_id not in self._access:
            self._access[user_id] = self._read(owner, user_id)
        have = self._access[user_id]
        if "full" not in have.get(str(group_id), []):
            self._keep(owner, user_id, {"group_ids": have})
            self._access[user_id] = users.give_access(self._zammad, user_id, have, [group_id])

    def _read(self, owner: Reference, user_id: int) -> users.Access:
        """Return what a user may; one who is switched off is switched on until ``finish``."""
        row = self._zammad.get(f"/users/{user_id}")
        if not row.get("active"):
            self._keep(owner, user_id, {"active": False})
            self._zammad.update(f"/users/{user_id}", {"active": True})
            row = self._zammad.get(f"/users/{user_id}")  # groups show on active agents only
        access: users.Access = row.get("group_ids") or {}
        return access

    def _keep(self, owner: Reference, user_id: int, was: dict[str, Any]) -> None:
        """Write down what a user was, durably, before it is changed.

        ``had`` is what ``finish`` goes back to, from its last time on; ``before`` of an adopted
        user what ``reset`` goes back to, from the first time on.
        """
        document = self._document(owner, user_id)
        deferred = document.get("deferred") or {"values": {}, "written": True}
        changes: dict[str, Any] = {
            "deferred": {**deferred, "written": False, "had": {**was, **deferred.get("had", {})}}
        }
        if document.get("adopted"):
            changes["before"] = {**was, **document.get("before", {})}
        self._world.ledger.table("users").put_durably([{**document, **changes}])

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
            "notes": [],
        }
