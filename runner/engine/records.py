"""Changes of everything but tickets: of groups, organizations, users, macros and the like."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from runner.engine import adoption, shapes
from runner.engine.adoption import same_text
from runner.engine.change import Action, Change, Difference, plain, reference_of
from runner.engine.conversations import ERASED_REASON
from runner.engine.ownership import is_ours
from runner.ledger import fingerprint
from runner.mapping.transform import transform
from runner.snapshot.store import ERASED

if TYPE_CHECKING:
    from runner.engine.world import World
    from runner.mapping.model import Outcome

_NEVER_FILLED = {"created_at", "updated_at", "source", "login", "name", "locale"}
_LABELS = defaultdict(lambda: "name", users="login")


def of_record(world: World, entity: str, record: dict[str, Any], *, reason: str = "") -> Change:
    """Return what happens to one record of Kayako's lists."""
    if entity in world.closed:
        return Change(entity, str(record["id"]), Action.SKIP, world.closed[entity])
    if record.get("state") == ERASED:
        return Change(entity, str(record["id"]), Action.SKIP, ERASED_REASON)
    outcome = transform(world.mappings, entity, record, go_live=world.go_live)
    outcome = world.custom_fields.fill(entity, record, outcome)
    outcome = shapes.shaped(entity, outcome)
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
    if not world.secondary_organizations or "organization" not in desired:
        # Zammad takes no further organizations without a first one (reference §k11).
        desired.pop("organizations", None)
    if entity == "users" and not world.user_updated_at:
        desired.pop("updated_at", None)  # Zammad moves it when it is given roles (reference §a3)
    wrong = _cannot_be(world, entity, desired) or shapes.unknown_value(world, outcome)
    if wrong:
        return Change(entity, source_id, Action.FAIL, wrong, notes=outcome.notes)
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
        "creates": outcome.creates,
    }
    directory = world.directories[entity]
    if known is not None and known["status"] == "done":
        directory.add({**_row(world, desired), "id": known["target_id"]})
        return (
            _known_adopted(world, base, known)
            if known.get("adopted")
            else _known(world, base, known)
        )
    existing = directory.find(desired)
    intended = known is not None and known["status"] == "intended" and not known.get("adopted")
    if existing is None:
        directory.add(_row(world, desired))
        return Change(action=Action.CREATE, reason=reason, resume=intended, **base)
    if intended and "id" in existing and is_ours(known or {}, existing):
        # It was on its way when an earlier run ended, and it arrived.
        return Change(
            action=Action.CREATE, reason=reason, resume=True, target_id=existing["id"], **base
        )
    return _adopted(world, base, existing)


def _cannot_be(world: World, entity: str, desired: dict[str, Any]) -> str:
    """Say why Zammad would refuse a payload, as far as that can be known before."""
    if _LABELS[entity] not in desired:
        return f"{_LABELS[entity]}: is empty, and {entity} need one"
    roles = [role for role in desired.get("roles") or () if role not in world.roles]
    if roles and world.zammad is not None:
        return f"roles: Zammad has no role {roles[0]}; it has {', '.join(sorted(world.roles))}"
    return ""


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
    desired, applied = base["payload"], known.get("applied", {})
    differences = [
        Difference(name, applied.get(name), plain(desired.get(name)))
        # What the source no longer has is emptied.
        for name in (*desired, *(name for name in applied if name not in desired))
        if name in desired or name != "updated_at"
        if applied.get(name) != plain(desired.get(name))
    ]
    current = world.directories[base["entity"]].by_id(known["target_id"]) or {}
    conflicts = tuple(d for d in differences if _changed_there(world, d, current))
    written = {d.field: desired.get(d.field) for d in differences if d not in conflicts}
    if "organizations" in written:
        written["organizations"] = _merged_organizations(world, applied, desired, current)
    if "roles" in written:
        written["roles"] = _merged_roles(world, applied.get("roles"), desired, current)
    label = _LABELS[base["entity"]]
    if label in written and _is_taken(world, base["entity"], str(written[label]), known):
        reason = f"{label}: {written[label]} is taken by another record in Zammad"
        kept = {name: base[name] for name in ("entity", "source_id", "label", "notes")}
        return Change(action=Action.FAIL, reason=reason, target_id=known["target_id"], **kept)
    later = _later(base, known)
    if not written and not later:
        return Change(
            action=Action.UNCHANGED,
            reason="conflict" if conflicts else "",
            target_id=known["target_id"],
            conflicts=conflicts,
            **base,
        )
    return Change(
        action=Action.UPDATE,
        reason="conflict" if conflicts else "" if written else "at finish",
        target_id=known["target_id"],
        fields=written,
        differences=tuple(d for d in differences if d not in conflicts) + later,
        conflicts=conflicts,
        **base,
    )


