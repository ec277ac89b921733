"""Reset: walk the ledger backwards and take away what this runner created.

What was there before stays, and gets back what was changed on it. A ticket that holds articles
that are not ours stays too, unless the user says otherwise. Users are deleted; where Zammad
refuses that and they have no ticket left, a data privacy task removes them (reference §c).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.engine import (
    attributes,
    avatars,
    going_live,
    probing,
    reset_knowledge,
    restored,
    target,
    ticket_links,
)
from runner.engine.ownership import is_ours, message_end
from runner.errors import RecordError, Refused
from runner.zammad import articles, import_mode, tickets
from runner.zammad import settings as zammad_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runner.ledger import Ledger
    from runner.zammad.client import Zammad

_MODELS = {
    **reset_knowledge.MODELS,
    "tickets": ("/tickets", "Ticket"),
    "text_modules": ("/text_modules", "TextModule"),
    "macros": ("/macros", "Macro"),
    "calendars": ("/calendars", "Calendar"),
    "users": ("/users", "User"),
    "organizations": ("/organizations", "Organization"),
    "groups": ("/groups", "Group"),
    "states": ("/ticket_states", "Ticket::State"),
    "priorities": ("/ticket_priorities", "Ticket::Priority"),
}
"""Where records of each table are, and what Zammad calls them, in the order of their removal."""
ORDER = tuple(_MODELS)
PATHS = {entity: path for entity, (path, _) in _MODELS.items()}
_TASK_SECONDS = 120.0
_VOCABULARIES = {"states", "priorities"}


@dataclass(slots=True)
class Removal:
    """What reset did, or would do: counts by entity, and what remains with the reason."""

    removed: dict[str, int] = field(default_factory=dict)
    restored: dict[str, int] = field(default_factory=dict)
    remains: list[dict[str, Any]] = field(default_factory=list)

    def console(self) -> list[str]:
        """Return Rails console lines that remove what REST refused to."""
        lines = []
        for entity in ORDER:
            ids = [
                entry["target_id"]
                for entry in self.remains
                if entry["entity"] == entity and entry["target_id"] is not None
            ]
            if ids:
                lines.append(f"{_MODELS[entity][1]}.where(id: {ids}).find_each(&:destroy)")
        return lines


def outlook(ledger: Ledger) -> Removal:
    """Return what a reset would remove and restore, from the ledger alone."""
    removal = Removal()
    for entity in (*ORDER, attributes.TABLE):
        for document in ledger.table(entity):
            if _is_ours(document):
                removal.removed[entity] = removal.removed.get(entity, 0) + 1
            elif document.get("before"):
                removal.restored[entity] = removal.restored.get(entity, 0) + 1
    return removal


def reset(
    ledger: Ledger,
    zammad: Zammad,
    *,
    kayako_host: str,
    discard_changes: bool,
    settle_seconds: float,
    tell: Callable[[str], None],
    stopped: Callable[[], bool],
    progress: Callable[[str, int, int | None], None] = lambda *_: None,
) -> Removal:
    """Remove and restore; can be interrupted and run again."""
    work = _Reset(ledger, zammad, kayako_host, discard_changes=discard_changes)
    if not ledger.target:
        return work.removal
    work.look_twice = restored.is_thinned(ledger, zammad)
    # Nothing is mailed while tickets vanish: import mode on, as during apply.
    if not import_mode.is_on(zammad_settings.read(zammad)):
        tell(f"switching import mode on and waiting {settle_seconds:g} s")
        import_mode.switch(zammad, on=True, settle_seconds=settle_seconds)
    import_mode.remove_probes(zammad, ledger.target.get("probes", []))
    target.take_access(zammad)
    probing.remove_left_over(ledger, zammad)
    for entity in ORDER:
        if entity == "groups":
            work.give_back_own_access()
        total = len(ledger.table(entity))
        for number, document in enumerate(_backwards(ledger, entity), 1):
            if stopped():
                ledger.flush()
                tell("stopped; Zammad is still in import mode. Run migrate reset again to go on")
                return work.removal
            try:
                work.undo(entity, document)
            except RecordError as error:
                work.keep(entity, document, str(error))
            progress(entity, number, total)
        ledger.flush()
    work.remove_attributes(patience=settle_seconds)
    # Settings come last, import mode included.
    going_live.give_back(ledger, zammad)
    if not ledger.target.get("settings", {}).get("import_mode", False):
        tell(f"switching import mode off and waiting {settle_seconds:g} s")
        import_mode.switch(zammad, on=False, settle_seconds=settle_seconds)
    if not work.removal.remains:
        ledger.discard()
    return work.removal


def _backwards(ledger: Ledger, entity: str) -> Iterator[dict[str, Any]]:
    """Yield the documents of an entity, the newest first, while they are being removed."""
    table = ledger.table(entity)
    for source_id in [document["source_id"] for document in reversed(table)]:
        document = table.get(source_id)
        if document is not None:
            yield document


def _is_ours(document: dict[str, Any]) -> bool:
    return document.get("target_id") is not None and not document.get("adopted")


class _Reset:
    """One reset under way."""

    def __init__(
        self, ledger: Ledger, zammad: Zammad, kayako_host: str, *, discard_changes: bool
    ) -> None:
        self._ledger = ledger
        self._zammad = zammad
        self._our_end = message_end(kayako_host)
        self._discard_changes = discard_changes
        self.look_twice = False
        self.removal = Removal()

    def undo(self, entity: str, document: dict[str, Any]) -> None:
        """Remove or restore one record, and forget it."""
        if not _is_ours(document):
            if document.get("adopted"):
                self._restore(entity, document)
            elif document.get("status") == "intended":
                row = self._arrived(entity, document)
                if row is not None and not self._remove(
                    entity, {**document, "target_id": row["id"]}
                ):
                    return
        elif not self._remove(entity, document):
            return
        self._ledger.table(entity).remove(document["source_id"])
        if entity == "users":
            # So do their pictures.
            self._ledger.table(avatars.TABLE).remove(document["source_id"])
        if entity == "tickets":
            # Links go with their ticket (reference §c).
            self._ledger.table(ticket_links.TABLE).remove(document["source_id"])

    def keep(self, entity: str, document: dict[str, Any], reason: str) -> None:
        """Note what could not be removed."""
        self.removal.remains.append(
            {
                "entity": entity,
                "source_id": document["source_id"],
                "target_id": document.get("target_id"),
                "reason": reason,
            }
        )

    def give_back_own_access(self) -> None:
        """The migration user's access is a reference that would keep groups from going."""
        me = self._ledger.target.get("me")
        if me:
            self._zammad.update(f"/users/{me['id']}", {"group_ids": me["group_ids"]})

    def remove_attributes(self, *, patience: float) -> None:
        """Remove attributes once nothing holds values in them."""
        table = self._ledger.table(attributes.TABLE)
        if self.removal.remains:
            for document in table:
                if _is_ours(document):
                    self.keep(attributes.TABLE, document, "records that remain hold values in it")
            return

        def count(word: str) -> None:
            counts = self.removal.removed if word == "removed" else self.removal.restored
            counts[attributes.TABLE] = counts.get(attributes.TABLE, 0) + 1

        attributes.remove(
            self._ledger,
            self._zammad,
            zammad_settings.read(self._zammad),
            patience=patience,
            removed=count,
            kept=lambda document, reason: self.keep(attributes.TABLE, document, reason),
        )

    def _remove(self, entity: str, document: dict[str, Any]) -> bool:
        """Delete a record of ours, unless people wrote in it; say whether it is gone."""
        if self.look_twice and entity in restored.PATHS:
            there = restored.ask(self._zammad, entity, document)
            if there is restored.There.ANOTHER:
                # Zammad was restored from a backup, and gave our id to somebody else's record.
                self.keep(entity, {**document, "target_id": None}, "its id is another's by now")
                return False
        if entity == "tickets" and not self._discard_changes:
            _, foreign = self._whose(document["target_id"], document)
            if foreign:
                text = f"holds {foreign} articles that were written in Zammad (--discard-changes)"
                self.keep(entity, document, text)
                return False
        return self._delete(entity, document)

    def _arrived(self, entity: str, document: dict[str, Any]) -> dict[str, Any] | None:
        """Return what was on its way when a run ended, if it arrived: by its natural key."""
        keys = document.get("applied", {})
        if entity == "tickets":
            number = str(keys.get("number", document["source_id"]))
            row = tickets.by_number(self._zammad, number)
            # Without an article of ours it is somebody else's ticket of this number.
            return row if row is not None and self._whose(row["id"], document)[0] else None
        if entity in reset_knowledge.ORDER:
            return reset_knowledge.arrived(self._zammad, entity, document)
        if entity in _VOCABULARIES:
            wanted = {document["source_id"].casefold()}
        else:
            names = (keys.get(name) for name in ("name", "login"))
            wanted = {str(name).casefold() for name in names if name}
        for row in self._zammad.pages(PATHS[entity], per_page=1000):
            name = str(row.get("login") or row.get("name")).casefold()
            if name in wanted and is_ours(document, row):
                return row
        return None

    def _whose(self, ticket_id: int, document: dict[str, Any]) -> tuple[int, int]:
        """Count a ticket's articles that are ours and that are not: their message ids tell.

        Those that we made, and those of mails that the document says were sent.
        """
        originals = set((document.get("originals") or {}).values())
        try:
            rows = articles.of_ticket(self._zammad, ticket_id)
        except Refused as refusal:
            if refusal.status == 404:
                return 0, 0
            raise
        ids = [str(row.get("message_id") or "") for row in rows]
        ours = sum(text.endswith(self._our_end) or text in originals for text in ids)
        return ours, len(ids) - ours

    def _delete(self, entity: str, document: dict[str, Any]) -> bool:
        if entity in reset_knowledge.ORDER:
            reset_knowledge.delete(self._ledger, self._zammad, entity, document)
            self.removal.removed[entity] = self.removal.removed.get(entity, 0) + 1
            return True
        try:
            self._zammad.delete(f"{PATHS[entity]}/{document['target_id']}")
        except Refused as refusal:
            if entity != "users" or refusal.status != 422:
                raise
            reason = _remove_user(self._zammad, document["target_id"])
            if reason is not None:
                self.keep(entity, document, reason)
                return False
        self.removal.removed[entity] = self.removal.removed.get(entity, 0) + 1
        return True

    def _restore(self, entity: str, document: dict[str, Any]) -> None:
        """Give an adopted record back what it was."""
        before = document.get("before") or {}
        names = {"roles": "role_ids", "organization": "organization_id"}
        names["organizations"] = "organization_ids"
        body = {
            names.get(name, name): "" if value is None and name not in names else value
            for name, value in before.items()
        }
        if "organization_ids" in body:
            body["organization_ids"] = body["organization_ids"] or []
        if not body or document.get("target_id") is None:
            return
        self._zammad.update(f"{PATHS[entity]}/{document['target_id']}", body)
        self.removal.restored[entity] = self.removal.restored.get(entity, 0) + 1


