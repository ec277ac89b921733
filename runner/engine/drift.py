"""Drift: how the records that we wrote are in Zammad now, where they are not as we left them.

A plan compares what Kayako says now with what was written; what people changed in Zammad since
then shows in it only where both changed. This reads the records of the ledger back: lists of
everything but tickets, and tickets one page after the other; a ticket whose ``updated_at`` is
still ours was touched by nobody, so only the others are asked for by themselves.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.engine.change import MOST_LISTED, reference_of
from runner.engine.merged import FIELD
from runner.engine.verify import Ids
from runner.engine.verify_listed import as_zammad_splits, same_value
from runner.errors import Refused
from runner.mapping.limits import targets
from runner.zammad import kept, tickets, vocabularies

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.engine.world import World
    from runner.zammad.client import Zammad

GONE, CHANGED, MERGED, CLOSED = "gone", "changed", "merged", "closed to us"

WHAT_APPLY_DOES = {
    GONE: "apply does not make it again; if Kayako changes it, that fails",
    CHANGED: "apply leaves it as it is there; where Kayako changed the same, it is a conflict",
    MERGED: "apply adds what is new in Kayako to the merged ticket",
    CLOSED: "apply lets itself into its group first",
}
"""What the next apply would do with a record, by what happened to it."""
_NOT_COMPARED = {"updated_at", "created_at", "tags", "mentions", "number", "locale", FIELD}
_TICKETS_A_PAGE = 100
_MERGED_TYPE = 6
"""The seeded type of states that means merged (reference §b8); no list tells its name."""


@dataclass(slots=True)
class Drift:
    """What people did to our records: counted all, named the first thousand."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    rows: list[dict[str, Any]] = field(default_factory=list)
    looked_at: Counter[str] = field(default_factory=Counter)

    def add(self, entity: str, document: Mapping[str, Any], what: str, fields: list[str]) -> None:
        """Take in one record that is not as we left it."""
        self.counts[entity, what] += 1
        if len(self.rows) < MOST_LISTED:
            applied = document.get("applied") or {}
            names = (applied.get(name) for name in ("title", "login", "name"))
            row = {
                "entity": entity,
                "source_id": document["source_id"],
                "target_id": document["target_id"],
                "label": next((str(name) for name in names if name), ""),
                "what": what,
                "fields": fields,
                "apply": WHAT_APPLY_DOES[what],
            }
            self.rows.append(row)

    def as_json(self) -> dict[str, Any]:
        """Return it for machines."""
        counts = [
            {"entity": entity, "what": what, "records": number}
            for (entity, what), number in sorted(self.counts.items())
        ]
        return {"looked_at": dict(self.looked_at), "counts": counts, "records": self.rows}


def look(world: World, zammad: Zammad) -> Drift:
    """Return how the records of the ledger are in Zammad now; nothing is written.

    Zammad's lists were read before, but for the one of tickets.
    """
    drift = Drift()
    for entity in world.directories:
        if entity not in world.closed:
            _listed(world, drift, entity)
    _tickets(world, zammad, drift)
    return drift


def _listed(world: World, drift: Drift, entity: str) -> None:
    directory = world.directories[entity]
    for document in world.ledger.table(entity):
        if document["status"] != "done":
            continue
        drift.looked_at[entity] += 1
        row = directory.by_id(document["target_id"])
        if row is None:
            drift.add(entity, document, GONE, [])
            continue
        fields = _changed(world, entity, document, row)
        if fields:
            drift.add(entity, document, CHANGED, fields)


def _changed(
    world: World, entity: str, document: Mapping[str, Any], row: Mapping[str, Any]
) -> list[str]:
    """Return the fields that do not hold what was written; of adopted records only what we gave."""
    applied = document.get("applied") or {}
    given = document.get("before") or {} if document.get("adopted") else applied
    deferred = document.get("deferred") or {}
    later = deferred.get("values") or {} if deferred.get("written") else {}
    shown = as_zammad_splits(applied) if entity == "users" else applied
    return [
        name
        for name in applied
        if name in given and name not in _NOT_COMPARED
        if not _same(world, entity, name, later.get(name, shown[name]), row)
    ]


def _same(world: World, entity: str, name: str, value: Any, row: Mapping[str, Any]) -> bool:
    """Say whether a field holds what was written, as plain values tell it."""
    if isinstance(value, dict) and "ref" in value:
        wanted = world.target_id(reference_of(value["ref"]))
        return row.get(f"{name}_id") == wanted or wanted is None
    if name == "roles":
        wanted_ids = {world.roles.get(role) for role in value}
        return wanted_ids == set(row.get("role_ids") or ())
    if name == "organizations":
        ids = {world.target_id(reference_of(one["ref"])) for one in value if "ref" in one}
        return ids - {None} <= {*(row.get("organization_ids") or ()), row.get("organization_id")}
    if entity == "tickets":
        kinds = targets("ticket")
        return kept.same(kinds[name].type if name in kinds else "", value, row.get(name))
    return same_value(world, entity, name, value, row.get(name))


def _tickets(world: World, zammad: Zammad, drift: Drift) -> None:
    """Walk Zammad's list of tickets; those of ours that it lacks are asked for by themselves."""
    table, listed = world.ledger.table("tickets"), Ids()
    states = vocabularies.read(zammad, "ticket_state").values()
    merged = {row["id"] for row in states if row.get("state_type_id") == _MERGED_TYPE}
    for row in zammad.pages("/tickets", per_page=_TICKETS_A_PAGE):
        if row["id"] in listed:
            continue  # the list moved while it was read
        listed.add(row["id"])
        for source_id in table.by_target(row["id"]):
            document = table.get(source_id) or {}
            if document.get("status") != "done":
                continue
            if row["state_id"] in merged:
                drift.add("tickets", document, MERGED, [])
            elif not _is_untouched(document, row):
                fields = _changed(world, "tickets", document, tickets.read(zammad, int(row["id"])))
                drift.add("tickets", document, CHANGED, fields or ["articles, tags or links"])
    for document in table:
        if document["status"] == "done":
            drift.looked_at["tickets"] += 1
            if document["target_id"] not in listed:
                _not_listed(world, zammad, drift, document)


def _is_untouched(document: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Say whether a ticket still has the date that was written last of all."""
    ours = (document.get("applied") or {}).get("updated_at")
    return ours is not None and kept.moment(str(ours)) == kept.moment(str(row["updated_at"]))


def _not_listed(world: World, zammad: Zammad, drift: Drift, document: Mapping[str, Any]) -> None:
    try:
        row = tickets.read(zammad, int(document["target_id"]))
    except Refused as refusal:
        if refusal.status not in {403, 404}:
            raise
        drift.add("tickets", document, GONE if refusal.status == 404 else CLOSED, [])
        return
    fields = _changed(world, "tickets", document, row)
    if fields:
        drift.add("tickets", document, CHANGED, fields)
