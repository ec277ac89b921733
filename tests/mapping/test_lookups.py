"""Tables by themselves: how values are found in them, and what is noted of a loss."""

from __future__ import annotations

from typing import Any

import pytest

from runner.mapping.lookups import Unknown, in_table, in_vocabulary
from runner.mapping.model import DroppedLabel, Entry, Note, Vocabulary
from runner.mapping.running import Run


def table(**options: Any) -> Vocabulary:
    common: dict[str, Any] = {"kayako": "x", "zammad": "ticket_state", "key": "type"}
    return Vocabulary(**{"name": "states", "label": "label", **common, **options})


def look_up(vocabulary: Vocabulary, *values: Any) -> tuple[Any, Run]:
    """Look values up for one record; return what became of the last one."""
    run = Run({}, None, "2026-12-05", filling="state")
    step = in_vocabulary(vocabulary)
    found = None
    for value in values:
        found = step(value, run)
    return found, run


def test_a_value_that_a_table_does_not_list_is_unknown_by_its_words() -> None:
    step = in_table({"1": "one", "empty": None})
    run = Run({}, None, "2026-12-05")
    assert step(1.0, run) == "one"
    assert step(" empty ", run) is None
    with pytest.raises(Unknown, match=r"^Open is not in the rule's table kayako_to_zammad$"):
        step({"id": 2, "label": "Open"}, run)


def test_case_and_blanks_matter_only_where_a_table_says_so() -> None:
    entries = {" Open ": Entry("open")}
    custom = {" Vendor ": Entry("waiting")}
    loose = table(entries=entries, custom=custom, ignore_case=True)
    assert look_up(loose, {"type": "OPEN", "label": None})[0] == "open"
    assert look_up(loose, {"type": None, "label": "VENDOR"})[0] == "waiting"
    strict = table(entries=entries, custom=custom)
    assert look_up(strict, {"type": "Open", "label": "x"})[0] == "open"
    with pytest.raises(Unknown, match=r"^VENDOR is not in the table states$"):
        look_up(strict, {"type": "OPEN", "label": "VENDOR"})


def test_unknown_values_are_named_by_label_then_key_then_as_they_are() -> None:
    for value, words in (
        ({"type": "K", "label": "L"}, "L is"),
        ({"type": "K", "label": None}, "K is"),
        ({"id": 7}, "7 is"),
        ("text", "text is"),
    ):
        with pytest.raises(Unknown, match=f"^{words} not in the table states$"):
            look_up(table(), value)


def test_text_is_its_own_key_and_label() -> None:
    both = table(entries={"a": Entry("by key")}, custom={"b": Entry("by label")})
    assert look_up(both, "a")[0] == "by key"
    assert look_up(both, "b")[0] == "by label"


def test_what_is_not_listed_keeps_its_key_else_its_label() -> None:
    keeping = table(others_keep_their_own=True)
    assert look_up(keeping, {"type": "K", "label": "L"})[0] == "K"
    assert look_up(keeping, {"type": None, "label": "L"})[0] == "L"
    assert look_up(keeping, {"id": 7})[0] is None


def test_a_table_without_key_or_label_asks_for_none() -> None:
    labels = table(key=None, custom={"L": Entry("by label")}, entries={"None": Entry("wrong")})
    assert look_up(labels, {"type": "K", "label": "L", None: "None"})[0] == "by label"
    with pytest.raises(Unknown):
        look_up(labels, {"type": "K", "label": None, None: "None"})
    keys = table(label=None, custom={"None": Entry("wrong")}, entries={"K": Entry("by key")})
    assert look_up(keys, {"type": "K", "label": "L", None: "None"})[0] == "by key"


def test_a_label_that_the_table_drops_leaves_note_tag_and_entry_in_the_book() -> None:
    dropping = table(anything_else=Entry("open", "tag"))
    value, run = look_up(dropping, {"type": "CUSTOM", "label": "Waiting for us"})
    assert value == "open"
    assert run.tags == ["kayako-state-waiting-for-us"]
    assert run.dropped == [DroppedLabel("states", "Waiting for us", "open", "tag")]
    words = "the state Waiting for us becomes open; the tag kayako-state-waiting-for-us keeps it"
    assert run.notes == [Note("dropped", "state", words)]


