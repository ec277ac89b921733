from __future__ import annotations

from typing import Any

import pytest

from runner.engine.access import Access
from runner.engine.change import Action, Change
from runner.engine.tickets import NOBODY
from runner.engine.world import World
from runner.errors import RecordError
from runner.mapping.model import Reference
from tests.engine.support import Small, looked
from tests.zammad.support import Desk

OWNER, GROUP = Reference("users", "2"), Reference("groups", "1")
LOGIN = "agent-2@acme.example"


def owned(owner: Any = OWNER, group: Any = GROUP) -> Change:
    return Change("tickets", "1", Action.CREATE, payload={"owner": owner, "group": group})


def prepared(small: Small, desk: Desk, user_id: int, **document: Any) -> tuple[World, Access, int]:
    """Return a world in which agent 2 and team 1 were moved."""
    group_id = desk.group("General")
    world = looked(small(), desk)
    world.ledger.table("groups").put({"source_id": "1", "target_id": group_id, "status": "done"})
    deferred = {"values": {}, "written": True}
    common = {"source_id": "2", "target_id": user_id, "status": "done", "deferred": deferred}
    world.ledger.table("users").put({**common, **document})
    return world, Access(world, desk.zammad), group_id


def test_an_owner_gets_access_once_and_finish_looks_at_him_again(
    small: Small, zammad_desk: Desk
) -> None:
    user_id = zammad_desk.user(LOGIN, "Agent", group_ids={"1": ["full"]})
    world, access, group_id = prepared(small, zammad_desk, user_id)
    access.prepare(owned())
    row = zammad_desk.zammad.get(f"/users/{user_id}")
    assert row["group_ids"] == {"1": ["full"], str(group_id): ["full"]}
    document = world.ledger.table("users").get("2") or {}
    had = {"group_ids": {"1": ["full"]}}
    assert document["deferred"] == {"values": {}, "written": False, "had": had}
    assert "before" not in document
    written = zammad_desk.writes()
    access.prepare(owned())
    assert zammad_desk.writes() == written


@pytest.mark.parametrize(
    "change", [owned(NOBODY), owned(None), owned(group=None), owned("agent", "Users")]
)
def test_without_an_owner_or_group_nothing_is_asked(
    small: Small, zammad_desk: Desk, change: Change
) -> None:
    world = looked(small(), zammad_desk)
    asked = len(zammad_desk.fake.requests)
    Access(world, zammad_desk.zammad).prepare(change)
    assert len(zammad_desk.fake.requests) == asked


def test_the_migration_user_needs_nothing(small: Small, zammad_desk: Desk) -> None:
    _, access, _ = prepared(small, zammad_desk, 3, adopted=True)
    written = zammad_desk.writes()
    access.prepare(owned())
    assert zammad_desk.writes() == written


def test_what_an_adopted_agent_had_is_kept_before_it_changes(
    small: Small, zammad_desk: Desk
) -> None:
    user_id = zammad_desk.user(LOGIN, "Agent", group_ids={"1": ["read"]}, active=False)
    world, access, group_id = prepared(
        small, zammad_desk, user_id, adopted=True, before={"phone": None}
    )
    access.prepare(owned())
    document = world.ledger.table("users").get("2") or {}
    assert document["before"] == {"phone": None, "group_ids": {"1": ["read"]}, "active": False}
    row = zammad_desk.zammad.get(f"/users/{user_id}")
    assert row["active"] is True
    assert row["group_ids"][str(group_id)] == ["full"]
    Access(world, zammad_desk.zammad).prepare(owned())
    assert (world.ledger.table("users").get("2") or {})["before"] == document["before"]


def test_a_successor_whom_kayako_does_not_know_is_kept_under_his_name(
    small: Small, zammad_desk: Desk
) -> None:
    user_id = zammad_desk.user("successor@acme.example", "Agent", group_ids={"1": ["full"]})
    world, access, _ = prepared(small, zammad_desk, 999)
    change = owned(Reference("users", name="successor@acme.example"))
    access.prepare(change)
    document = world.ledger.table("users").get("=successor@acme.example") or {}
    assert (document["target_id"], document["adopted"]) == (user_id, True)
    assert document["before"] == {"group_ids": {"1": ["full"]}}


def test_a_successor_who_was_moved_too_is_that_record(small: Small, zammad_desk: Desk) -> None:
    user_id = zammad_desk.user(LOGIN, "Agent")
    world, access, _ = prepared(small, zammad_desk, user_id)
    access.prepare(owned(Reference("users", name=LOGIN)))
    assert [document["source_id"] for document in world.ledger.table("users")] == ["2"]


def test_an_owner_who_was_not_moved_fails_the_ticket(small: Small, zammad_desk: Desk) -> None:
    _, access, _ = prepared(small, zammad_desk, 999)
    with pytest.raises(RecordError, match="users/8"):
        access.prepare(owned(Reference("users", "8")))
