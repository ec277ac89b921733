"""Custom fields on their way from the snapshot into Zammad and out of it again."""

from __future__ import annotations

from typing import Any

import pytest

from runner.engine import attributes, plan, records, reset, target, tickets
from runner.engine.change import Action
from runner.engine.creations import Creations
from runner.engine.world import World
from runner.errors import InvalidFiles, PreflightError, Unreachable
from runner.mapping.field_rules import FieldRules
from runner.mapping.model import Entry, Mappings
from runner.snapshot.writing import Writer
from runner.zammad import attributes as zammad_attributes
from tests.engine.support import GO_LIVE, Small, case, organization, record, shipped_mappings, user
from tests.mapping.field_support import field, option
from tests.zammad.support import Desk, Port, desk


def held(kind: str, number: int, value: Any) -> dict[str, Any]:
    return {"field": {"id": number, "resource_type": kind}, "value": value}


def define(world: World, kind: str, *definitions: dict[str, Any]) -> World:
    Writer(world.snapshot).listed(kind, [{**one, "resource_type": kind} for one in definitions])
    return world


def world_with_fields(small: Small, **more: Any) -> World:
    """Return a world of one ticket and one organization with a field each."""
    world = small(
        cases=[case(1, custom_fields=[held("case_field", 8, "1"), held("case_field", 9, "no")])],
        organizations=[organization(5, custom_fields=[held("organization_field", 4, "7")])],
        **more,
    )
    define(
        world,
        "case_field",
        field("SELECT", option(1, "Desk")),
        field("YESNO", number=9, key="insured"),
    )
    return define(world, "organization_field", field("NUMERIC", number=4, key="seats"))


def changed(**rules: Any) -> Mappings:
    known = shipped_mappings()
    return Mappings(
        known.entities, known.vocabularies, known.programs, custom_fields=FieldRules(**rules)
    )


def door(world: World, desk: Desk) -> target.Target:
    target.look(world, desk.zammad)
    return target.Target(world, settle_seconds=0, tell=lambda _: None)


def statuses(world: World) -> dict[str, str]:
    return {d["source_id"]: d["status"] for d in world.ledger.table(attributes.TABLE)}


def test_values_are_part_of_the_payload_and_of_the_fingerprint(small: Small) -> None:
    world = world_with_fields(small)
    change = tickets.of_case(world, record(world, "cases", 1))
    assert change.payload["kayako_product"] == "1"
    assert change.payload["kayako_insured"] is False
    other = small(cases=[case(1)])
    assert tickets.of_case(other, record(other, "cases", 1)).fingerprint != change.fingerprint
    acme = records.of_record(world, "organizations", record(world, "organizations", 5))
    assert acme.payload["kayako_seats"] == 7


def test_the_prefix_comes_from_the_config(small: Small) -> None:
    world = world_with_fields(small)
    world.attribute_prefix = "k_"
    assert world.custom_fields.names("organizations") == {"k_seats"}


def test_a_field_that_stays_behind_leaves_no_value_and_no_note(small: Small) -> None:
    world = world_with_fields(
        small, mappings=changed(ignore={"tickets": {"product": "x", "insured": "x"}})
    )
    change = tickets.of_case(world, record(world, "cases", 1))
    assert not [name for name in change.payload if name.startswith("kayako_")]
    assert change.notes == ()


def test_a_rule_for_a_field_that_is_not_there_is_a_mistake(small: Small) -> None:
    world = world_with_fields(small, mappings=changed(ignore={"users": {"product": "x"}}))
    with pytest.raises(InvalidFiles, match="users have no field product"):
        world.custom_fields  # noqa: B018 - read for its error


def test_plan_lists_them_and_opening_creates_them_with_one_migration(
    small: Small, zammad_desk: Desk
) -> None:
    world = world_with_fields(small)
    opened = door(world, zammad_desk)
    made = plan.make(world, changes=())
    wanted = ["Ticket.kayako_product", "Ticket.kayako_insured", "Organization.kayako_seats"]
    assert made.attributes.names == {"create": wanted}
    assert made.has_changes
    assert zammad_desk.writes() == []
    opened.open()
    written = zammad_desk.writes()
    assert sum("execute_migrations" in line for line in written) == 1
    assert written.index("POST /object_manager_attributes_execute_migrations") < next(
        index for index, line in enumerate(written) if line.startswith("PUT /settings")
    )
    assert statuses(world) == dict.fromkeys(wanted, "done")
    assert world.ledger.target["probe_records"] == []
    assert attributes.outlook(world, ("tickets", "organizations")).names == {"unchanged": wanted}


