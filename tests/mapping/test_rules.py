"""The grammar, word by word."""

from __future__ import annotations

from typing import Any

import pytest

from runner.mapping.model import Note
from tests.mapping.support import MOMENT, STATES, case, run


def title(rule: str, record: dict[str, Any], **options: Any) -> Any:
    return run(f"title:\n{rule}", record, **options).payload.get("title")


def test_from_reads_a_field_and_goes_inside_with_dots() -> None:
    assert title("  from: subject", case()) == "Where is my order?"
    assert title("  from: requester.email", case()) == "customer-17@example.org"
    assert title("  from: custom_fields.product", case(custom_fields={"product": "x"})) == "x"


@pytest.mark.parametrize("empty", [None, "", "  \n", [], {}])
def test_from_takes_the_first_of_a_list_that_is_not_empty(empty: object) -> None:
    record = case(rating=empty, subject="second")
    assert title("  from: [rating, subject]", record) == "second"


@pytest.mark.parametrize("value", [False, 0])
def test_false_and_zero_are_values(value: object) -> None:
    assert title("  from: rating\n  if_empty: x", case(rating=value)) in ("false", "0")


def test_always_gives_a_fixed_value() -> None:
    assert title("  always: fixed", case()) == "fixed"


def test_template_writes_text_from_fields_parent_and_go_live() -> None:
    rule = '  template: "{{ id }}/{{ parent.id }}/{{ go_live }}"'
    assert title(rule, {"id": 1}, parent={"id": 2}) == "1/2/2026-12-05"


def test_a_field_that_is_empty_is_left_out() -> None:
    assert "title" not in run("title:\n  from: rating", case()).payload


def test_if_empty_gives_a_zammad_value_and_skips_every_step() -> None:
    rule = (
        "title:\n  from: rating\n  kayako_to_zammad:\n    a: b\n  as: integer\n  if_empty: (none)"
    )
    outcome = run(rule, case())
    assert outcome.payload == {"title": "(none)"}
    assert not outcome.failures


def test_a_table_compares_keys_as_text() -> None:
    rule = "  from: post_count\n  kayako_to_zammad:\n    1: one\n    true: yes it is"
    assert title(rule, case()) == "one"
    assert title(rule.replace("post_count", "archived"), case(archived=True)) == "yes it is"


def test_lists_are_mapped_item_by_item_and_lists_in_tables_are_joined_on() -> None:
    rule = "tags:\n  from: tags\n  kayako_to_zammad:\n    a: [x, y]\n    b: x\n    c: nothing"
    outcome = run(rule, case(tags=["a", "b", "c", ""]))
    assert outcome.payload == {"tags": ["x", "y"]}


def test_no_match_fails_the_record_by_default_and_names_field_and_value() -> None:
    outcome = run("title:\n  from: subject\n  kayako_to_zammad:\n    a: b", case())
    assert outcome.payload == {}
    assert outcome.failures[0].startswith("title: Where is my order?")


def test_if_unknown_skip_leaves_the_record_out_with_its_reason() -> None:
    rule = "title:\n  from: subject\n  if_unknown: skip\n  kayako_to_zammad:\n    a: b"
    outcome = run(rule, case())
    assert outcome.skip is not None
    assert "title" in outcome.skip
    assert outcome.payload == {}


def test_if_unknown_use_takes_a_value_and_notes_it() -> None:
    rule = "title:\n  from: subject\n  if_unknown:\n    use: x\n  kayako_to_zammad:\n    a: b"
    outcome = run(rule, case())
    assert outcome.payload == {"title": "x"}
    assert [note.kind for note in outcome.notes] == ["defaulted"]


def test_all_failing_fields_are_reported() -> None:
    rule = "from: subject\n  kayako_to_zammad:\n    a: b\n"
    outcome = run(f"title:\n  {rule}note:\n  {rule}", case())
    assert len(outcome.failures) == 2


def test_steps_run_table_then_as_then_dates_then_cut() -> None:
    rule = """
      from: subject
      kayako_to_zammad:
        Where is my order?: 2026-01-31T23:30:00+00:00
      as: date
      add_days: 1
      cut_at: 7
    """
    assert title(rule, case()) == "2026-02"


def test_not_before_moves_early_dates_only() -> None:
    rule = "pending_time:\n  from: updated_at\n  add_days: 14\n  not_before: go_live"
    assert run(rule, case()).payload == {"pending_time": "2026-12-05T00:00:00Z"}
    late = case(updated_at="2027-01-01T00:00:00Z")
    assert run(rule, late).payload == {"pending_time": "2027-01-15T00:00:00Z"}


def test_only_if_needs_all_conditions() -> None:
    rule = "  always: x\n  only_if:\n    state: [ACTIVE]\n    brand.name: [Acme, Other]"
    assert title(rule, case()) == "x"
    assert title(rule, case(state="TRASH")) is None


