from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from runner.engine import records, results
from runner.engine.change import Action, Change, Difference
from runner.engine.world import World
from runner.mapping.model import Mappings, Reference
from runner.snapshot.beside import MEMBERSHIPS
from runner.snapshot.store import ERASED
from runner.zammad import users
from runner.zammad.directory import Directory
from tests.engine.support import (
    Small,
    agent,
    email,
    fill,
    looked,
    organization,
    record,
    reference,
    role,
    shipped_mappings,
    team,
    user,
)
from tests.engine.test_custom_fields import world_with_fields
from tests.engine.test_shapes import filled, macro
from tests.mapping.support import mapping
from tests.zammad.support import Desk


def of(world: World, entity: str, resource: str, number: int) -> Change:
    return records.of_record(world, entity, record(world, resource, number))


def person(world: World, number: int = 7) -> Change:
    return of(world, "users", "users", number)


def moved(world: World, change: Change, target_id: int = 40) -> Change:
    """Write down that a change was carried out, and look at Zammad anew."""
    known = world.ledger.table(change.entity).get(change.source_id)
    world.directories[change.entity].forget(change.payload)
    world.ledger.table(change.entity).put(results.done(change, target_id, known=known))
    return change


def only(fields: str, *, head: str = "") -> Mappings:
    made, rest = mapping(fields, entity="users", head=head), shipped_mappings()
    return Mappings(
        {**rest.entities, **made.entities},
        {**rest.vocabularies, **made.vocabularies},
        {**rest.programs, **made.programs},
    )


def test_a_new_record_is_created_whole(small: Small) -> None:
    change = person(small())
    assert (change.action, change.reason, change.resume) == (Action.CREATE, "", False)
    assert change.label == change.payload["login"] == "customer-7@example.org"
    assert change.payload["roles"] == ["Customer"]
    assert len(change.fingerprint) == 64


def test_what_a_mapping_leaves_out_or_cannot_make_is_said(small: Small) -> None:
    head = "skip:\n  is_enabled:\n    false: disabled in Kayako"
    world = small(
        mappings=only(
            "login:\n  from: full_name\nphone:\n  from: locale\n  as: integer", head=head
        ),
        users=[user(7, is_enabled=False), user(8, locale=None, signature="x")],
    )
    assert (person(world).action, person(world).reason) == (Action.SKIP, "disabled in Kayako")
    assert (person(world).entity, person(world).source_id, person(world).notes) == (
        "users",
        "7",
        (),
    )
    assert person(world, 8).action is Action.CREATE


def test_what_cannot_be_made_fails_with_every_reason(small: Small) -> None:
    fields = """
    login:
      from: full_name
      as: integer
    phone:
      from: uuid
      as: date
    note:
      from: full_name
      cut_at: 3
    """
    change = person(small(mappings=only(fields), users=[user(7, uuid="x")]))
    assert change.action is Action.FAIL
    assert change.reason.startswith("login: ")
    assert "; phone: " in change.reason
    assert (change.entity, change.source_id) == ("users", "7")
    assert [(note.kind, note.field) for note in change.notes] == [("cut", "note")]


@pytest.mark.parametrize(
    ("entity", "payload", "now", "later"),
    [
        ("groups", {"active": False}, {"active": True}, {"active": False}),
        ("users", {"active": False}, {"active": True}, {"active": False}),
        ("users", {"active": True, "groups": []}, {"active": True, "groups": []}, {}),
        ("users", {"groups": [1]}, {}, {"groups": [1]}),
        ("organizations", {"active": False}, {"active": False}, {}),
        (
            "organizations",
            {"domain_assignment": True},
            {"domain_assignment": False},
            {"domain_assignment": True},
        ),
        ("organizations", {"domain_assignment": False}, {"domain_assignment": False}, {}),
    ],
)
def test_what_would_be_in_the_way_while_writing_is_left_to_finish(
    entity: str, payload: dict[str, Any], now: dict[str, Any], later: dict[str, Any]
) -> None:
    before = dict(payload)
    assert records.split(entity, payload) == (now, later)
    assert payload == before


def test_a_moved_record_is_unchanged(small: Small) -> None:
    world = small()
    moved(world, person(world))
    change = person(world)
    assert (change.action, change.target_id, change.fields) == (Action.UNCHANGED, 40, {})
    assert change.reason == ""