def test_a_second_opening_sends_no_attribute_and_probes_none(
    small: Small, zammad_desk: Desk
) -> None:
    world = world_with_fields(small)
    door(world, zammad_desk).open()
    before = len(zammad_desk.writes())
    door(world, zammad_desk).open()
    later = zammad_desk.writes()[before:]
    assert not [line for line in later if "object_manager" in line or "tickets" in line]


def test_where_values_do_not_survive_the_run_stops_until_a_restart(
    small: Small, zammad_port: Port
) -> None:
    world = world_with_fields(small)
    with desk(zammad_port, version="5.2", workers=2) as made:
        with pytest.raises(PreflightError, match="loses the values") as caught:
            door(world, made).open()
        assert "restart Zammad" in caught.value.advice
        assert set(statuses(world).values()) == {"partial"}
        with pytest.raises(PreflightError, match="loses the values"):
            door(world, made).open()
        made.fake.restart()
        door(world, made).open()
        assert set(statuses(world).values()) == {"done"}
        # Nothing of the probes is left.
        assert len(made.fake.tables.tickets) == 1
        assert len(made.fake.tables.organizations) == 1


def test_all_attributes_of_another_type_are_named_at_once(small: Small, zammad_desk: Desk) -> None:
    world = world_with_fields(small)
    for name in ("kayako_product", "kayako_insured"):
        _theirs(zammad_desk, name)
    _migrate(zammad_desk)
    opened = door(world, zammad_desk)
    with pytest.raises(PreflightError, match=r"kayako_product.*kayako_insured"):
        opened.open()
    assert statuses(world) == {}


def _theirs(desk: Desk, name: str, data_type: str = "input", **option: Any) -> None:
    body = {"object": "Ticket", "name": name, "display": name, "data_type": data_type}
    given = {"type": "text", "maxlength": 10, "default": "", **option}
    desk.zammad.create("/object_manager_attributes", {**body, "data_option": given})


def _migrate(desk: Desk) -> None:
    desk.zammad.create("/object_manager_attributes_execute_migrations", {})


def _attribute(desk: Desk, name: str) -> dict[str, Any] | None:
    rows = desk.zammad.get("/object_manager_attributes")
    return next((row for row in rows if row["name"] == name), None)


def test_reset_removes_ours_and_gives_back_what_was_there(small: Small, zammad_desk: Desk) -> None:
    world = world_with_fields(small)
    _theirs(zammad_desk, "kayako_product", "select", options={"x": "Theirs"})
    _migrate(zammad_desk)
    before = _attribute(zammad_desk, "kayako_product")
    assert before is not None
    door(world, zammad_desk).open()
    there = _attribute(zammad_desk, "kayako_product")
    assert there is not None
    assert there["data_option"]["options"] == {"x": "Theirs", "1": "Desk"}
    assert reset.outlook(world.ledger).removed == {"attributes": 2}
    done = reset.reset(
        world.ledger,
        zammad_desk.zammad,
        kayako_host=world.kayako_host,
        discard_changes=False,
        settle_seconds=0,
        tell=lambda _: None,
        stopped=lambda: False,
    )
    assert done.removed == {"attributes": 2}
    assert done.restored == {"attributes": 1}
    after = _attribute(zammad_desk, "kayako_product")
    assert after is not None
    assert after["data_option"] == before["data_option"]
    assert not zammad_attributes.is_pending(after)
    assert _attribute(zammad_desk, "kayako_insured") is None


