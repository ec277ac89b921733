"""Changes of groups, organizations and users."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runner.engine.change import Action, Change, Difference, plain
from runner.ledger import fingerprint
from runner.mapping.transform import transform

if TYPE_CHECKING:
    from runner.engine.world import World
    from runner.mapping.model import Outcome

_NEVER_FILLED = {"created_at", "updated_at", "source", "login", "name"}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_LABELS = {"groups": "name", "organizations": "name", "users": "login"}


def of_record(world: World, entity: str, record: dict[str, Any], *, reason: str = "") -> Change:
    """Return what happens to one team, organization or user."""
    outcome = transform(world.mappings, entity, record, go_live=world.go_live)
    outcome = world.custom_fields.fill(entity, record, outcome)
    source_id = str(record["id"])
    if outcome.skip is not None:
        return Change(entity, source_id, Action.SKIP, outcome.skip, notes=outcome.notes)
    if outcome.failures:
        return Change(
            entity, source_id, Action.FAIL, "; ".join(outcome.failures), notes=outcome.notes
        )
    return of_payload(world, entity, source_id, outcome, reason=reason)


def of_payload(
    world: World, entity: str, source_id: str, outcome: Outcome, *, reason: str = ""
) -> Change:
    """Compare what a record should be with what the ledger and Zammad say it is."""
    desired, deferred = split(entity, outcome.payload)
    known = world.ledger.table(entity).get(source_id)
    base: dict[str, Any] = {
        "entity": entity,
        "source_id": source_id,
        "label": str(desired.get(_LABELS[entity], "")),
        "payload": desired,
        "deferred": deferred,
        "fingerprint": fingerprint(plain(desired)),
        "notes": outcome.notes,
        "dropped": outcome.dropped,
    }
    directory = world.directories[entity]
    if known is not None and known["status"] == "done":
        directory.add({**_row(world, desired), "id": known["target_id"]})
        return _known(world, base, known)
    existing = directory.find(desired)
    intended = known is not None and known["status"] == "intended"
    if existing is not None and not (intended and "id" in existing):
        return _adopted(world, base, existing)
    if existing is None:
        directory.add(_row(world, desired))
        return Change(action=Action.CREATE, reason=reason, resume=intended, **base)
    # It was on its way when an earlier run ended, and it arrived: it is ours.
    return Change(
        action=Action.CREATE, reason=reason, resume=True, target_id=existing["id"], **base
    )


def split(entity: str, payload: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Part a payload into what is written now and what ``finish`` writes.

    Tickets are accepted only for active groups and active agents with access, and a domain that
    assigns users would do so while they are written (reference §b2, §b9): so these come last.
    """
    desired = dict(payload)
    deferred: dict[str, Any] = {}
    if entity in {"groups", "users"} and desired.get("active") is False:
        desired["active"] = True
        deferred["active"] = False
    if entity == "users" and desired.get("groups"):
        deferred["groups"] = desired.pop("groups")
    if entity == "organizations" and desired.get("domain_assignment") is True:
        desired["domain_assignment"] = False
        deferred["domain_assignment"] = True
    return desired, deferred


def _known(world: World, base: dict[str, Any], known: dict[str, Any]) -> Change:
    """A record that an earlier run moved: only what changed since is written."""
    target_id = known["target_id"]
    if known.get("adopted"):
        return _known_adopted(world, base, known)
    desired, applied = base["payload"], known.get("applied", {})
    before_deferred = (known.get("deferred") or {}).get("values", {})
    differences = [
        Difference(name, applied.get(name), plain(value))
        for name, value in desired.items()
        if applied.get(name) != plain(value)
    ]
    # What the source no longer has is emptied.
    differences += [
        Difference(name, applied[name], None) for name in applied if name not in desired
    ]
    current = world.directories[base["entity"]].find(desired) if differences else None
    conflicts = tuple(d for d in differences if _changed_there(d, current))
    written = {d.field for d in differences} - {d.field for d in conflicts}
    later = [
        Difference(name, before_deferred.get(name), plain(value))
        for name, value in base["deferred"].items()
        if before_deferred.get(name) != plain(value)
    ]
    later += [
        Difference(name, value, None)
        for name, value in before_deferred.items()
        if name not in base["deferred"]
    ]
    if not differences and not later:
        return Change(action=Action.UNCHANGED, target_id=target_id, **base)
    return Change(
        action=Action.UPDATE,
        reason="conflict" if conflicts else "" if differences else "at finish",
        target_id=target_id,
        fields={name: desired.get(name) for name in (*desired, *applied) if name in written},
        differences=tuple(d for d in differences if d not in conflicts) + tuple(later),
        conflicts=conflicts,
        **base,
    )


def _changed_there(difference: Difference, current: dict[str, Any] | None) -> bool:
    """Say whether somebody changed this very field in Zammad since we wrote it."""
    if current is None or not isinstance(difference.before, str):
        return False
    there = current.get(difference.field)
    return (
        isinstance(there, str)
        and not same_text(there, difference.before)
        and not same_text(there, str(difference.after))
    )


def same_text(one: str, other: str) -> bool:
    """Compare as Zammad stores: names get capitals, times get milliseconds (reference §a3)."""
    if _TIME.match(one) and _TIME.match(other):
        return one[:19] == other[:19]
    return one.strip().casefold() == other.strip().casefold()


def _known_adopted(world: World, base: dict[str, Any], known: dict[str, Any]) -> Change:
    """An adopted record is compared with what it was given, never with all it might be."""
    row = world.directories[base["entity"]].find(base["payload"])
    if known.get("fingerprint") == base["fingerprint"] or row is None:
        return Change(
            action=Action.UNCHANGED,
            reason="adopted",
            target_id=known["target_id"],
            adopted=True,
            **base,
        )
    return _adopted(world, base, {**row, "id": known["target_id"]})


def _adopted(world: World, base: dict[str, Any], existing: dict[str, Any]) -> Change:
    """A record that was there before us: empty fields are filled, roles added, nothing else."""
    desired = base["payload"]
    attributes = world.custom_fields.names(base["entity"])
    base["deferred"] = {name: v for name, v in base["deferred"].items() if name == "groups"}
    fields: dict[str, Any] = {
        name: value
        for name, value in desired.items()
        if name not in existing
        and name not in _NEVER_FILLED
        and ((isinstance(value, str) and value) or name in attributes)
    }
    if desired.get("roles"):
        have = set(existing.get("role_ids", []))
        if any(world.roles.get(role) not in have for role in desired["roles"]):
            names = {number: name for name, number in world.roles.items()}
            fields["roles"] = sorted({names[n] for n in have if n in names} | {*desired["roles"]})
    if "organization" in desired and "organization_id" not in existing:
        fields["organization"] = desired["organization"]
    before = {name: existing.get("role_ids" if name == "roles" else name) for name in fields}
    return Change(
        action=Action.UPDATE if fields else Action.UNCHANGED,
        reason="adopted",
        target_id=existing.get("id"),
        fields=fields,
        differences=tuple(
            Difference(name, before[name], plain(value)) for name, value in fields.items()
        ),
        adopted=True,
        before=before,
        **base,
    )


def _row(world: World, desired: dict[str, Any]) -> dict[str, Any]:
    """Return a payload in the shape of Zammad's lists, for the directory."""
    row: dict[str, Any] = {
        name: value for name, value in desired.items() if isinstance(value, str | bool | int | list)
    }
    if "roles" in desired:
        row["role_ids"] = [world.roles.get(role, 0) for role in desired["roles"]]
    if "organization" in desired:
        row["organization_id"] = str(desired["organization"])
    return row