def test_only_what_changed_at_the_source_is_written(small: Small) -> None:
    world = small()
    moved(world, person(world))
    fill(world.snapshot, "users", [user(7, full_name="New Name")])
    change = person(world)
    assert change.action is Action.UPDATE
    assert change.fields == {"firstname": "New", "lastname": "Name"}
    assert {(d.field, d.before, d.after) for d in change.differences} == {
        ("firstname", "Customer", "New"),
        ("lastname", "7", "Name"),
    }


def test_a_value_that_is_gone_at_the_source_is_emptied(small: Small) -> None:
    phones = [{"id": 1, "number": "+1 555", "is_primary": True, "resource_type": "identity_phone"}]
    world = small(users=[user(7, phones=phones, organization=organization())])
    first = moved(world, person(world))
    assert first.payload["phone"] == "+1 555"
    fill(world.snapshot, "users", [user(7)])
    change = person(world)
    assert change.action is Action.UPDATE
    assert change.fields == {"phone": None, "organization": None}
    moved(world, change)
    assert person(world).action is Action.UNCHANGED


@pytest.mark.parametrize(
    ("there", "action"),
    [
        ("Theirs", "conflict"),
        ("CUSTOMER ", ""),
        ("new", ""),
    ],
)
def test_a_field_that_was_changed_on_both_sides_stays(
    small: Small, there: str, action: str
) -> None:
    world = small()
    moved(world, person(world))
    fill(world.snapshot, "users", [user(7, full_name="New 7")])
    row = {"id": 40, "login": "customer-7@example.org", "firstname": there}
    world.directories["users"].add(row)
    change = person(world)
    assert change.action is (Action.UNCHANGED if action else Action.UPDATE)
    assert change.reason == action
    assert [d.field for d in change.conflicts] == (["firstname"] if action else [])
    assert change.fields == ({} if action else {"firstname": "New"})


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2021-01-02T03:04:05Z", "2021-01-02T03:04:05.000Z", True),
        ("2021-01-02T03:04:05Z", "2021-01-02T03:04:06Z", False),
        (" acme", "ACME", True),
        ("acme", "acme 2", False),
    ],
)
def test_texts_are_compared_as_zammad_stores_them(one: str, other: str, *, same: bool) -> None:
    assert records.same_text(one, other) is same


def test_what_only_finish_writes_is_an_update_without_fields(small: Small) -> None:
    world = small(teams=[team(), team(2, "Second")])
    moved(world, person(world, 2))
    fill(world.snapshot, "users", [agent(2, teams=[team(), team(2, "Second")])])
    change = person(world, 2)
    assert (change.action, change.reason, change.fields) == (Action.UPDATE, "at finish", {})
    assert not change.writes
    (difference,) = change.differences
    assert difference.after == [{"ref": "groups/1"}, {"ref": "groups/2"}]
    fill(world.snapshot, "users", [agent(2, teams=[])])
    (difference,) = person(world, 2).differences
    assert (difference.field, difference.after) == ("groups", [])


def test_a_record_that_was_there_is_adopted_and_only_filled(small: Small) -> None:
    world = small(users=[agent(2, organization=organization())])
    there = {"id": 9, "login": "AGENT-2@acme.example", "firstname": "Kept", "role_ids": [3]}
    world.directories["users"].add(there)
    change = person(world, 2)
    assert (change.action, change.reason, change.target_id) == (Action.UPDATE, "adopted", 9)
    assert change.adopted
    assert change.fields == {
        "email": "agent-2@acme.example",
        "lastname": "2",
        "roles": ["Agent", "Customer"],
        "organization": Reference("organizations", "5"),
    }
    assert change.before == {
        "email": None,
        "lastname": None,
        "roles": [3],
        "organization": None,
    }
    assert set(change.deferred) == {"groups"}


def test_an_adopted_record_that_has_everything_is_unchanged(small: Small) -> None:
    world = small(teams=[team()])
    world.directories["groups"].add({"id": 1, "name": "general", "active": True})
    change = of(world, "groups", "teams", 1)
    assert (change.action, change.target_id, change.adopted) == (Action.UNCHANGED, 1, True)


def test_a_disabled_customer_that_was_there_is_not_switched_off(small: Small) -> None:
    world = small(users=[user(7, is_enabled=False)])
    world.directories["users"].add({"id": 9, "login": "customer-7@example.org", "active": True})
    assert person(world).deferred == {}


