from __future__ import annotations

import pytest

from runner.engine.change import Action, Change
from runner.engine.creations import Creations
from runner.errors import RecordError
from runner.zammad import vocabularies
from tests.engine.support import Small, looked
from tests.zammad.support import Desk


def needing(*creates: tuple[str, str, str]) -> Change:
    return Change("tickets", "1", Action.CREATE, creates=creates)


def test_a_state_is_created_once_and_stands_in_the_ledger(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(), zammad_desk)
    creations = Creations(world, zammad_desk.zammad)
    change = needing(("ticket_state", "Escalated", "open"), ("ticket_priority", "4 urgent", ""))
    creations.prepare(change)
    creations.prepare(change)
    states = vocabularies.read(zammad_desk.zammad, "ticket_state")
    document = world.ledger.table("states").get("Escalated") or {}
    assert (document["status"], document["target_id"]) == ("done", states["Escalated"]["id"])
    assert "4 urgent" in world.ledger.table("priorities")
    assert zammad_desk.writes().count("POST /ticket_states") == 1


def test_what_is_there_is_not_ours(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(), zammad_desk)
    Creations(world, zammad_desk.zammad).prepare(needing(("ticket_state", "open", "open")))
    assert len(world.ledger.table("states")) == 0


def test_values_of_other_kinds_are_nobodys_business_here(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(), zammad_desk)
    asked = len(zammad_desk.fake.requests)
    Creations(world, zammad_desk.zammad).prepare(needing(("ticket", "type", "")))
    assert len(zammad_desk.fake.requests) == asked


def test_a_state_that_zammad_refuses_fails_the_ticket_and_is_named(
    small: Small, zammad_desk: Desk
) -> None:
    world = looked(small(), zammad_desk)
    name = "x" * 1000
    zammad_desk.fake.tables.users[3]["role_ids"] = [2]
    creations = Creations(world, zammad_desk.zammad)
    with pytest.raises(RecordError, match=r"states: x+ cannot be created") as error:
        creations.prepare(needing(("ticket_state", name, "open")))
    assert "403" in str(error.value)
    assert (world.ledger.table("states").get(name) or {})["target_id"] is None


def test_a_creation_whose_answer_was_lost_is_found_again(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(), zammad_desk)
    creations = Creations(world, zammad_desk.zammad)
    change = needing(("ticket_state", "Escalated", "open"))
    zammad_desk.fake.faults.fail("POST", "/ticket_states", "reset_after")
    with pytest.raises(RecordError):
        creations.prepare(change)
    creations.prepare(change)
    assert (world.ledger.table("states").get("Escalated") or {})["status"] == "done"
    assert zammad_desk.writes().count("POST /ticket_states") == 1
