"""``only_if`` and ``skip`` by themselves: which values match, and which reason is given."""

from __future__ import annotations

from typing import Any

import pytest

from runner.mapping.conditions import only_if, skip, why_not
from runner.mapping.running import Run


def run_of(record: dict[str, Any], payload: dict[str, Any] | None = None) -> Run:
    return Run(record, None, "2026-12-05", payload=payload or {})


@pytest.mark.parametrize(
    ("values", "value", "holds"),
    [
        ("OPEN", "OPEN", True),
        ("OPEN", "open", False),
        (["OPEN", "NEW"], "NEW", True),
        (["OPEN", "NEW"], "CLOSED", False),
        ([True], True, True),
        ([True], False, False),
        ([1], "1", True),
        ("none", None, True),
        ("none", " ", True),
        ("none", [], True),
        ("none", "NONE", False),
        ("a", ["b", "a"], True),
        ("a", ["b", "c"], False),
        ("none", ["b", ""], True),
        ("Open", {"label": "Open", "id": 1}, True),
    ],
)
def test_a_field_matches_one_of_the_values_as_text(values: Any, value: Any, *, holds: bool) -> None:
    condition = only_if({"field": values})
    assert condition is not None
    assert condition(run_of({"field": value})) is holds


def test_no_conditions_are_none_and_a_reason_is_no_condition() -> None:
    assert only_if({}) is None
    assert only_if({"because": "so it is"}) is None


def test_all_conditions_must_hold_expressions_included() -> None:
    condition = only_if({"a": "1", "when": "b > 1", "because": "…", "c": ["x", "y"]})
    assert condition is not None
    assert condition(run_of({"a": 1, "b": 2, "c": "y"}))
    for wrong in ({"a": 2}, {"b": 1}, {"c": "z"}):
        assert not condition(run_of({"a": 1, "b": 2, "c": "y", **wrong}))


def test_a_zammad_field_that_was_created_matches_by_its_name_and_by_what_it_is_like() -> None:
    record = run_of({"state": "of Kayako"}, {"state": "Escalated"})
    record.likes["state"] = "open"
    record.likes["title"] = "open"
    for word, holds in (("Escalated", True), ("open", True), ("closed", False), ("none", False)):
        condition = only_if({"zammad.state": [word]})
        assert condition is not None
        assert condition(record) is holds


def test_a_zammad_field_that_was_left_out_is_none() -> None:
    condition = only_if({"zammad.owner": "none"})
    assert condition is not None
    assert condition(run_of({"owner": "somebody"}))
    assert not condition(run_of({}, {"owner": "somebody"}))


def test_the_reason_names_the_first_field_that_does_not_match_and_its_value() -> None:
    reason = why_not({"because": "never read", "a": "1", "b": ["x", "y"]})
    assert reason(run_of({"a": "1", "b": "y"})) is None
    assert reason(run_of({"a": "1", "b": "z"})) == "b is z"
    assert reason(run_of({"a": "2", "b": "z"})) == "a is 2"
    assert reason(run_of({"a": "1"})) == "b is none"
    assert reason(run_of({"a": "1", "b": [""]})) == "b is empty"


def test_an_expression_gives_the_reason_that_stands_beside_it() -> None:
    beside = why_not({"when": "size > 1", "because": "too small"})
    assert beside(run_of({"size": 1})) == "too small"
    assert beside(run_of({"size": 2})) is None
    alone = why_not({"when": "size > 1"})
    assert alone(run_of({"size": 1})) == "the condition of only_if does not hold"


def test_two_conditions_are_both_asked() -> None:
    condition = only_if({"a": "1", "b": "2"})
    assert condition is not None
    assert condition(run_of({"a": 1, "b": 2}))
    assert not condition(run_of({"a": 1, "b": 3}))
    assert not condition(run_of({"a": 2, "b": 2}))


def test_skip_gives_the_reason_of_the_value_and_looks_at_every_field() -> None:
    reason = skip(
        {
            "state": {"TRASH": "deleted", True: "odd"},
            "because": "large",
            "kind": {"none": "has no kind"},
            "when": "size > 1",
        }
    )
    kept = {"state": "ACTIVE", "kind": "MAIL", "size": 1}
    assert reason(run_of(kept)) is None
    assert reason(run_of({**kept, "state": "TRASH"})) == "deleted"
    assert reason(run_of({**kept, "state": True})) == "odd"
    assert reason(run_of({**kept, "kind": ""})) == "has no kind"
    assert reason(run_of({**kept, "size": 2})) == "large"
    assert reason(run_of({"state": "TRASH", "kind": None, "size": 2})) == "deleted"
