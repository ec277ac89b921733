"""Finish: what could only be written last, then import mode off."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.engine import going_live
from runner.engine.change import reference_of
from runner.errors import RecordError
from runner.zammad import settings as zammad_settings
from runner.zammad import users

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runner.engine.world import World
    from runner.zammad.client import Zammad

_ORDER = ("users", "organizations", "groups")
"""Users first: their groups must be active while they are given."""


@dataclass(slots=True)
class Finished:
    """What finish did.

    ``settings`` tells which were changed, ``told`` what to know about others.
    """

    written: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    import_mode_was_on: bool = False
    settings: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def pending(world: World) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield entity and ledger document of every record that finish has to write."""
    for entity in _ORDER:
        for document in world.ledger.table(entity):
            deferred = document.get("deferred") or {}
            if document["status"] == "done" and not deferred.get("written", True):
                yield entity, document


def finish(
    world: World,
    zammad: Zammad,
    *,
    settle_seconds: float,
    tell: Callable[[str], None],
    follow_ups: bool = True,
) -> Finished:
    """Write what was deferred, switch import mode off, open the system if it never was.

    ``follow_ups`` sets how Zammad finds the tickets of answers to old mails. Every step can be
    cut off and done again.
    """
    result = Finished()
    for entity, document in list(pending(world)):
        path = world.directories[entity].kind.path
        try:
            current = _with_groups_before(world, zammad, entity, document)
            body = _body(world, zammad, entity, current)
            if body:
                zammad.update(f"{path}/{document['target_id']}", body)
            if entity == "users" and world.user_updated_at and not document.get("adopted"):
                moment = (document.get("applied") or {}).get("updated_at")
                users.restore_updated_at(zammad, document["target_id"], moment)
        except RecordError as error:
            result.failed.append(f"{entity}/{document['source_id']}: {error}")
            continue
        done = {"values": current["deferred"]["values"], "written": True}
        world.ledger.table(entity).put({**current, "deferred": done})
        result.written[entity] = result.written.get(entity, 0) + 1
    world.ledger.flush()
    # Before import mode ends: from then on mails come in that shall find their tickets.
    result.settings, result.told = going_live.set_up(world.ledger, zammad, follow_ups=follow_ups)
    result.import_mode_was_on = going_live.switch_off(
        world.ledger, zammad, settle_seconds=settle_seconds, tell=tell
    )
    initialised = zammad_settings.read(zammad).get("system_init_done")
    if initialised is not None and initialised.value is False:
        zammad_settings.write(zammad, initialised, value=True)
    return result


def _with_groups_before(
    world: World, zammad: Zammad, entity: str, document: dict[str, Any]
) -> dict[str, Any]:
    """Write down the groups of an adopted agent before they are widened, for ``reset``."""
    before = document.get("before", {})
    widens = entity == "users" and document.get("adopted") and document["deferred"]["values"]
    if not widens or "group_ids" in before:
        return document
    path = f"/users/{document['target_id']}"
    row = zammad.get(path)
    if not row.get("active"):
        # Groups show on active agents only; ``_body`` switches this one off again, see ``had``.
        document = _kept(world, document, {"active": False})
        zammad.update(path, {"active": True})
        row = zammad.get(path)
    return _kept(world, document, {"group_ids": row.get("group_ids") or {}})


def _kept(world: World, document: dict[str, Any], was: dict[str, Any]) -> dict[str, Any]:
    """Write down what an adopted user was before it changes, as ``Access`` does."""
    deferred = document["deferred"]
    kept = {
        **document,
        "before": {**was, **document.get("before", {})},
        "deferred": {**deferred, "had": {**was, **deferred.get("had", {})}},
    }
    world.ledger.table("users").put(kept)
    world.ledger.flush()
    return kept


def _body(world: World, zammad: Zammad, entity: str, document: dict[str, Any]) -> dict[str, Any]:
    deferred = document["deferred"]
    had = deferred.get("had", {})
    body: dict[str, Any] = {k: v for k, v in deferred["values"].items() if k != "groups"}
    if entity != "users" or document["target_id"] == world.me:
        return body
    if "active" in had:
        body.setdefault("active", had["active"])
    teams = deferred["values"].get("groups", [])
    if "group_ids" in had or teams or deferred.get("left"):
        base = had.get("group_ids")
        if base is None:
            row = zammad.get(f"/users/{document['target_id']}")
            base = row.get("group_ids") or {}
        body["group_ids"] = _groups(world, base, teams, deferred.get("left", []))
    return body


def _groups(
    world: World,
    base: dict[str, Any],
    teams: list[dict[str, str]],
    left: list[dict[str, str]],
) -> dict[str, Any]:
    """Return what an agent had, with the groups of the Kayako teams, without those left since."""
    access = dict(base)
    for team in left:
        access.pop(str(world.target_id(reference_of(team["ref"]))), None)
    for team in teams:
        group_id = world.target_id(reference_of(team["ref"]))
        if group_id is not None:
            access[str(group_id)] = ["full"]
    return access