def test_a_label_that_a_note_keeps_is_said_so() -> None:
    noting = table(custom={"Vendor": Entry(None, "note")})
    value, run = look_up(noting, {"type": "X", "label": "Vendor"})
    assert value is None
    assert run.tags == []
    assert run.remembered == ["Kayako state: Vendor"]
    assert run.dropped == [DroppedLabel("states", "Vendor", "nothing", "note")]
    assert run.notes[0].text == "the state Vendor becomes nothing; a note keeps it"


def test_a_label_that_nothing_keeps_is_noted_all_the_same() -> None:
    value, run = look_up(table(anything_else=Entry("open")), {"type": "X", "label": "Vendor"})
    assert value == "open"
    assert (run.tags, run.remembered) == ([], [])
    assert run.notes[0].text == "the state Vendor becomes open"


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ({"id": 7, "type": "K", "label": "L"}, "L"),
        ({"id": 7, "type": "K", "label": None}, "7"),
        ({"type": "K", "label": None}, "K"),
        ("text", "text"),
    ],
)
def test_the_book_names_what_was_dropped_by_label_number_or_key(value: Any, label: str) -> None:
    _value, run = look_up(table(anything_else=Entry("open")), value)
    assert [dropped.label for dropped in run.dropped] == [label]


def test_a_tag_is_added_once_fits_zammad_and_has_a_word_where_the_label_has_no_letter() -> None:
    dropping = table(anything_else=Entry("open", "tag"))
    twice = {"type": "X", "label": "Twice"}
    _value, run = look_up(dropping, twice, twice, {"type": "X", "label": "?!"})
    assert run.tags == ["kayako-state-twice", "kayako-state-unknown"]
    assert len(run.dropped) == 3
    _value, run = look_up(dropping, {"type": "X", "label": "x" * 300})
    assert run.tags == ["kayako-state-" + "x" * 237]


def test_a_label_with_a_key_is_dropped_only_where_kayako_never_shipped_it() -> None:
    known = table(entries={"OPEN": Entry("open")}, shipped_labels=frozenset({"Open"}))
    assert look_up(known, {"type": "OPEN", "label": "Open"})[1].dropped == []
    assert look_up(known, {"type": "OPEN", "label": None})[1].dropped == []
    dropped = look_up(known, {"type": "OPEN", "label": "Mine"})[1].dropped
    assert dropped == [DroppedLabel("states", "Mine", "open", "nothing")]


def test_a_value_that_is_created_is_asked_for_once_and_drops_nothing() -> None:
    new = Entry("Escalated", "tag", new="Escalated", like="open")
    ways = (table(custom={"X": new}), table(entries={"X": new}), table(anything_else=new))
    for creating in ways:
        named = {"type": "X"} if creating.entries else {"label": "X"}
        value, run = look_up(creating, named, named)
        assert value == "Escalated"
        assert run.creates == [("ticket_state", "Escalated", "open")]
        assert run.likes == {"state": "open"}
        assert (run.dropped, run.notes, run.tags) == ([], [], [])


def test_a_value_that_is_created_like_no_other_has_no_like() -> None:
    value, run = look_up(table(custom={"X": Entry("Y", new="Y")}), {"label": "X"})
    assert value == "Y"
    assert run.creates == [("ticket_state", "Y", "")]
    assert run.likes == {}


def test_placeholders_inside_a_text_are_replaced_and_unknown_ones_stay_with_a_note() -> None:
    words = table(
        zammad="placeholder",
        entries={"case.id": Entry("#{ticket.number}"), "case.rating": Entry(None)},
    )
    text = "No. {{ case.id }}, {{case.id}}, {{ case.rating }}{{  other }}."
    value, run = look_up(words, text)
    assert value == "No. #{ticket.number}, #{ticket.number}, {{  other }}."
    assert run.notes == [Note("dropped", "state", "the placeholder {{ other }} stays as text")]
