"""What ``as`` and the date steps make of values."""

from __future__ import annotations

from typing import Any

import pytest

from runner.mapping.conversions import CONVERSIONS, add_days, cut_at, moment, not_before
from runner.mapping.model import Note
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
        ("integer", "-3.0", -3, []),
        ("integer", 999_999_999_999_999, 999_999_999_999_999, []),
        ("minutes", 3600, 60, []),
        ("minutes", 59, 0.98, ["converted"]),
        ("minutes", "90", 1.5, []),
        ("minutes", 0, 0, []),
        ("boolean", "yes", True, []),
        ("boolean", "No", False, []),
        *[("boolean", word, True, []) for word in (1, "true", "on", True, "YES")],
        *[("boolean", word, False, []) for word in (0, "false", "off", False, "no")],
        ("date", "2021-10-12T23:00:00-10:00", "2021-10-12", []),
        ("datetime", "2021-10-12T01:00:00+02:00", "2021-10-11T23:00:00Z", []),
        ("datetime", "2021-10-12", "2021-10-12T00:00:00Z", []),
        ("datetime", "2021-10-12T01:02:03.9Z", "2021-10-12T01:02:03Z", []),
        ("datetime", "0202-05-01", "0202-05-01T00:00:00Z", []),
        ("email", " a@example.org ", "a@example.org", []),
        ("email", "no address", None, ["dropped"]),
        ("email", "a@example.org, b@example.org", None, ["dropped"]),
        ("tag", "vip", "vip", []),
        ("tag", "a, b*c", "a-b-c", ["replaced"]),
        ("tag", "two  words", "two words", ["replaced"]),
        ("tag", ",*", None, ["replaced"]),
        ("tag", "-vip-", "vip", ["replaced"]),
        ("tag", "one\n\n two \n,", ["one", "two"], ["replaced"]),
        ("tag", "one\n", "one", []),
        ("tag", "", None, []),
        ("tag", "x" * 300, "x" * 250, ["cut"]),
        ("tag", "x" * 250, "x" * 250, []),
        ("tag", "x" * 249 + " yz", "x" * 249, ["cut"]),
        ("html", "<p>a</p>", "<p>a</p>", []),
        ("html", " <p>a</p> ", " <p>a</p> ", []),
        ("html", 7, "7", []),
        ("html", "<p> </p>", None, []),
    ],
)
def test_values_are_turned_into_what_is_asked_for(
    word: str, value: Any, expected: Any, notes: list[str]
) -> None:
    made, noted = convert(word, value)
    assert (made, noted) == (expected, notes)
    assert type(made) is type(expected)


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("integer", "abc"),
        ("integer", True),
        ("integer", "1e400"),
        ("integer", "1000000000000000"),
        ("integer", "-1000000000000000"),
        ("integer", "Infinity"),
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
    run = Run({"images": {url: None}}, None, "2026-12-05", filling="body")
    text = CONVERSIONS["html"](html, run)
    assert text == f'<a href="{url}">[image: no longer available]</a>'
    words = f"the image {url} could not be fetched: a link stands for it"
    assert run.notes == [Note("replaced", "body", words)]
    assert convert("html", html, {"images": None}) == (text, ["replaced"])


def test_days_are_added_to_dates_and_moments_alike() -> None:
    run = Run({}, None, "2026-12-05")
    assert add_days(1)("2020-02-28", run) == "2020-02-29"
    assert add_days(-1)("2020-03-01T10:00:00Z", run) == "2020-02-29T10:00:00Z"
    assert add_days(1)("0202-02-28", run) == "0202-03-01"
    with pytest.raises(FieldFailed, match=r"^9999-01-01 moved by 36500 days is no date$"):
        add_days(36500)("9999-01-01", run)


def test_a_moment_without_zone_is_utc() -> None:
    assert moment("2021-01-01T00:00:00") == moment("2021-01-01T00:00:00Z")
    assert moment("2021-01-01T00:00:00").tzinfo == moment("2021-01-01T02:00:00+02:00").tzinfo
    with pytest.raises(FieldFailed, match=r"^0001-01-01T00:00:00\+02:00 is no date$"):
        moment("0001-01-01T00:00:00+02:00")


@pytest.mark.parametrize(
    ("value", "limit", "result"),
    [
        ("2020-01-01", "2026-12-05", "2026-12-05"),
        ("2020-01-01T10:00:00Z", "2026-12-05", "2026-12-05T00:00:00Z"),
        ("2020-01-01", "2026-12-05T10:00:00+02:00", "2026-12-05"),
        ("2026-12-05", "2026-12-05", "2026-12-05"),
        ("2026-12-05T01:00:00+01:00", "2026-12-05", "2026-12-05T01:00:00+01:00"),
        ("2027-01-01", "2026-12-05", "2027-01-01"),
        ("2020-01-01", "0999-12-05", "2020-01-01"),
        ("0202-01-01", "0999-12-05", "0999-12-05"),
        ("2020-01-01", None, "2020-01-01"),
    ],
)
def test_a_date_that_is_too_early_gives_way_in_its_own_form(
    value: str, limit: str | None, result: str
) -> None:
    assert not_before(lambda _run: limit)(value, Run({}, None, "2026-12-05")) == result


def test_text_is_cut_and_what_was_cut_is_noted() -> None:
    run = Run({}, None, "2026-12-05", filling="title")
    assert cut_at(3)(1234, run) == "123"
    assert cut_at(3)("123", run) == "123"
    assert run.notes == [Note("cut", "title", "4 characters cut to 3")]


@pytest.mark.parametrize(
    ("word", "value", "text"),
    [
        ("integer", "2.5", "2.5 rounded to 2"),
        ("minutes", 59, "59 seconds rounded to 0.98 minutes"),
        ("email", "no address", "no address is no email address"),
        ("tag", "a, b", "the tag a, b is written a-b"),
        ("tag", "x" * 251, "251 characters cut to 250"),
    ],
)
def test_notes_say_what_was_there_and_what_became_of_it(word: str, value: Any, text: str) -> None:
    run = Run({}, None, "2026-12-05", filling="title")
    CONVERSIONS[word](value, run)
    assert [(note.field, note.text) for note in run.notes] == [("title", text)]


def test_a_failure_says_what_the_value_is_not() -> None:
    for word, value, text in (
        ("integer", "abc", "abc is no number"),
        ("boolean", "maybe", "maybe is neither yes nor no"),
        ("date", "tomorrow", "tomorrow is no date"),
    ):
        with pytest.raises(FieldFailed, match=f"^{text}$"):
            convert(word, value)
