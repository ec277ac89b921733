"""Teams and persons: how Kayako's references become symbolic ones."""

from __future__ import annotations

from typing import Any

import pytest

from runner.mapping.limits import Target
from runner.mapping.lookups import Unknown
from runner.mapping.model import NOBODY, UNKNOWN_PERSON, Entry, Outcome, Reference, Vocabulary
from runner.mapping.references import placeholder, resolve
from runner.mapping.running import Run
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


def looked_up(source: str, value: Any, *tables: Vocabulary, ownership: bool = True) -> Any:
    target = Target("x", "reference", reference="users", ownership=ownership)
    step = resolve(source, target, {table.name: table for table in tables})
    return step(value, Run({}, None, "2026-12-05"))


@pytest.mark.parametrize(
    ("source", "kind", "entity"),
    [
        ("team", "team", "groups"),
        ("person", "user", "users"),
        ("organization", "organization", "organizations"),
        ("ticket", "case", "tickets"),
        ("category", "category", "kb_categories"),
        ("section", "section", "kb_sections"),
    ],
)
def test_each_kind_of_reference_is_that_of_its_entity_and_of_no_other(
    source: str, kind: str, entity: str
) -> None:
    found = Reference(entity, "3", "Named" if source == "team" else None)
    named = {"id": 3, "title": "Named", "name": "Other"}
    assert looked_up(source, {"type": kind, **named}) == found
    assert looked_up(source, named) == found, "a reference without a type is of the right one"
    assert looked_up(source, {"type": "trigger", **named}) is None
    assert looked_up(source, {"type": kind, "id": None, "title": "Named"}) is None


def test_a_bare_id_is_one_of_a_record_that_is_there_and_other_text_is_none() -> None:
    assert looked_up("ticket", 42) == Reference("tickets", "42")
    assert looked_up("ticket", " 42 ") == Reference("tickets", "42")
    assert looked_up("ticket", "no number") is None


@pytest.mark.parametrize(
    ("source", "kind", "words"),
    [
        ("team", "team", "Title"),
        ("category", "category", "Title"),
        ("section", "section", "Title"),
        ("person", "user", "Name"),
        ("organization", "organization", "Name"),
        ("ticket", "case", "Name"),
    ],
)
def test_what_is_gone_is_named_as_people_know_it(source: str, kind: str, words: str) -> None:
    gone = {"type": kind, "id": 3, "title": "Title", "name": "Name", "known": False}
    with pytest.raises(Unknown, match=rf"^{source} 3 \({words}\) is gone in Kayako$"):
        looked_up(source, gone)
    with pytest.raises(Unknown, match=rf"^{source} 3 \(no name\) is gone in Kayako$"):
        looked_up(source, {"type": kind, "id": 3, "known": False})


def table(name: str, **options: Any) -> Vocabulary:
    return Vocabulary(name, "x", "y", **options)


def test_a_team_that_is_to_become_nothing_is_empty_and_one_that_is_gone_is_unknown() -> None:
    teams = table("teams", entries={"Old": Entry(None), "Gone": Entry("New")})
    assert looked_up("team", team(1, "Old"), teams) is None
    with pytest.raises(Unknown, match="team 2"):
        looked_up("team", team(2, "Gone", known=False), teams)


def test_titles_of_teams_count_letter_by_letter_unless_the_table_says_otherwise() -> None:
    strict = table("teams", entries={" Sales ": Entry("New")})
    assert looked_up("team", team(1, "Sales"), strict).name == "New"
    assert looked_up("team", team(1, "SALES"), strict).name == "SALES"
    loose = table("teams", entries={" Sales ": Entry("New")}, ignore_case=True)
    assert looked_up("team", team(1, "SALES"), loose).name == "New"


def test_a_label_of_the_table_comes_before_its_key() -> None:
    both = table("teams", entries={"Sales": Entry("Key")}, custom={"Sales": Entry("Label")})
    assert looked_up("team", team(1, "Sales"), both).name == "Label"


def test_tables_are_for_their_own_kind_of_reference_and_people_for_ownership_alone() -> None:
    teams = table(
        "teams", entries={"Customer 2": Entry("no"), "customer-2@example.org": Entry("no")}
    )
    people = table("people", entries={"customer-2@example.org": Entry("new@acme.example")})
    assert looked_up("person", person(2), teams) == Reference("users", "2")
    assert looked_up("person", person(2), people) == Reference("users", name="new@acme.example")
    assert looked_up("person", person(2), people, ownership=False) == Reference("users", "2")
    assert looked_up("team", team(1, "customer-2@example.org"), people).source_id == "1"


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (person(8), "Customer 8"),
        (person(8, name=None), "customer-8@example.org"),
        (person(8, name=None, email=None), None),
        (8, None),
    ],
)
def test_a_placeholder_is_named_by_what_is_known_of_the_person(
    value: Any, name: str | None
) -> None:
    assert placeholder(value) == Reference("users", "8", name, placeholder=True)
