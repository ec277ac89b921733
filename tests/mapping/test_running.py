"""How fields of records are read, compared and shown."""

from __future__ import annotations

from typing import Any

import pytest

from runner.mapping.running import Run, as_text, each, is_empty, reader, shown

RECORD = {
    "subject": "Where?",
    "parent": "a field of that name",
    "go_live": "as well",
    "requester": {"name": "Customer 1", "emails": [{"address": "a@x"}, {"address": "b@x"}]},
    "tags": ["a", "b"],
    "dotted.name": "never read",
}
PARENT = {"id": 42, "team": {"title": "Support"}}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("subject", "Where?"),
        ("absent", None),
        ("requester.name", "Customer 1"),
        ("requester.absent", None),
        ("absent.deeper.still", None),
        ("subject.length", None),
        ("requester.emails.address", ["a@x", "b@x"]),
        ("requester.emails.absent", [None, None]),
        ("tags.label", []),
        ("dotted.name", None),
        ("parent", PARENT),
        ("parent.id", 42),
        ("parent.team.title", "Support"),
        ("parent.absent", None),
        ("go_live", "2026-12-05"),
    ],
)
def test_a_path_reads_inside_records_lists_and_parents(path: str, value: object) -> None:
    assert reader(path)(Run(RECORD, PARENT, "2026-12-05")) == value


def test_a_record_that_lies_in_no_other_has_an_empty_parent() -> None:
    assert reader("parent.id")(Run(RECORD, None, "2026-12-05")) is None


def test_templates_see_parent_and_day_even_where_the_record_has_fields_of_these_names() -> None:
    run = Run(RECORD, PARENT, "2026-12-05")
    assert run.names() == {**RECORD, "parent": PARENT, "go_live": "2026-12-05"}


@pytest.mark.parametrize("value", [None, "", " ", "\n\t", [], {}])
def test_blank_things_are_empty(value: object) -> None:
    assert is_empty(value)


@pytest.mark.parametrize("value", ["x", " x ", 0, 0.0, False, [None], [""], {"id": None}])
def test_zero_and_false_and_whatever_holds_something_are_not_empty(value: object) -> None:
    assert not is_empty(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("  as it is ", "as it is"),
        (None, ""),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (7.0, "7"),
        (7.5, "7.5"),
        (["a", 1, None], "a, 1, "),
        ({"id": 7, "label": "Open"}, "Open"),
        ({"id": 7, "label": "", "title": "Support"}, "Support"),
        ({"label": " ", "text": "T", "name": "N"}, "T"),
        ({"email": "a@x", "name": "N"}, "N"),
        ({"number": "1", "email": "a@x"}, "a@x"),
        ({"address": "b@x", "number": "1"}, "1"),
        ({"url": "https://x", "address": "b@x"}, "b@x"),
        ({"screen_name": "s", "url": "https://x"}, "https://x"),
        ({"id": 7, "screen_name": "s"}, "s"),
        ({"id": 7, "color": "red"}, "7"),
        ({"id": {"id": 8}}, "8"),
        ({"color": "red"}, "(empty)"),
        ({}, "(empty)"),
    ],
)
def test_values_are_compared_by_the_words_that_people_know_them_by(
    value: object, text: str
) -> None:
    assert as_text(value) == text


def test_messages_show_values_short_and_on_one_line() -> None:
    assert shown("a \n\t b") == "a b"
    assert shown("x" * 80) == "x" * 80
    assert shown("x" * 81) == "x" * 79 + "…"


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("a", "A"),
        ([], []),
        (["a", "", None, "b"], ["A", "B"]),
        (["two", "a"], ["T", "O", "A"]),
        (["drop", "a"], ["A"]),
    ],
)
def test_a_step_takes_each_item_that_is_not_empty_and_joins_lists_on(
    value: Any, result: object
) -> None:
    steps = {"two": ["T", "O"], "drop": None}
    assert each(value, lambda item: steps.get(item, item.upper())) == result
