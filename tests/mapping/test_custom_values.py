"""The value of one custom field."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.mapping.custom_values import value
from runner.mapping.field_rules import FieldChange
from tests.mapping.field_support import carried, field, made, option

CHOICES = (option(1, "A"), option(2, "B"))
TREE = (option(1, "A::B"), option(2, r"A\C"))


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        ("TEXT", "Example", "Example"),
        ("TEXT", " as it is ", " as it is "),
        ("TEXTAREA", "Example\n\nTest", "Example\n\nTest"),
        ("REGEX", "123", "123"),
        ("NUMERIC", "2", 2),
        ("NUMERIC", "99999999999", "99999999999"),
        ("DECIMAL", "2.750", "2.750"),
        ("DATE", "2021-10-12T00:00:00+00:00", "2021-10-12"),
        ("DATE", "2021-10-12T00:00:00+05:00", "2021-10-12"),
        ("DATE", "2021-10-12T23:30:00-11:00", "2021-10-12"),
        ("YESNO", "yes", True),
        ("YESNO", "no", False),
        ("SELECT", "2", "2"),
        ("RADIO", " 1 ", "1"),
        ("CHECKBOX", "2,1", ["2", "1"]),
        ("CHECKBOX", "1, 1,", ["1"]),
    ],
)
def test_values_arrive(kind: str, raw: str, expected: Any) -> None:
    assert carried(field(kind, *CHOICES), raw) == (expected, None)


@pytest.mark.parametrize(("raw", "expected"), [("1", "A::B"), ("2", "A::C")])
def test_a_trees_value_is_its_path(raw: str, expected: str) -> None:
    assert carried(field("CASCADINGSELECT", *TREE), raw) == (expected, None)


@pytest.mark.parametrize("kind", ["TEXT", "NUMERIC", "DATE", "YESNO", "SELECT", "CHECKBOX", "FILE"])
@pytest.mark.parametrize("raw", ["", "  ", None, []])
def test_what_is_not_set_has_no_value_and_no_note(kind: str, raw: Any) -> None:
    assert carried(field(kind, *CHOICES), raw) == (None, None)


def test_a_deleted_option_is_kept_with_a_note() -> None:
    found, note = carried(field("SELECT", *CHOICES), "17")
    assert found == "17"
    assert note is not None
    assert note.kind == "converted"
    found, note = carried(field("CASCADINGSELECT", *TREE), "17")
    assert found == "(deleted) 17"
    found, note = carried(field("CHECKBOX", *CHOICES), "1,17")
    assert found == ["1", "17"]
    assert note is not None
    assert "17" in note.text


def test_what_no_run_has_seen_before_is_noted_and_not_sent() -> None:
    attribute = made(field("CHECKBOX", *CHOICES), "1")
    assert value(attribute, "1,99")[0] == ["1"]
    _, note = value(attribute, "99")
    assert note is not None
    assert note.kind == "dropped"
    assert value(made(field("SELECT", *CHOICES)), "99")[0] is None


@pytest.mark.parametrize(
    ("kind", "raw"), [("DATE", "soon"), ("DATE", "2021-13-40"), ("YESNO", "maybe")]
)
def test_what_an_attribute_cannot_hold_is_dropped_with_a_note(kind: str, raw: str) -> None:
    found, note = carried(field(kind), raw)
    assert found is None
    assert note is not None
    assert (note.kind, note.field) == ("dropped", "kayako_product")
    assert raw in note.text


@pytest.mark.parametrize(
    ("kind", "as_", "raw", "expected"),
    [
        ("SELECT", "text", "1", "A"),
        ("CHECKBOX", "text", "1,2", "A, B"),
        ("SELECT", "multiselect", "1", ["1"]),
        ("DATE", "text", "2021-10-12T00:00:00+05:00", "2021-10-12"),
        ("YESNO", "text", "yes", "yes"),
        ("TEXT", "integer", "12", 12),
        ("TEXT", "boolean", "No", False),
        ("TEXT", "date", "2021-10-12", "2021-10-12"),
    ],
)
def test_values_follow_the_kind_that_the_mapping_names(
    kind: str, as_: str, raw: str, expected: Any
) -> None:
    found = carried(field(kind, *CHOICES), raw, change=FieldChange(kind=as_))
    assert found == (expected, None)


def test_a_file_is_named_and_noted() -> None:
    found, note = carried(field("FILE"), "https://acme.example/f/1")
    assert found == "https://acme.example/f/1"
    assert note is not None
    assert "file itself" in note.text


def test_text_that_came_after_the_attribute_was_made_is_cut_with_a_note() -> None:
    found, note = value(made(field()), "x" * 600)
    assert found == "x" * 500
    assert note is not None
    assert note.kind == "cut"


@given(st.text(max_size=3000))
def test_text_arrives_whole(raw: str) -> None:
    found, note = carried(field(), raw)
    wanted = raw.replace("\0", "")
    assert note is None
    assert found == (wanted if wanted.strip() else None)


@given(st.text(max_size=30) | st.integers().map(str))
def test_a_number_field_loses_nothing(raw: str) -> None:
    found, note = carried(field("NUMERIC"), raw)
    assert note is None
    assert found is None or str(found).strip() == raw.replace("\0", "").strip()


@given(st.dates(min_value=date(1000, 1, 1)), st.integers(-14, 14))
def test_a_day_stays_the_day_in_every_time_zone(day: date, offset: int) -> None:
    raw = f"{day.isoformat()}T00:00:00{offset:+03d}:00"
    assert carried(field("DATE"), raw) == (day.isoformat(), None)


@given(st.lists(st.integers(1, 30), unique=True), st.sampled_from(["CHECKBOX"]))
def test_every_option_that_is_set_arrives_in_its_order(numbers: list[int], kind: str) -> None:
    raw = ",".join(map(str, numbers))
    found, _ = carried(field(kind, *CHOICES), raw)
    assert (found or []) == [str(number) for number in numbers]


@given(st.text(max_size=300), st.sampled_from(["DATE", "YESNO", "SELECT", "CASCADINGSELECT"]))
def test_nothing_is_lost_without_a_note(raw: str, kind: str) -> None:
    found, note = carried(field(kind, *CHOICES), raw)
    assert found is not None or note is not None or not raw.replace("\0", "").strip()