def _is_taken(world: World, entity: str, name: str, known: dict[str, Any]) -> bool:
    """Say whether a record cannot be called so because another one is: Zammad would refuse it."""
    directory = world.directories[entity]
    there = directory.named(name)
    return there is not None and there is not directory.by_id(known["target_id"])


def _later(base: dict[str, Any], known: dict[str, Any]) -> tuple[Difference, ...]:
    """Return what ``finish`` has to write that it did not know of before."""
    before = (known.get("deferred") or {}).get("values", {})
    wanted = {name: plain(value) for name, value in base["deferred"].items()}
    for name in before.keys() - wanted.keys():
        wanted[name] = [] if name == "groups" else plain(base["payload"].get(name))
    return tuple(
        Difference(name, before.get(name), value)
        for name, value in wanted.items()
        if before.get(name) != value
    )


def _merged_roles(
    world: World, before: list[str] | None, desired: dict[str, Any], current: dict[str, Any]
) -> list[str]:
    """Return the roles to write: what we gave before goes, what somebody gave in Zammad stays."""
    names = {number: name for name, number in world.roles.items()}
    there = {names[number] for number in current.get("role_ids", []) if number in names}
    return sorted((there - set(before or ())) | set(desired.get("roles") or ()))


def _merged_organizations(
    world: World, applied: dict[str, Any], desired: dict[str, Any], current: dict[str, Any]
) -> list[Any]:
    """Return the further organizations to write: what we gave goes, what others gave stays."""
    before = {
        world.target_id(reference_of(one["ref"])) for one in applied.get("organizations") or ()
    }
    kept = [one for one in current.get("organization_ids", []) if one not in before]
    return [*(desired.get("organizations") or ()), *kept]


def _changed_there(world: World, difference: Difference, current: dict[str, Any]) -> bool:
    """Say whether somebody changed this very field in Zammad since we wrote it."""
    before, after = difference.before, difference.after
    if isinstance(before, dict) and "ref" in before:
        ids = [
            world.target_id(reference_of(value["ref"])) if value else None
            for value in (before, after)
        ]
        there = current.get(f"{difference.field}_id")
        return bool(current) and there not in ids
    there = current.get(difference.field)
    if difference.field in shapes.NESTED:
        # Inside are ids, in the ledger references.
        return bool(current) and not any(
            shapes.same_inside(world, value, there) for value in (before, after)
        )
    if isinstance(before, bool):
        return there is not None and there not in (before, after)
    return (
        isinstance(before, str)
        and isinstance(there, str)
        and not same_text(there, before)
        and not same_text(there, str(after))
    )


def _known_adopted(world: World, base: dict[str, Any], known: dict[str, Any]) -> Change:
    """An adopted record is compared with what it was given, never with all it might be."""
    base["deferred"] = _for_adopted(base["deferred"])
    row = world.directories[base["entity"]].by_id(known["target_id"])
    if known.get("fingerprint") != base["fingerprint"] and row is not None:
        change = _adopted(world, base, row)
        if change.fields:
            return change
    later = _later(base, known)
    return Change(
        action=Action.UPDATE if later else Action.UNCHANGED,
        reason="at finish" if later else "adopted",
        target_id=known["target_id"],
        adopted=True,
        differences=later,
        **base,
    )


def _for_adopted(deferred: dict[str, Any]) -> dict[str, Any]:
    """Who was there before us is never switched off: only groups are added at ``finish``."""
    return {name: value for name, value in deferred.items() if name == "groups"}


def _adopted(world: World, base: dict[str, Any], existing: dict[str, Any]) -> Change:
    """A record that was there before us: empty fields are filled, roles added, nothing else."""
    desired = base["payload"]
    wanted = {**desired, **base["deferred"]}
    attributes = world.custom_fields.names(base["entity"])
    base["deferred"] = _for_adopted(base["deferred"])
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
    if "organizations" in desired:
        have = existing.get("organization_ids", [])
        if any(world.target_id(one) not in have for one in desired["organizations"]):
            fields["organizations"] = [*desired["organizations"], *have]
    lists = {"roles": "role_ids", "organizations": "organization_ids"}
    before = {name: existing.get(lists.get(name, name)) for name in fields}
    base["notes"] = (*base["notes"], *adoption.kept(world, wanted, existing, fields))
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
        name: value
        for name, value in desired.items()
        if isinstance(value, str | bool | int | list | dict)
    }
    if "roles" in desired:
        row["role_ids"] = [world.roles.get(role, 0) for role in desired["roles"]]
    if "organization" in desired:
        row["organization_id"] = str(desired["organization"])
    return row
