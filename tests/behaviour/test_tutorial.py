"""Every edit of the tutorial can be made in the shipped mappings, and plan says what is printed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.behaviour.tutorial import PAGE, Edit, Rehearsal, edits, rehearsal

TEXT = PAGE.read_text(encoding="utf-8")
EDITS = edits(TEXT)


@pytest.fixture(scope="module")
def place() -> Iterator[Rehearsal]:
    with rehearsal(TEXT) as made:
        yield made


def test_there_are_six_edits() -> None:
    assert len(EDITS) == 6


@pytest.mark.parametrize("edit", EDITS, ids=[edit.file for edit in EDITS])
def test_plan_says_of_an_edit_what_the_tutorial_says(place: Rehearsal, edit: Edit) -> None:
    told = place.told(edit)
    assert told == edit.told, "make docs writes the page anew"
    for command in told.split("$ migrate ")[1:]:
        assert "\n-" in command or "\n+" in command, f"migrate {command} does not show the edit"


def test_an_edit_needs_its_place_once() -> None:
    edit = Edit("x.yaml", (" a:", "+  b: 1"), "")
    assert edit.applied("a:\n  c: 2\n") == "a:\n  b: 1\n  c: 2\n"
    for text in ("aa:\n", "a:\na:\n"):
        with pytest.raises(ValueError, match=r"x\.yaml does not have this once"):
            edit.applied(text)
