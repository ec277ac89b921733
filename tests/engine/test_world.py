from __future__ import annotations

import pytest

from runner.engine.world import World
from runner.errors import RecordError
from runner.mapping.model import Reference
from tests.engine.support import Small, agent, looked, role, user
from tests.zammad.support import Desk

GROUP, PERSON = Reference("groups", "1"), Reference("users", "7")


def put(world: World, entity: str, source_id: str, target_id: int | None, status: str) -> None:
    document = {"source_id": source_id, "target_id": target_id, "status": status}
    world.ledger.table(entity).put(document)


def test_a_look_at_zammad_reads_its_lists(small: Small, zammad_desk: Desk) -> None:
    group = zammad_desk.group("Support")
    world = looked(small(), zammad_desk)
    assert world.me == 3
    assert world.groups_nest
    assert world.roles["Agent"] == 2
    assert world.target_id(Reference("groups", name="SUPPORT")) == group
    assert world.target_id(Reference("users", name="nicole.braun@zammad.org")) == 2


def test_ids_come_from_the_ledger_or_from_what_is_in_zammad(small: Small) -> None:
    world = small()
    put(world, "users", "7", 40, "done")
    put(world, "users", "unknown", 41, "done")
    world.directories["users"].add({"id": 42, "login": "successor@acme.example"})
    assert world.target_id(PERSON) == 40
    assert world.target_id(Reference("users", name="unknown", placeholder=True)) == 41
    assert world.target_id(Reference("users", name="successor@acme.example")) == 42
    assert world.target_id(Reference("users", name="-")) == 1
    assert world.target_id(Reference("users", "8")) is None
    assert world.target_id(Reference("groups", name="Nowhere")) is None


def test_what_was_not_moved_cannot_be_referred_to(small: Small) -> None:
    with pytest.raises(RecordError, match="users/7 is not in Zammad"):
        small().resolve(PERSON)


def test_payloads_are_turned_into_ids(small: Small) -> None:
    world = small()
    put(world, "users", "7", 40, "done")
    put(world, "groups", "1", 5, "done")
    put(world, "organizations", "5", 6, "done")
    company = Reference("organizations", "5")
    assert world.resolved(
        {
            "title": "T",
            "customer": PERSON,
            "groups": [GROUP],
            "organizations": [company],
            "tags": ["a"],
            "roles": [],
            "organization": None,
            "type": None,
        }
    ) == {
        "title": "T",
        "customer_id": 40,
        "group_ids": {"5": ["full"]},
        "organization_ids": [6],
        "tags": ["a"],
        "roles": [],
        "organization_id": None,
        "type": None,
    }


def test_a_record_does_without_what_the_mapping_left_out(small: Small) -> None:
    world = small()
    put(world, "organizations", "5", None, "skipped")
    put(world, "users", "7", None, "skipped")
    assert world.resolved({"organization": Reference("organizations", "5")}) == {}
    with pytest.raises(RecordError):
        world.resolved({"customer": PERSON})


def test_who_becomes_an_agent_follows_from_the_mapping(small: Small) -> None:
    world = small(users=[user(7), agent(2), user(8, role=role("ADMIN"))])
    answers = {number: world.is_agent(Reference("users", number)) for number in ("7", "2", "8")}
    assert answers == {"7": False, "2": True, "8": True}
    assert not world.is_agent(Reference("users", "99"))
    assert not world.is_agent(Reference("users", "2", placeholder=True))


def test_a_successor_is_an_agent_when_zammad_says_so(small: Small) -> None:
    world = small()
    world.directories["users"].add({"id": 9, "login": "agent@acme.example", "role_ids": [2]})
    world.directories["users"].add({"id": 8, "login": "customer@acme.example", "role_ids": [3]})
    assert world.is_agent(Reference("users", name="agent@acme.example"))
    assert not world.is_agent(Reference("users", name="customer@acme.example"))
    assert not world.is_agent(Reference("users", name="nobody@acme.example"))


def test_what_is_missing_says_why(small: Small) -> None:
    world = small()
    person = Reference("users", source_id="4711")
    with pytest.raises(RecordError, match=r"users/4711 is not in Zammad: it was not moved yet"):
        world.resolve(person)
    document = {"source_id": "4711", "target_id": None, "status": "failed", "action": "fail"}
    notes = [["failed", "", "roles: Zammad has no role Agnt"]]
    world.ledger.table("users").put({**document, "notes": notes})
    with pytest.raises(RecordError, match=r"users/4711 is not in Zammad: roles: .* Agnt"):
        world.resolve(person)