def test_only_if_knows_none_for_an_empty_field() -> None:
    rule = "  always: x\n  only_if:\n    rating: none"
    assert title(rule, case()) == "x"
    assert title(rule, case(rating="GOOD")) is None


def test_only_if_reads_zammad_fields_above_and_created_states_as_their_like() -> None:
    rule = """
    state:
      from: status
      vocabulary: states
    title:
      always: waits
      only_if:
        zammad.state: [pending reminder]
    """
    for label, kind, expected in (
        ("Pending", "PENDING", "waits"),
        ("Escalated", "CUSTOM", "waits"),
        ("New", "NEW", None),
    ):
        record = case(status={"id": 1, "label": label, "type": kind})
        assert run(rule, record, tables=STATES).payload.get("title") == expected


def test_only_if_takes_an_expression() -> None:
    rule = "  always: x\n  only_if:\n    when: priority.level > 1 and not archived"
    assert title(rule, case()) == "x"
    assert title(rule, case(archived=True)) is None


def test_skip_gives_the_reason_of_the_value_or_of_the_expression() -> None:
    head = "skip:\n  state:\n    TRASH: deleted\n  when: post_count > 8\n  because: too long\n"
    assert run("title:\n  always: x", case(state="TRASH"), head=head).skip == "deleted"
    assert run("title:\n  always: x", case(post_count=9), head=head).skip == "too long"
    assert run("title:\n  always: x", case(), head=head).skip is None


def test_only_if_of_an_entity_says_what_kept_the_record_out() -> None:
    head = "only_if:\n  brand.name: [Other]\n"
    assert run("title:\n  always: x", case(), head=head).skip == "brand.name is Acme"


VARIANTS = """
variants:
  by: [source_channel.type, state]
  MAIL:
    title:
      always: mail
    note:
      always: more
  MAIL/TRASH:
    title:
      always: deleted mail
  none:
    title:
      always: blank
  anything_else:
"""


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"title": "mail", "type": "base", "note": "more"}),
        ({"state": "TRASH"}, {"title": "deleted mail", "type": "base"}),
        ({"source_channel": None, "state": None}, {"title": "blank", "type": "base"}),
        ({"source_channel": {"type": "SMS"}}, {"title": "base", "type": "base"}),
    ],
)
def test_variants_replace_whole_rules_of_the_shared_ones(
    changes: dict[str, Any], expected: dict[str, Any]
) -> None:
    fields = "title:\n  always: base\ntype:\n  always: base"
    assert run(fields, case(**changes), head=VARIANTS).payload == expected


def test_a_value_without_a_variant_fails_where_nothing_takes_it() -> None:
    head = VARIANTS.replace("  anything_else:\n", "")
    outcome = run("title:\n  always: x", case(source_channel={"type": "SMS"}), head=head)
    assert outcome.failures == ("no variant for SMS/ACTIVE",)


def test_over_long_text_is_cut_and_noted() -> None:
    outcome = run("title:\n  from: subject", case(subject="x" * 300))
    assert outcome.payload["title"] == "x" * 250
    assert outcome.notes == (Note("cut", "title", "300 characters cut to 250"),)


def test_line_breaks_in_titles_become_spaces() -> None:
    assert title("  from: subject", case(subject=" a\r\nb\tc ")) == "a b c"


@pytest.mark.parametrize(
    ("field", "record", "words"),
    [
        ("created_at", {"created_at": "yesterday"}, "takes a date with time, not yesterday"),
        ("created_at", {"created_at": 7}, "takes a date with time, not 7"),
    ],
)
def test_wrong_kinds_fail_instead_of_becoming_something_else(
    field: str, record: dict[str, Any], words: str
) -> None:
    assert words in run(f"{field}:\n  from: {field}", record).failures[0]


def test_a_date_is_enough_for_a_moment() -> None:
    outcome = run("close_at:\n  from: rating", case(rating="2021-01-31"))
    assert outcome.payload == {"close_at": "2021-01-31T00:00:00Z"}


def test_true_and_false_must_be_true_or_false() -> None:
    rule = "shared:\n  from: is_shared"
    record = {"is_shared": "yes"}
    assert "as: boolean" in run(rule, record, entity="organizations").failures[0]
    outcome = run(f"{rule}\n  as: boolean", record, entity="organizations")
    assert outcome.payload == {"shared": True}


def test_the_record_is_not_changed() -> None:
    record = case(tags=["a,b"])
    before = repr(record)
    run("tags:\n  from: tags\n  as: tag\ncreated_at:\n  from: created_at", record)
    assert repr(record) == before
    assert record["created_at"] == MOMENT
