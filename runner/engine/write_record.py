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
    from collections.abc import Mapping

    from runner.engine.world import World
    from runner.zammad.client import Zammad

LOCALE = "locale"
"""The field of a user that lies among their preferences."""

_ATTEMPTS = 3


def write(world: World, zammad: Zammad, change: Change) -> dict[str, Any]:
    """Bring one listed record to Zammad and return its ledger document."""
    known = world.ledger.table(change.entity).get(change.source_id)
    path = world.directories[change.entity].kind.path
    if change.action is Action.CREATE and change.target_id is not None:
        # It arrived in an earlier run; what changed at the source since is written now.
        target_id = change.target_id
        zammad.update(f"{path}/{target_id}", _body(world, change))
        _speak(zammad, change, target_id, known)
    elif change.action is Action.CREATE:
        target_id = _created(world, zammad, change)
    else:
        target_id = change.target_id or _planned(world, change)
        if change.fields:
            body = world.resolved({k: v for k, v in change.fields.items() if k != LOCALE})
            if body:
                zammad.update(f"{path}/{target_id}", body)
            if LOCALE in change.fields:
                _speak(zammad, change, target_id, known)
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
    if LOCALE in change.payload:
        body["preferences"] = {LOCALE: change.payload[LOCALE]}
    try:
        answer = _send(zammad, world, change, body)
    except RecordError:
        directory.forget(change.payload)
        raise
    check_kept(zammad, body, answer, f"{change.entity}/{change.source_id}")
    directory.found({**directory_row(change, body), **answer})
    there = (answer.get("preferences") or {}).get(LOCALE)
    if LOCALE in change.payload and there != change.payload[LOCALE]:
        # Zammad gave the user our own language (reference §a3, set_locale).
        users.speak(zammad, int(answer["id"]), change.payload[LOCALE])
    return int(answer["id"])


def _speak(zammad: Zammad, change: Change, user_id: int, known: Mapping[str, Any] | None) -> None:
    """Write a user's language, unless they chose another one in Zammad since."""
    wanted = change.payload.get(LOCALE)
    if wanted is None:
        return
    there = (zammad.get(f"/users/{user_id}").get("preferences") or {}).get(LOCALE)
    before = ((known or {}).get("applied") or {}).get(LOCALE)
    if there != wanted and (there == before or before is None):
        users.speak(zammad, user_id, wanted)


def directory_row(change: Change, body: dict[str, Any]) -> dict[str, Any]:
    """Return what the directory should know of a record that an answer may not repeat."""
    return {name: body[name] for name in ("name", "login", "email") if name in body} | {
        "active": change.payload.get("active", True)
    }


def _body(world: World, change: Change) -> dict[str, Any]:
    body = world.resolved({k: v for k, v in change.payload.items() if k != LOCALE})
    teams = change.deferred.get("groups")
    if change.entity == "users" and teams:
        # A team that was left out gives no access; it is no reason to lose the agent.
        ids = [world.target_id(team) for team in teams if isinstance(team, Reference)]
        body["group_ids"] = {str(group_id): ["full"] for group_id in ids if group_id}
    return body


def _send(zammad: Zammad, world: World, change: Change, body: dict[str, Any]) -> dict[str, Any]:
    """POST; where the outcome is not known, look the record up before sending it again."""
    kind = world.directories[change.entity].kind
    attempt = 0
    while True:
        attempt += 1
        try:
            answer: dict[str, Any] = zammad.create(kind.path, body)
        except OutcomeUnknown as unknown:
            try:
                found = _look_up(zammad, change.entity, kind.path, body)
            except Refused:
                raise unknown from None
            if found is not None:
                return found
            if attempt == _ATTEMPTS:
                raise
        except Refused as refusal:
            # It may have been a deadlock: what is not there after a 422 is sent once more.
            if refusal.status != 422 or attempt > 1:
                raise
            if _look_up(zammad, change.entity, kind.path, body) is not None:
                raise
        else:
            return answer


def _look_up(zammad: Zammad, entity: str, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
    if entity == "users":
        return users.look_up(zammad, str(body.get("login") or body.get("email")))
    name = str(body["name"]).casefold()
    for row in zammad.pages(path, per_page=1000):
        if str(row["name"]).casefold() == name:
            return row
    return None