def test_an_adopted_record_is_looked_at_again_only_when_it_changed(small: Small) -> None:
    world = small()
    world.directories["users"].add({"id": 9, "login": "customer-7@example.org", "role_ids": [3]})
    moved(world, person(world), 9)
    again = person(world)
    assert (again.action, again.reason, again.adopted) == (Action.UNCHANGED, "adopted", True)
    phones = [{"id": 1, "number": "+1 555", "is_primary": True, "resource_type": "identity_phone"}]
    fill(world.snapshot, "users", [user(7, phones=phones)])
    changed = person(world)
    assert changed.action is Action.UPDATE
    assert changed.target_id == 9
    assert changed.fields["phone"] == "+1 555"


def test_a_record_on_its_way_when_a_run_ended_is_ours_when_it_arrived(small: Small) -> None:
    world = small()
    world.ledger.table("users").put(results.intent(Change("users", "7", Action.CREATE), None))
    missing = person(world)
    assert (missing.action, missing.resume, missing.target_id) == (Action.CREATE, True, None)
    world.directories["users"].forget(missing.payload)
    now = datetime.now(UTC).isoformat()
    row = {"id": 9, "login": "customer-7@example.org", "created_at": now}
    world.directories["users"].add(row)
    arrived = person(world)
    assert (arrived.action, arrived.resume, arrived.target_id) == (Action.CREATE, True, 9)
    assert not arrived.adopted


def test_a_record_that_somebody_else_made_in_the_meantime_is_adopted(small: Small) -> None:
    world = small()
    change = person(world)
    world.directories["users"].forget(change.payload)
    world.ledger.table("users").put(results.intent(change, None))
    row = {"id": 9, "login": "customer-7@example.org", "created_at": "2026-11-23T08:00:00.000Z"}
    world.directories["users"].add(row)
    assert person(world).adopted
    row = {**row, "created_at": "2021-08-27T10:49:56.000Z"}
    world.directories["users"] = Directory(users.KIND)
    world.directories["users"].add(row)
    assert (person(world).action, person(world).target_id) == (Action.CREATE, 9)


def test_the_second_of_two_records_with_one_key_joins_the_first(small: Small) -> None:
    address = email(1, "shared@example.org", primary=True)
    world = small(users=[user(7, emails=[address]), user(8, emails=[address])])
    assert person(world, 7).action is Action.CREATE
    second = person(world, 8)
    assert (second.action, second.adopted, second.target_id) == (Action.UNCHANGED, True, None)


def test_an_intent_whose_key_another_planned_record_has_joins_that_one(small: Small) -> None:
    address = email(1, "shared@example.org", primary=True)
    world = small(users=[user(7, emails=[address]), user(8, emails=[address])])
    world.ledger.table("users").put(results.intent(Change("users", "8", Action.CREATE), None))
    assert person(world, 7).action is Action.CREATE
    assert person(world, 8).adopted


def test_a_name_that_another_record_has_cannot_be_given(small: Small) -> None:
    world = small(teams=[team(1, "Sales"), team(2, "Support")])
    for number in (1, 2):
        moved(world, of(world, "groups", "teams", number), 40 + number)
    for number, name in ((41, "Sales"), (42, "Support")):
        world.directories["groups"].add({"id": number, "name": name})
    fill(world.snapshot, "teams", [team(1, "Support")])
    change = of(world, "groups", "teams", 1)
    assert (change.action, change.reason) == (
        Action.FAIL,
        "name: Support is taken by another record in Zammad",
    )
    assert (change.target_id, change.label) == (41, "Support")
    fill(world.snapshot, "teams", [team(1, "Sales EU")])
    assert of(world, "groups", "teams", 1).fields == {"name": "Sales EU"}


def test_what_zammad_does_not_take_and_what_was_erased_is_left_out_with_the_reason(
    small: Small,
) -> None:
    world = small(users=[user(7, state=ERASED), user(8)])
    erased = person(world)
    assert (erased.entity, erased.source_id, erased.action) == ("users", "7", Action.SKIP)
    assert "erased" in erased.reason
    world.closed["users"] = "the token lacks the permission admin.user"
    closed = person(world, 8)
    assert (closed.entity, closed.source_id, closed.action) == ("users", "8", Action.SKIP)
    assert closed.reason == "the token lacks the permission admin.user"


def targets(world: World, entity: str, **ids: int) -> None:
    """Write down which ids records have in Zammad: ``n5=51``."""
    for name, target_id in ids.items():
        document = {"source_id": name[1:], "target_id": target_id, "status": "done"}
        world.ledger.table(entity).put(document)


FIRST, SECOND = {"ref": "organizations/5"}, {"ref": "organizations/6"}


