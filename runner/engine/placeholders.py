"""Records that Kayako only names: users it no longer has, and groups that mappings call for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine import conversations, records
from runner.engine.change import Action, Change
from runner.mapping.model import Outcome
from runner.zammad import groups

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.engine.world import World
    from runner.mapping.model import Reference

_GROUP_PREFIX = "="
"""Source ids of groups that no Kayako team stands behind: ``=Kayako unassigned``."""


def needed(world: World, change: Change) -> Iterator[Change]:
    """Yield the changes that must come first because ``change`` refers to what is not there."""
    for reference in change.references():
        if reference.placeholder:
            yield from _user(world, reference)
        elif reference.entity == "groups" and reference.source_id is None:
            yield from group(world, str(reference.name))


def above(world: World, change: Change) -> Iterator[Change]:
    """Yield the groups that a group lies in, where groups lie in groups."""
    if change.entity == "groups" and change.action is Action.CREATE and world.groups_nest:
        for name in groups.parents(str(change.payload["name"])):
            yield from group(world, name)


def _user(world: World, reference: Reference) -> Iterator[Change]:
    source_id = str(reference.source_id or reference.name)
    if source_id in world.promised or _done(world, "users", source_id):
        return
    if conversations.is_erased(world, "users", source_id):
        return  # whoever was erased on request does not come back under another name
    world.promised.add(source_id)
    stub = user_record(source_id, reference.name if reference.source_id else None)
    yield records.of_record(world, "users", stub, reason="placeholder: not in Kayako any more")


def user_record(source_id: str, name: str | None) -> dict[str, Any]:
    """Return the expanded record of a user of whom only the id, and maybe the name, is known.

    It goes through ``mappings/users.yaml`` like every other, so login and name follow its rules.
    """
    empty_lists = (
        "teams",
        "other_emails",
        "other_phones",
        "organizations",
        "other_organizations",
        "notes",
    )
    empty = (
        "uuid last_name designation organization email phone twitter facebook time_zone locale"
        " signature last_logged_in_at created_at updated_at"
    )
    return {
        **dict.fromkeys(empty.split()),
        **{name: [] for name in empty_lists},
        "id": source_id,
        "full_name": name or f"Kayako user {source_id}",
        "first_name": name or "Kayako user",
        "last_name": "(no longer in Kayako)" if name else source_id,
        "is_enabled": False,
        "role": {"id": None, "title": "Customer", "type": "CUSTOMER"},
        "custom_fields": {},
    }


def group(world: World, name: str) -> Iterator[Change]:
    """Yield the change of a group that no Kayako team stands behind, its own parents first."""
    source_id = f"{_GROUP_PREFIX}{name}"
    if source_id in world.promised or _done(world, "groups", source_id):
        return
    if world.directories["groups"].named(name) is not None:
        known = world.ledger.table("groups").get(source_id)
        if known is None:
            return
    world.promised.add(source_id)
    outcome = Outcome(payload={"name": name, "active": True})
    change = records.of_payload(
        world, "groups", source_id, outcome, reason="named in a mapping, not in Zammad yet"
    )
    if change.action is not Action.UNCHANGED:
        yield from above(world, change)
        yield change


def _done(world: World, entity: str, source_id: str) -> bool:
    document = world.ledger.table(entity).get(source_id)
    return document is not None and document["status"] == "done"
