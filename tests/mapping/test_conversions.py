"""What ``as`` and the date steps make of values."""

from __future__ import annotations

from typing import Any

import pytest

from runner.mapping.conversions import CONVERSIONS, add_days, moment
from runner.mapping.running import FieldFailed, Run


def convert(word: str, value: Any, record: dict[str, Any] | None = None) -> tuple[Any, list[str]]:
    run = Run(record or {}, None, "2026-12-05")
    return CONVERSIONS[word](value, run), [note.kind for note in run.notes]


@pytest.mark.parametrize(
    ("word", "value", "expected", "notes"),
    [
        ("text", 7, "7", []),
        ("text", True, "true", []),
        ("text", ["a", 1], "a, 1", []),
        ("integer", "42", 42, []),
        ("integer", "2.5", 2, ["converted"]),
        ("minutes", 3600, 60, []),
        ("minutes", 59, 0.98, ["converted"]),
        ("minutes", "90", 1.5, []),
        ("boolean", "yes", True, []),
        ("boolean", "No", False, []),
        ("boolean", 1, True, []),
        ("date", "2021-10-12T23:00:00-10:00", "2021-10-12", []),
        ("datetime", "2021-10-12T01:00:00+02:00", "2021-10-11T23:00:00Z", []),
        ("datetime", "2021-10-12", "2021-10-12T00:00:00Z", []),
        ("email", " a@example.org ", "a@example.org", []),
        ("email", "no address", None, ["dropped"]),
        ("email", "a@example.org, b@example.org", None, ["dropped"]),
        ("tag", "vip", "vip", []),
        ("tag", "a, b*c", "a-b-c", ["replaced"]),
        ("tag", "two  words", "two words", ["replaced"]),
        ("tag", ",*", None, ["replaced"]),
        ("tag", "x" * 300, "x" * 250, ["cut"]),
        ("html", "<p>a</p>", "<p>a</p>", []),
        ("html", "<p> </p>", None, []),
    ],
)
def test_values_are_turned_into_what_is_asked_for(
    word: str, value: Any, expected: Any, notes: list[str]
) -> None:
    assert convert(word, value) == (expected, notes)


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("integer", "abc"),
        ("integer", True),
        ("integer", "1e400"),
        ("integer", "NaN"),
        ("minutes", "soon"),
        ("boolean", "maybe"),
        ("date", "tomorrow"),
        ("datetime", "2021-13-01"),
    ],
)
def test_what_cannot_be_turned_fails_and_names_the_value(word: str, value: Any) -> None:
    with pytest.raises(FieldFailed, match=f"(?i){value}"):
        convert(word, value)


def test_html_links_the_images_of_its_record() -> None:
    url = "https://acme.kayako.com/media/url/T"
    html = f'<img src="{url}">'
    assert convert("html", html, {"images": {url: "d" * 64}}) == (
        f'<img src="snapshot:{"d" * 64}">',
        [],
    )
    text, notes = convert("html", html, {"images": {url: None}})
    assert "no longer available" in text
    assert notes == ["replaced"]


def test_days_are_added_to_dates_and_moments_alike() -> None:
    run = Run({}, None, "2026-12-05")
    assert add_days(1)("2020-02-28", run) == "2020-02-29"
    assert add_days(-1)("2020-03-01T10:00:00Z", run) == "2020-02-29T10:00:00Z"
    with pytest.raises(FieldFailed):
        add_days(36500)("9999-01-01", run)


def test_a_moment_without_zone_is_utc() -> None:
    assert moment("2021-01-01T00:00:00") == moment("2021-01-01T00:00:00Z")