@pytest.mark.parametrize(
    ("field", "before", "after", "there", "changed"),
    [
        ("organization", FIRST, SECOND, {"organization_id": 51}, False),
        ("organization", FIRST, SECOND, {"organization_id": 52}, False),
        ("organization", FIRST, SECOND, {"organization_id": 99}, True),
        ("organization", FIRST, SECOND, {"id": 40}, True),
        ("organization", FIRST, None, {"organization_id": 51}, False),
        ("organization", FIRST, SECOND, {}, False),
        ("group_ids", [FIRST], [SECOND], {"group_ids": [51]}, False),
        ("group_ids", [FIRST], [SECOND], {"group_ids": [52]}, False),
        ("group_ids", [FIRST], [SECOND], {"group_ids": [99]}, True),
        ("group_ids", [FIRST], [SECOND], {}, False),
        ("perform", {"a": {"value": "1"}}, {"a": {"value": "2"}}, {"perform": {}}, True),
        ("shared", True, False, {"shared": True}, False),
        ("shared", True, None, {"shared": False}, True),
        ("shared", True, None, {"id": 40}, False),
        ("note", "old", "new", {"note": "OLD "}, False),
        ("note", "old", "new", {"note": "New"}, False),
        ("note", "old", "new", {"note": "theirs"}, True),
        ("note", None, "new", {"note": "theirs"}, False),
    ],
)
def test_a_field_counts_as_changed_there_when_it_is_neither_what_was_nor_what_is_wanted(
    small: Small, field: str, before: object, after: object, there: dict[str, Any], *, changed: bool
) -> None:
    world = small()
    targets(world, "organizations", n5=51, n6=52)
    assert records._changed_there(world, Difference(field, before, after), there) is changed


def test_roles_that_somebody_gave_in_zammad_stay_and_those_that_we_gave_go(small: Small) -> None:
    world = small()
    moved(world, person(world, 2))
    fill(world.snapshot, "users", [agent(2, role=role("ADMIN"), teams=[team()])])
    assert person(world, 2).fields["roles"] == ["Admin", "Agent"]
    unknown = 77
    row = {"id": 40, "login": "agent-2@acme.example", "role_ids": [2, 3, unknown]}
    world.directories["users"] = Directory(users.KIND)
    world.directories["users"].add(row)
    assert person(world, 2).fields["roles"] == ["Admin", "Agent", "Customer"]
    world.directories["users"] = Directory(users.KIND)
    world.directories["users"].add({"id": 40, "login": "agent-2@acme.example"})
    assert person(world, 2).fields["roles"] == ["Admin", "Agent"]
    world.directories["users"] = Directory(users.KIND)
    world.directories["users"].add(row)
    fill(world.snapshot, "users", [agent(2, role=role("CUSTOMER"), teams=[])])
    assert person(world, 2).fields["roles"] == ["Customer"]


def test_an_adopted_agent_gets_new_teams_at_finish(small: Small) -> None:
    world = small(teams=[team(), team(2, "Second")])
    row = {"id": 9, "login": "agent-2@acme.example", "role_ids": [2]}
    world.directories["users"].add(row)
    first = moved(world, person(world, 2), 9)
    world.directories["users"].add({**row, **first.fields})
    fill(world.snapshot, "users", [agent(2, teams=[team(), team(2, "Second")])])
    change = person(world, 2)
    assert (change.action, change.reason, change.fields) == (Action.UPDATE, "at finish", {})
    assert (change.target_id, change.adopted) == (9, True)
    both = [{"ref": "groups/1"}, {"ref": "groups/2"}]
    assert change.differences == (Difference("groups", both[:1], both),)


def test_what_an_adopted_record_gets_is_shown_beside_what_it_had(small: Small) -> None:
    world = small(users=[agent(2, organization=organization())])
    world.directories["users"].add({"id": 9, "login": "agent-2@acme.example", "role_ids": [3]})
    rows = {(d.field, str(d.before), str(d.after)) for d in person(world, 2).differences}
    assert rows == {
        ("email", "None", "agent-2@acme.example"),
        ("firstname", "None", "Agent"),
        ("lastname", "None", "2"),
        ("organization", "None", "{'ref': 'organizations/5'}"),
        ("roles", "[3]", "['Agent', 'Customer']"),
    }


