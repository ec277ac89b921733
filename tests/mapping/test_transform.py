"""What a mapping as a whole makes of a record: the parts of an outcome, and what empties it."""

from __future__ import annotations

import pytest

from runner.mapping.model import Outcome
from runner.mapping.transform import transform
from tests.mapping.support import GO_LIVE, STATES, case, mapping, run

CUSTOM = {"id": 9, "label": "Vendor?", "type": "CUSTOM"}


def test_an_outcome_holds_whatever_was_noted_on_the_way() -> None:
    fields = "title:\n  from: subject\nstate:\n  from: status\n  vocabulary: states"
    noted = run(fields, case(status={**CUSTOM, "label": "Vendor"}), tables=STATES)
    assert noted.payload == {"title": "Where is my order?", "state": "pending close"}
    assert [note.field for note in noted.notes] == ["state"]
    assert [drop.label for drop in noted.dropped] == ["Vendor"]
    assert noted.remembered == ("Kayako state: Vendor",)
    assert (noted.skip, noted.failures, noted.creates) == (None, (), ())
    created = run(fields, case(status={**CUSTOM, "label": "Escalated"}), tables=STATES)
    assert created.creates == (("ticket_state", "Escalated", "pending reminder"),)
    assert (created.notes, created.dropped, created.remembered) == ((), (), ())


def test_tags_of_dropped_labels_come_last_and_none_twice() -> None:
    fields = "tags:\n  from: tags\nstate:\n  from: status\n  vocabulary: states"
    tagged = run(fields, case(tags=["a", "kayako-state-vendor", "b"], status=CUSTOM), tables=STATES)
    assert tagged.payload["tags"] == ["a", "kayako-state-vendor", "b"]
    untagged = run(fields, case(tags=[], status=CUSTOM), tables=STATES)
    assert untagged.payload["tags"] == ["kayako-state-vendor"]
    assert "tags" not in run("title:\n  always: x", case(tags=["a"])).payload


def test_a_field_that_fails_is_named_and_the_others_are_filled_all_the_same() -> None:
    fields = "title:\n  from: subject\n  as: integer\nnote:\n  from: subject"
    outcome = run(fields, case())
    assert outcome.failures == ("title: Where is my order? is no number",)
    assert outcome.payload == {"note": "Where is my order?"}


def test_a_record_that_is_left_out_has_nothing_but_its_reason() -> None:
    fields = "note:\n  from: subject\n  cut_at: 5\ntitle:\n  from: subject\n  if_unknown: skip\n"
    outcome = run(fields + "  kayako_to_zammad:\n    a: b", case())
    assert outcome == Outcome({}, skip=outcome.skip)
    assert outcome.skip == "title: Where is my order? is not in the rule's table kayako_to_zammad"


def test_a_condition_that_cannot_be_answered_fails_the_record() -> None:
    for head in ("skip:\n  when: subject > 1\n  because: x\n", "only_if:\n  when: subject > 1\n"):
        outcome = run("title:\n  always: x", case(), head=head)
        assert outcome.payload == {}
        assert len(outcome.failures) == 1
        assert outcome.skip is None


def test_the_first_reason_to_leave_a_record_out_counts() -> None:
    head = "skip:\n  state:\n    TRASH: deleted\nonly_if:\n  brand.name: Other\n"
    left_out = run("title:\n  always: x", case(state="TRASH"), head=head)
    assert left_out == Outcome({}, skip="deleted")
    assert run("title:\n  always: x", case(), head=head).skip == "brand.name is Acme"


def test_an_entity_without_a_mapping_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError, match="users"):
        transform(mapping("title:\n  always: x"), "users", {}, go_live=GO_LIVE)
