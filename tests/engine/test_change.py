from __future__ import annotations

import pytest

from runner.engine.change import (
    Action,
    Change,
    Child,
    Difference,
    TimeEntry,
    plain,
    reference_of,
    references_in,
)
from runner.mapping.model import Reference

PERSON = Reference("users", source_id="17")
OPENER = Reference("users", source_id="90", placeholder=True)
AGENT = Reference("users", source_id="91", placeholder=True)
GROUP = Reference("groups", name="Kayako unassigned")


def test_plain_values_name_references_and_they_can_be_read_back() -> None:
    assert plain({"owner": PERSON, "list": [GROUP, 1]}) == {
        "owner": {"ref": "users/17"},
        "list": [{"ref": "groups=Kayako unassigned"}, 1],
    }
    assert reference_of("users/17") == PERSON
    assert reference_of("groups=Kayako unassigned") == GROUP
    assert reference_of("groups=A=B") == Reference("groups", name="A=B")
    assert reference_of("users=a/b@x.example") == Reference("users", name="a/b@x.example")


def test_references_are_found_however_deep() -> None:
    change = Change(
        "tickets",
        "1",
        Action.CREATE,
        payload={"owner": PERSON},
        by_console={"created_by": OPENER},
        times=(TimeEntry("3", "d", {}, by_console={"created_by": AGENT}),),
        children=(Child("2", "d", {"origin_by": GROUP}),),
    )
    assert list(change.references()) == [PERSON, OPENER, AGENT, GROUP]
    assert list(references_in({"a": [[PERSON]]})) == [PERSON]


def test_only_changes_with_something_to_send_write() -> None:
    assert Change("users", "1", Action.CREATE).writes
    assert Change("users", "1", Action.UPDATE, fields={"note": "x"}).writes
    assert not Change("users", "1", Action.UPDATE).writes
    assert not Change("users", "1", Action.SKIP).writes
    article = Child("2", "d", {})
    assert Change("tickets", "1", Action.UPDATE, children=(article,)).writes
    for action, due in ((Action.CREATE, True), (Action.UPDATE, True), (Action.SKIP, False)):
        times = (TimeEntry("1", "d", {}, Action.UNCHANGED), TimeEntry("2", "d", {}, action))
        assert Change("tickets", "1", Action.UPDATE, times=times).writes is due


def test_lists_that_cannot_be_changed_are_plain_and_searched_as_others() -> None:
    assert plain((PERSON, (1,))) == [{"ref": "users/17"}, [1]]
    assert list(references_in((1, PERSON, {"a": (GROUP,)}))) == [PERSON, GROUP]


def test_a_reference_to_an_entity_of_two_words_is_read_back() -> None:
    section = Reference("kb_sections", source_id="3")
    assert reference_of(str(section)) == section


@pytest.mark.parametrize(
    ("own", "original", "sent", "ids", "is_original"),
    [
        ("<own>", "<mail>", "<mail>", {"<own>", "<mail>"}, True),
        ("<own>", "<mail>", "<own>", {"<own>", "<mail>"}, False),
        ("<own>", "", "<own>", {"<own>"}, False),
        ("", "", "<other>", {"<other>"}, False),
    ],
)
def test_an_article_is_proven_by_any_id_that_it_may_have_been_sent_with(
    own: str, original: str, sent: str, ids: set[str], *, is_original: bool
) -> None:
    child = Child("2", "d", {"message_id": sent}, own, original)
    assert child.message_ids == ids
    assert child.is_original is is_original


def test_a_conflict_is_shown_with_what_was_written_and_what_is_wanted() -> None:
    clash = Difference("title", "Ours", "Kayako's")
    change = Change("tickets", "1", Action.UPDATE, label="Case", conflicts=(clash, clash))
    row = {
        "entity": "tickets",
        "source_id": "1",
        "label": "Case",
        "field": "title",
        "written": "Ours",
        "wanted": "Kayako's",
    }
    assert list(change.conflict_rows()) == [row, row]