def test_further_organizations_are_written_where_zammad_says_of_none(small: Small) -> None:
    several = [organization(number, f"Customer {number}") for number in (5, 6, 8)]
    member = user(7, organization=reference("organization", 5))
    world = small(organizations=several, users=[member])
    world.secondary_organizations = True
    world.snapshot.beside.keep(MEMBERSHIPS, 7, [5, 6])
    world.directories["users"].add({"id": 9, "login": "customer-7@example.org"})
    assert person(world).fields["organizations"] == [Reference("organizations", "6")]
    world.directories["users"] = Directory(users.KIND)
    moved(world, person(world))
    world.snapshot.beside.keep(MEMBERSHIPS, 7, [5, 6, 8])
    assert [one.source_id for one in person(world).fields["organizations"]] == ["6", "8"]


def test_of_two_fields_the_one_that_was_changed_there_stays_and_the_other_is_written(
    small: Small,
) -> None:
    world = small()
    moved(world, person(world))
    fill(world.snapshot, "users", [user(7, full_name="New Name")])
    row = {"id": 40, "login": "customer-7@example.org", "firstname": "Theirs", "lastname": "7"}
    world.directories["users"].add(row)
    change = person(world)
    assert (change.action, change.reason, change.target_id) == (Action.UPDATE, "conflict", 40)
    assert change.fields == {"lastname": "Name"}
    assert change.differences == (Difference("lastname", "7", "Name"),)
    assert change.conflicts == (Difference("firstname", "Customer", "New"),)


def test_a_moment_is_written_again_and_never_emptied(small: Small) -> None:
    world = small()
    moved(world, of(world, "organizations", "organizations", 5))
    fill(world.snapshot, "organizations", [organization(updated_at="2021-09-02T08:00:00+00:00")])
    change = of(world, "organizations", "organizations", 5)
    assert change.fields == {"updated_at": "2021-09-02T08:00:00Z"}
    world.user_updated_at = True
    moved(world, person(world))
    world.user_updated_at = False
    assert person(world).action is Action.UNCHANGED


def test_of_what_nothing_more_than_its_id_is_known_every_field_is_written(small: Small) -> None:
    world = small(organizations=[organization()])
    targets(world, "organizations", n5=51)
    change = of(world, "organizations", "organizations", 5)
    assert (change.action, change.target_id) == (Action.UPDATE, 51)
    assert change.fields == {k: v for k, v in change.payload.items() if v is not None}


def test_who_is_enabled_again_is_so_at_finish(small: Small) -> None:
    world = small(users=[user(7, is_enabled=False)])
    moved(world, person(world))
    fill(world.snapshot, "users", [user(7)])
    change = person(world)
    assert (change.action, change.reason, change.target_id) == (Action.UPDATE, "at finish", 40)
    assert change.differences == (Difference("active", before=False, after=True),)


def test_an_adopted_record_gets_the_value_of_a_field_that_it_has_not(small: Small) -> None:
    world = world_with_fields(small)
    world.directories["organizations"].add({"id": 9, "name": "Acme"})
    change = of(world, "organizations", "organizations", 5)
    assert change.adopted
    assert change.fields["kayako_seats"] == 7


def test_of_two_records_with_one_key_the_second_says_in_which_organization_the_first_is(
    small: Small,
) -> None:
    address = {"emails": [email(1, "shared@example.org", primary=True)]}
    first = user(7, organization=reference("organization", 5), **address)
    second = user(8, organization=reference("organization", 6), **address)
    world = small(organizations=[organization(5), organization(6, "Other")], users=[first, second])
    person(world, 7)
    (note,) = (note for note in person(world, 8).notes if note.field == "organization")
    assert note.text.startswith("stays organizations/5, as it was there before")


def test_what_zammad_would_refuse_fails_before_it_is_asked(small: Small, zammad_desk: Desk) -> None:
    nameless = person(small(mappings=only("phone:\n  from: uuid")))
    assert (nameless.entity, nameless.source_id, nameless.action) == ("users", "7", Action.FAIL)
    assert nameless.reason == "login: is empty, and users need one"
    world = looked(small(), zammad_desk)
    world.roles = {"Boss": 1, "Agent": 2}
    assert person(world).reason == "roles: Zammad has no role Customer; it has Agent, Boss"
    assert person(world, 2).action is Action.CREATE


def test_a_macro_has_the_shape_that_zammad_wants(small: Small) -> None:
    world = filled(small, macros=[macro(1, "Tag", add_tags=["x"])])
    assert of(world, "macros", "macros", 1).payload["perform"] == {
        "ticket.tags": {"operator": "add", "value": "x"}
    }