@pytest.mark.parametrize("step", ["send", "migrate"])
def test_an_interrupted_creation_is_ours_and_goes_on(
    small: Small, zammad_desk: Desk, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    world = world_with_fields(small)
    real = getattr(zammad_attributes, step)

    def broken(*arguments: Any, **more: Any) -> None:
        if step == "send":
            real(*arguments, **more)
        raise Unreachable("gone")

    with monkeypatch.context() as patch:
        patch.setattr(zammad_attributes, step, broken)
        with pytest.raises(Unreachable):
            door(world, zammad_desk).open()
    door(world, zammad_desk).open()
    assert set(statuses(world).values()) == {"done"}
    assert not any(document["adopted"] for document in world.ledger.table(attributes.TABLE))
    assert zammad_desk.writes().count("POST /object_manager_attributes") == 3


def test_a_broken_answer_of_the_migration_is_followed_by_another_look(
    small: Small, zammad_desk: Desk
) -> None:
    world = world_with_fields(small)
    zammad_desk.fake.faults.fail("POST", "execute_migrations", "reset_before")
    door(world, zammad_desk).open()
    assert set(statuses(world).values()) == {"done"}


def test_an_adopted_record_keeps_the_value_that_it_has(small: Small, zammad_desk: Desk) -> None:
    world = world_with_fields(small)
    door(world, zammad_desk).open()
    zammad_desk.zammad.create("/organizations", {"name": "Acme", "kayako_seats": 99})
    world = _again(world)
    target.look(world, zammad_desk.zammad)
    change = records.of_record(world, "organizations", record(world, "organizations", 5))
    assert change.adopted
    assert "kayako_seats" not in change.fields


def _again(world: World) -> World:
    return World(world.mappings, world.snapshot, world.ledger, world.kayako_host, GO_LIVE)


def test_an_adopted_record_without_a_value_gets_ours(small: Small, zammad_desk: Desk) -> None:
    world = world_with_fields(small)
    zammad_desk.zammad.create("/organizations", {"name": "Acme"})
    target.look(world, zammad_desk.zammad)
    change = records.of_record(world, "organizations", record(world, "organizations", 5))
    assert change.fields["kayako_seats"] == 7


def test_a_new_option_at_the_source_is_added_by_the_next_run(
    small: Small, zammad_desk: Desk
) -> None:
    world = world_with_fields(small)
    door(world, zammad_desk).open()
    define(world, "case_field", field("SELECT", option(1, "Desk"), option(2, "Chair")))
    world = _again(world)
    opened = door(world, zammad_desk)
    assert attributes.outlook(world, ("tickets",)).names["update"] == ["Ticket.kayako_product"]
    opened.open()
    there = _attribute(zammad_desk, "kayako_product")
    assert there is not None
    assert there["data_option"]["options"] == {"1": "Desk", "2": "Chair"}


def test_an_attribute_that_was_removed_in_zammad_is_made_again(
    small: Small, zammad_desk: Desk
) -> None:
    world = world_with_fields(small)
    door(world, zammad_desk).open()
    row = _attribute(zammad_desk, "kayako_insured")
    assert row is not None
    zammad_desk.zammad.delete(f"/object_manager_attributes/{row['id']}")
    _migrate(zammad_desk)
    door(world, zammad_desk).open()
    assert _attribute(zammad_desk, "kayako_insured") is not None
    assert set(statuses(world).values()) == {"done"}


def test_a_value_that_was_unset_at_the_source_is_emptied(small: Small) -> None:
    world = world_with_fields(small, users=[user()])
    known = records.of_record(world, "organizations", record(world, "organizations", 5))
    document = {
        "source_id": "5",
        "target_id": 7,
        "status": "done",
        "action": "create",
        "applied": {**known.payload, "kayako_seats": 9, "kayako_old": "x"},
        "deferred": {"values": dict(known.deferred), "written": True},
        "notes": [],
    }
    world.ledger.table("organizations").put(document)
    change = records.of_record(world, "organizations", record(world, "organizations", 5))
    assert change.action is Action.UPDATE
    assert change.fields == {"kayako_seats": 7, "kayako_old": None}


def with_new_state(small: Small) -> World:
    known = shipped_mappings()
    states = known.vocabularies["states"]
    entry = Entry("Escalated", new="Escalated", like="open")
    fields = {name: getattr(states, name) for name in states.__dataclass_fields__}
    made = type(states)(**{**fields, "custom": {"Escalated": entry}})
    return small(
        mappings=Mappings(
            known.entities, {**known.vocabularies, "states": made}, dict(known.programs)
        )
    )


@pytest.mark.parametrize("version", ["6.5", "5.2"])
def test_new_states_are_tried_before_the_first_ticket(
    small: Small, zammad_port: Port, version: str
) -> None:
    world = with_new_state(small)
    with desk(zammad_port, version=version) as made:
        made.importing()
        target.look(world, made.zammad)
        creations = Creations(world, made.zammad)
        if version == "5.2":
            with pytest.raises(PreflightError, match="were added: Escalated") as caught:
                creations.prove_states()
            assert "by_category(:viewable_agent_new)" in caught.value.advice
        else:
            creations.prove_states()
            asked = len(made.fake.requests)
            creations.prove_states()
            assert len(made.fake.requests) == asked
        assert (world.ledger.table("states").get("Escalated") or {})["status"] == "done"
        assert len(made.fake.tables.tickets) == 1


def test_a_state_that_is_like_nothing_is_left_to_the_tickets_that_need_it(
    small: Small, zammad_desk: Desk
) -> None:
    world = with_new_state(small)
    custom = dict(world.mappings.vocabularies["states"].custom)
    custom["Escalated"] = Entry("Escalated", new="Escalated", like="no such state")
    object.__setattr__(world.mappings.vocabularies["states"], "custom", custom)
    zammad_desk.importing()
    target.look(world, zammad_desk.zammad)
    Creations(world, zammad_desk.zammad).prove_states()
