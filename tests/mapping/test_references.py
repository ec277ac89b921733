"""Teams and persons: how Kayako's references become symbolic ones."""

from __future__ import annotations

from typing import Any

from runner.mapping.model import NOBODY, UNKNOWN_PERSON, Outcome, Reference
from tests.mapping.support import case, person, run, team

TEAMS = """
vocabulary: teams
kayako: teams
key: title
zammad: group
others_keep_their_own: true
kayako_to_zammad:
  Tier 1: Support
"""
PEOPLE = """
vocabulary: people
kayako: users
key: email
zammad: user
ignore_case: true
others_keep_their_own: true
kayako_to_zammad:
  Customer-2@example.org: new@acme.example
  customer-3@example.org: nobody
"""


def group(value: Any, tail: str = "") -> Outcome:
    return run(f"group:\n  team: assigned_team\n{tail}", case(assigned_team=value), tables=TEAMS)


def test_a_team_becomes_its_group_under_the_name_of_the_table() -> None:
    assert group(team(1, "Tier 1")).payload["group"] == Reference("groups", "1", "Support")
    assert group(team(2, "Sales")).payload["group"] == Reference("groups", "2", "Sales")


def test_no_team_and_a_team_that_is_gone_take_a_group_by_name() -> None:
    tail = "  if_empty: Left over\n  if_unknown:\n    use: Gone"
    assert group(None, tail).payload["group"] == Reference("groups", name="Left over")
    gone = group(team(9, None, known=False), tail)
    assert gone.payload["group"] == Reference("groups", name="Gone")


def owner(value: Any, tail: str = "") -> Any:
    rule = f"owner:\n  person: assigned_agent\n{tail}"
    outcome = run(rule, case(assigned_agent=value), tables=PEOPLE)
    return outcome.payload.get("owner") or outcome.failures


def test_a_person_becomes_the_user_of_the_same_id() -> None:
    assert owner(person(5)) == Reference("users", "5")


def test_the_table_people_hands_ownership_on_whatever_the_case_of_the_address() -> None:
    assert owner(person(2)) == Reference("users", name="new@acme.example")
    assert owner(person(3)) == Reference("users", name=NOBODY)
    assert owner(person(3, known=False)) == Reference("users", name=NOBODY)


def test_the_table_people_leaves_authors_alone() -> None:
    rule = "origin_by:\n  person: creator"
    outcome = run(rule, {"creator": person(2)}, entity="articles", tables=PEOPLE)
    assert outcome.payload == {"origin_by": Reference("users", "2")}


def test_a_reference_of_another_type_counts_as_empty() -> None:
    assert owner(person(7, type="trigger", known=False), "  if_empty: system") == Reference(
        "users", name=NOBODY
    )


def test_a_person_who_is_gone_is_unknown() -> None:
    gone = person(8, known=False)
    assert "person 8 (Customer 8) is gone" in owner(gone)[0]
    stand_in = owner(gone, "  if_unknown: placeholder")
    assert stand_in == Reference("users", "8", "Customer 8", placeholder=True)


def test_reserved_words_stand_for_users() -> None:
    assert owner(None, "  if_empty: nobody") == Reference("users", name=NOBODY)
    placeholder = Reference("users", name=UNKNOWN_PERSON, placeholder=True)
    assert owner(None, "  if_empty: placeholder") == placeholder
    assert owner(None, "  if_empty: nothing") == ()
    assert owner(None, "  if_empty: lead@acme.example") == Reference(
        "users", name="lead@acme.example"
    )


def test_text_in_a_field_of_references_names_the_record() -> None:
    rule = "group:\n  from: brand.name\n  kayako_to_zammad:\n    Acme: Acme support"
    assert run(rule, case()).payload == {"group": Reference("groups", name="Acme support")}


def test_lists_of_teams_become_lists_of_groups() -> None:
    rule = "groups:\n  team: teams\n  if_unknown:\n    use: nothing"
    record = {"teams": [team(1, "Tier 1"), team(2, "Sales"), team(3, None, known=False)]}
    outcome = run(rule, record, entity="users", tables=TEAMS)
    assert [str(item) for item in outcome.payload["groups"]] == ["groups/1", "groups/2"]


def test_equal_references_write_equal_texts() -> None:
    assert str(Reference("users", "17", "hint")) == "users/17"
    assert str(Reference("groups", name="Kayako unassigned")) == "groups=Kayako unassigned"
    assert len({Reference("users", "1"), Reference("users", "1")}) == 1
