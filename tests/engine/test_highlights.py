"""What a plan names: new admins, new values of lists, numbers that two tickets would get."""

from __future__ import annotations

from collections import Counter
from typing import Any

from runner.engine import apply, walk
from runner.engine.change import Action, Change
from runner.engine.highlights import Highlights
from runner.engine.plan import Plan, make
from runner.engine.world import World
from tests.engine.support import Edit, Small, agent, case, fill, looked, role, run_of
from tests.zammad.support import Desk

OWN = {"id": 9, "label": "Escalated", "type": "CUSTOM", "resource_type": "case_status"}
NEW = "custom:\n  Escalated:\n    new: Escalated\n    like: open\n"


def planned(world: World, **more: Any) -> Plan:
    wanted = ("groups", "organizations", "users", "tickets")
    changes = walk.everything(world, wanted, world.snapshot.case_ids)
    return make(world, wanted, changes=changes, **more)


def admin(number: int) -> dict[str, Any]:
    return agent(number, role=role("ADMIN"))


def test_new_admins_are_named_and_agents_counted(small: Small) -> None:
    found = planned(small(users=[agent(2), admin(3), admin(4)])).highlights
    assert found.admins == [
        {"source_id": "3", "label": "agent-3@acme.example"},
        {"source_id": "4", "label": "agent-4@acme.example"},
    ]
    assert (found.admins_total, found.agents) == (2, 3)


def test_who_is_admin_in_zammad_already_is_no_new_one(small: Small, zammad_desk: Desk) -> None:
    zammad_desk.user("agent-3@acme.example", "Admin")
    zammad_desk.user("agent-4@acme.example", "Agent")
    world = looked(small(users=[admin(3), admin(4)]), zammad_desk)
    found = planned(world).highlights
    assert [row["source_id"] for row in found.admins] == ["4"]
    assert found.agents == 1, "3 becomes an agent, 4 is one"
    assert found.adopted["users"] == 2


def test_who_was_made_admin_by_an_earlier_run_is_no_new_one(
    small: Small, zammad_desk: Desk
) -> None:
    world = looked(small(users=[admin(3)]), zammad_desk)
    run, _ = run_of(world)
    for entity in ("groups", "organizations", "users"):
        apply.listed(run, entity, walk.listed(world, entity))
    fill(world.snapshot, "users", [admin(3) | {"full_name": "Another Name"}])
    world = looked(world, zammad_desk)
    found = planned(world)
    assert found.actions["users"] == {Action.UPDATE: 1}
    assert (found.highlights.admins_total, found.highlights.agents) == (0, 0)


def test_values_that_zammad_lacks_are_counted_and_others_are_not(
    small: Small, edited: Edit, zammad_desk: Desk
) -> None:
    mappings = edited("vocabularies/states.yaml", "custom:\n", NEW)
    cases = [case(1, status=OWN), case(2, status=OWN), case(3)]
    found = planned(small(mappings=mappings, cases=cases)).highlights
    assert found.creations == Counter({("states", "Escalated"): 2})
    zammad_desk.zammad.create(
        "/ticket_states", {"name": "Escalated", "state_type_id": 2, "active": True}
    )
    world = looked(small(mappings=mappings, cases=cases), zammad_desk)
    assert not planned(world).highlights.creations


def test_a_number_that_a_mapping_gives_twice_is_found(small: Small, edited: Edit) -> None:
    rule = "  number:\n    from: id\n"
    mappings = edited("tickets.yaml", rule, "  number:\n    always: 7\n")
    found = planned(small(mappings=mappings, cases=[case(1), case(2), case(3)])).highlights
    assert found.doubled_total == 2
    assert found.doubled == [
        {"source_id": "2", "number": "7"},
        {"source_id": "3", "number": "7"},
    ]
    assert planned(small(cases=[case(1), case(2)])).highlights.doubled_total == 0


def test_numbers_are_compared_as_texts(small: Small) -> None:
    found, world = Highlights(), small()
    numbers = ("7", "07", "K7", 7, "\N{SUPERSCRIPT TWO}")
    for source_id, number in enumerate(numbers, 1):
        payload = {"number": number}
        found.take(world, Change("tickets", str(source_id), Action.CREATE, payload=payload))
    assert [row["source_id"] for row in found.doubled] == ["4"]


def test_tickets_that_are_there_keep_their_numbers(small: Small) -> None:
    found, world = Highlights(), small()
    for source_id in ("1", "2"):
        found.take(world, Change("tickets", source_id, Action.UPDATE, payload={"number": "7"}))
    assert found.doubled_total == 0


def test_each_change_is_told_with_its_fields_and_the_names_of_what_it_refers_to(
    small: Small,
) -> None:
    told: list[tuple[str, str, dict[str, str]]] = []
    world = small(cases=[case(1, state="TRASH"), case(2)])
    made = planned(
        world,
        detail=lambda title, sample, names: told.append((title, sample["label"], dict(names))),
    )
    changed = sum(words.total() - words[Action.UNCHANGED] for words in made.actions.values())
    assert len(told) == changed
    (ticket,) = (names for title, _, names in told if title == "tickets create")
    assert ticket["users/7"] == "customer-7@example.org"
    assert ("tickets skip", "Case 1", {}) in told