def _remove_user(zammad: Zammad, user_id: int) -> str | None:
    """Remove a user whose DELETE was refused; return why that was not done.

    Access to a group is a reference like any other (reference §c): an agent loses it first.
    """
    if (zammad.get(f"/users/{user_id}").get("group_ids") or {}) != {}:
        zammad.update(f"/users/{user_id}", {"group_ids": {}})
        try:
            zammad.delete(f"/users/{user_id}")
        except Refused as refusal:
            if refusal.status != 422:
                raise
        else:
            return None
    return _erase(zammad, user_id)


def _erase(zammad: Zammad, user_id: int) -> str | None:
    """Remove a user by a data privacy task, awaited; return why that was not done."""
    others = tickets.of_customer(zammad, user_id)
    if others:
        return f"is the customer of {len(others)} tickets that are not ours"
    body = {"deletable_type": "User", "deletable_id": user_id}
    task = zammad.create("/data_privacy_tasks", body)
    until = time.monotonic() + _TASK_SECONDS
    while time.monotonic() < until:
        state = zammad.get(f"/data_privacy_tasks/{task['id']}")["state"]
        if state == "completed":
            return None
        if state == "failed":
            return "Zammad's data privacy task failed"
        time.sleep(0.2)
    return "Zammad's data privacy task is not done after two minutes (is its worker running?)"
