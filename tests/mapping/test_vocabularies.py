"""Vocabularies: the order of looking up, and what stays of a dropped label."""

from __future__ import annotations

from typing import Any

import pytest

from runner.mapping.model import DroppedLabel, Outcome
from tests.mapping.support import STATES, case, run, vocabulary

PRIORITIES = """
vocabulary: priorities
kayako: cases/priorities
key: level
label: label
zammad: ticket_priority
shipped_labels: [Low, Normal]
kayako_to_zammad:
  1: 1 low
  2: 2 normal
custom:
  anything_else:
    becomes: nothing
    remember_as: tag
"""


def state(label: str | None, kind: str | None, number: int = 9) -> Outcome:
    record = case(status={"id": number, "label": label, "type": kind})
    return run("state:\n  from: status\n  vocabulary: states", record, tables=STATES)


def test_a_listed_label_comes_before_its_key() -> None:
    assert state("Answered", "NEW").payload == {"state": "closed"}


def test_a_key_is_found_whatever_the_label() -> None:
    outcome = state("Neu", "NEW")
    assert outcome.payload == {"state": "new"}
    assert not outcome.dropped


def test_a_label_that_is_listed_as_a_value_remembers_nothing() -> None:
    outcome = state("Answered", "CUSTOM")
    assert (outcome.payload, outcome.dropped, outcome.notes) == ({"state": "closed"}, (), ())


def test_anything_else_drops_the_label_and_keeps_it_as_a_tag() -> None:
    outcome = state("Waiting for vendor!", "CUSTOM")
    assert outcome.payload == {"state": "open", "tags": ["kayako-state-waiting-for-vendor"]}
    assert outcome.dropped == (DroppedLabel("states", "Waiting for vendor!", "open", "tag"),)
    assert outcome.notes[0].kind == "dropped"


def test_a_label_can_be_remembered_as_a_note() -> None:
    outcome = state("Vendor", "CUSTOM")
    assert outcome.payload == {"state": "pending close"}
    assert outcome.remembered == ("Kayako state: Vendor",)


def test_a_new_value_is_created_like_another() -> None:
    outcome = state("Escalated", "CUSTOM")
    assert outcome.payload == {"state": "Escalated"}
    assert outcome.creates == (("ticket_state", "Escalated", "pending reminder"),)
    assert not outcome.dropped


def test_a_deleted_definition_without_label_is_remembered_by_its_number() -> None:
    outcome = state(None, None, number=31)
    assert outcome.payload == {"state": "open", "tags": ["kayako-state-31"]}


def test_remembered_tags_join_the_ticket_s_own() -> None:
    fields = "tags:\n  from: tags\nstate:\n  from: status\n  vocabulary: states"
    status = {"id": 9, "label": "X", "type": "CUSTOM"}
    outcome = run(fields, case(tags=["vip"], status=status), tables=STATES)
    assert outcome.payload["tags"] == ["vip", "kayako-state-x"]


def priority(label: str, level: int) -> Outcome:
    record = case(priority={"id": 1, "label": label, "level": level})
    return run("priority:\n  from: priority\n  vocabulary: priorities", record, tables=PRIORITIES)


def test_numbers_are_found_as_text() -> None:
    assert priority("Low", 1).payload == {"priority": "1 low"}


def test_an_invented_label_that_its_key_decides_is_listed_as_dropped() -> None:
    outcome = priority("Someday", 1)
    assert outcome.payload == {"priority": "1 low"}
    assert outcome.dropped == (DroppedLabel("priorities", "Someday", "1 low", "nothing"),)


def test_becomes_nothing_leaves_the_field_empty() -> None:
    outcome = priority("Blocker", 9)
    assert outcome.payload == {"tags": ["kayako-priority-blocker"]}
    assert outcome.dropped[0].becomes == "nothing"


def test_others_keep_their_own_when_a_table_says_so() -> None:
    table = """
vocabulary: brands
kayako: brands
zammad: group
others_keep_their_own: true
kayako_to_zammad:
  Acme: Support
"""
    rule = "title:\n  from: brand.name\n  vocabulary: brands"
    assert run(rule, case(), tables=table).payload == {"title": "Support"}
    other = case(brand={"id": 2, "name": "Other"})
    assert run(rule, other, tables=table).payload == {"title": "Other"}


@pytest.mark.parametrize(
    ("name", "singular"),
    [("states", "state"), ("priorities", "priority"), ("types", "type"), ("people", "people")],
)
def test_one_value_has_its_own_word(name: str, singular: str) -> None:
    made: dict[str, Any] = {"vocabulary": name, "kayako": "x", "zammad": "y"}
    text = "\n".join(f"{key}: {value}" for key, value in made.items())
    assert vocabulary(text).singular == singular
