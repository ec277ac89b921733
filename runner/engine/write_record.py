"""Carrying out the change of one record that is no ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine import results
from runner.engine.change import Action, Change
from runner.engine.past import check_kept
from runner.errors import OutcomeUnknown, RecordError, Refused
from runner.mapping.model import Reference
from runner.zammad import users

if TYPE_CHECKING:
    from runner.engine.world import World
    from runner.zammad.client import Zammad

_ATTEMPTS = 3


def write(world: World, zammad: Zammad, change: Change) -> dict[str, Any]:
    """Bring one listed record to Zammad and return its ledger document."""
    known = world.ledger.table(change.entity).get(change.source_id)
    path = world.directories[change.entity].kind.path
    if change.action is Action.CREATE and change.target_id is not None:
        # It arrived in an earlier run; what changed at the source since is written now.
        target_id = change.target_id
        zammad.update(f"{path}/{target_id}", _body(world, change))
    elif change.action is Action.CREATE:
        target_id = _created(world, zammad, change)
    else:
        target_id = change.target_id or _planned(world, change)
        if change.fields:
            body = world.resolved(change.fields)
            zammad.update(f"{path}/{target_id}", body)
    moved = change.action is Action.CREATE or change.fields.keys() - {"updated_at"}
    if change.entity == "users" and moved and not change.adopted:
        users.restore_updated_at(zammad, target_id, change.payload.get("updated_at"))
    return results.done(change, target_id, known=known)


def _planned(world: World, change: Change) -> int:
    """Return the id of the record of ours into which this one is merged."""
    row = world.directories[change.entity].find(change.payload)
    if row is None or "id" not in row:
        raise RecordError(f"the record that {change.label} shares its name with was not moved")
    return int(row["id"])


def _created(world: World, zammad: Zammad, change: Change) -> int:
    directory = world.directories[change.entity]
    body = _body(world, change)
    try:
        answer = _send(zammad, world, change, body)
    except RecordError:
        directory.forget(change.payload)
        raise
    check_kept(body, answer, f"{change.entity}/{change.source_id}")
    directory.found({**directory_row(change, body), **answer})
    return int(answer["id"])


def directory_row(change: Change, body: dict[str, Any]) -> dict[str, Any]:
    """Return what the directory should know of a record that an answer may not repeat."""
    return {name: body[name] for name in ("name", "login", "email") if name in body} | {
        "active": change.payload.get("active", True)
    }


def _body(world: World, change: Change) -> dict[str, Any]:
    body = world.resolved(change.payload)
    teams = change.deferred.get("groups")
    if change.entity == "users" and teams:
        # A team that was left out gives no access; it is no reason to lose the agent.
        ids = [world.target_id(team) for team in teams if isinstance(team, Reference)]
        body["group_ids"] = {str(group_id): ["full"] for group_id in ids if group_id}
    return body


def _send(zammad: Zammad, world: World, change: Change, body: dict[str, Any]) -> dict[str, Any]:
    """POST; where the outcome is not known, look the record up before sending it again."""
    kind = world.directories[change.entity].kind
    for attempt in range(_ATTEMPTS):
        try:
            answer: dict[str, Any] = zammad.create(kind.path, body)
        except OutcomeUnknown as unknown:
            try:
                found = _look_up(zammad, change.entity, kind.path, body)
            except Refused:
                raise unknown from None
            if found is not None:
                return found
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            return answer
    raise AssertionError


def _look_up(zammad: Zammad, entity: str, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
    if entity == "users":
        return users.look_up(zammad, str(body.get("login") or body.get("email")))
    name = str(body["name"]).casefold()
    for row in zammad.pages(path, per_page=1000):
        if str(row["name"]).casefold() == name:
            return row
    return None
