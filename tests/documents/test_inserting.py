"""Lines go in where they belong, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.documents import load
from runner.documents.inserting import entry, insert
from runner.errors import InvalidFiles

FILE = """# A table.
custom:   # your own
  # first
  b: 1

  anything_else:
    becomes: open
empty:
  # Example: x
last:
"""


def added(text: str, path: tuple[str, ...], lines: list[str]) -> str:
    return insert(text, load(Path("file.yaml"), text=text), [(path, lines)])


def test_an_entry_goes_before_the_first_of_its_block() -> None:
    assert added(FILE, ("custom",), ["# new", "a: 2"]) == FILE.replace(
        "custom:   # your own\n", "custom:   # your own\n  # new\n  a: 2\n"
    )


def test_a_key_without_entries_gets_its_first() -> None:
    assert added(FILE, ("empty",), ["a: 2"]) == FILE.replace("empty:\n", "empty:\n  a: 2\n")
    assert added(FILE, ("last",), ["a: 2"]).endswith("last:\n  a: 2\n")


def test_windows_line_ends_and_a_missing_last_one_stay_readable() -> None:
    assert added("a:\r\nb: 1\r\n", ("a",), ["c: 1"]) == "a:\r\n  c: 1\r\nb: 1\r\n"
    assert added("b: 1\na:", ("a",), ["c: 1"]) == "b: 1\na:\n  c: 1\n"


@pytest.mark.parametrize("text", ["custom: {}\n", "custom: {a: 1}\n", "other: 1\n"])
def test_what_cannot_be_added_to_is_said(text: str) -> None:
    with pytest.raises(InvalidFiles, match=r"file.yaml:1:\d: "):
        added(text, ("custom",), ["a: 1"])


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff"),
    min_size=1,
    max_size=30,
)


@given(key=WORDS, value=WORDS)
def test_whatever_is_added_is_read_back_and_nothing_else_changes(key: str, value: str) -> None:
    text = added(FILE, ("custom",), entry(key, value))
    before = load(Path("file.yaml"), text=FILE).data
    after = load(Path("file.yaml"), text=text).data
    if key in ("b", "anything_else"):
        return
    assert str(after["custom"].pop(key)) == value
    assert after == before
    assert text.replace("".join(f"  {line}\n" for line in entry(key, value)), "", 1) == FILE
