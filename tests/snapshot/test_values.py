from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.snapshot.values import address, distinct, pack, split_name, timestamp, unpack

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
STORABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | STORABLE,
    lambda inner: st.lists(inner) | st.dictionaries(STORABLE, inner),
    max_leaves=8,
)


@given(st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1)), OFFSETS)  # noqa: DTZ001 - naive: the offset is drawn
def test_any_offset_becomes_the_same_moment_in_utc(moment: datetime, offset: timezone) -> None:
    moment = moment.replace(tzinfo=offset, microsecond=0)
    text = timestamp(moment.isoformat())
    assert text is not None
    assert text.endswith("Z")
    assert datetime.fromisoformat(text) == moment
    assert timestamp(text) == text


def test_unix_seconds_are_times() -> None:
    assert timestamp(1498466226) == "2017-06-26T08:37:06Z"


@pytest.mark.parametrize(
    "value",
    [
        *(None, "", "soon", 0, True, [], 10**30, "2021-13-01T00:00:00Z"),
        "0001-01-01T00:00:00+02:00",  # before the first year, in UTC
        "9999-12-31T23:59:59-02:00",
    ],
)
def test_what_is_no_time_is_none(value: object) -> None:
    assert timestamp(value) is None


def test_a_year_has_four_digits_however_early() -> None:
    assert timestamp("0202-05-01T12:00:00+02:00") == "0202-05-01T10:00:00Z"


def test_a_time_without_an_offset_is_utc() -> None:
    assert timestamp("2021-08-27 10:49:56") == "2021-08-27T10:49:56Z"
    assert datetime.fromisoformat(str(timestamp("2021-08-27"))) == datetime(2021, 8, 27, tzinfo=UTC)


@given(JSON)
def test_what_was_packed_comes_out_again(value: object) -> None:
    assert unpack(pack(value)) == value


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("a\0b", "a\ufffdb"),
        ("\ud83d", "\ufffd"),
        ("\udc00\ud83d", "\ufffd\ufffd"),
        ("\\u0000", "\\u0000"),
        ("\N{GRINNING FACE}\x01\x1b\ufffe", "\N{GRINNING FACE}\x01\x1b\ufffe"),
        (
            {"a\0": ["\0", {"b": "\ud83d\0"}, 1, None]},
            {"a\ufffd": ["\ufffd", {"b": "\ufffd\ufffd"}, 1, None]},
        ),
    ],
    ids=ascii,
)
def test_signs_that_no_database_holds_are_replaced_when_a_record_is_read(
    sent: object, read: object
) -> None:
    assert unpack(pack(sent)) == read


@given(st.text())
def test_a_split_name_loses_no_word(name: str) -> None:
    first, last = split_name(name)
    assert " ".join(part for part in (first, last) if part).split() == name.split()
    assert last is None or len(last.split()) == 1


@pytest.mark.parametrize(
    ("name", "mail", "text"),
    [
        ("Customer 7", "c@example.org", "Customer 7 <c@example.org>"),
        ("Seven, Customer", "c@example.org", '"Seven, Customer" <c@example.org>'),
        ('The "7"', "c@example.org", '"The \\"7\\"" <c@example.org>'),
        (" a \n b ", " c@example.org ", "a b <c@example.org>"),
        ("C@example.org", "c@example.org", "c@example.org"),
        (None, "c@example.org", "c@example.org"),
        ("Customer 7", None, "Customer 7"),
        (" ", "", None),
    ],
)
def test_addresses_are_written_as_mail_programs_read_them(
    name: str | None, mail: str | None, text: str | None
) -> None:
    assert address(name, mail) == text


@given(st.lists(st.text(max_size=4)))
def test_distinct_keeps_the_first_of_each(values: list[str]) -> None:
    kept = distinct(values)
    assert len({value.casefold() for value in kept}) == len(kept)
    assert {value.casefold() for value in kept} == {
        value.strip().casefold() for value in values if value.strip()
    }
