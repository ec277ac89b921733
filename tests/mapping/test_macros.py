"""Macros, text modules and calendars as the shipped mappings make them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.mapping import Mappings, Outcome, Reference, transform
from runner.mapping.calendars import calendar, frames_of
from runner.mapping.macros import macro, text_module
from tests.mapping.support import GO_LIVE, MOMENT, person, shipped, team

ALL = {"type": "ALL", "team": None}
CLOSED = {"id": 5, "label": "Closed", "type": "CLOSED"}


@pytest.fixture(scope="module")
def mappings() -> Mappings:
    return shipped()


def record(**changes: Any) -> dict[str, Any]:
    names = "reply_type reply_contents assignee type status priority priority_action last_used_at"
    empty = dict.fromkeys(names.split())
    common = {"id": 1, "title": "Close it", "agent": person(3, "AGENT"), "visibility": ALL}
    lists: dict[str, Any] = {"add_tags": [], "remove_tags": []}
    return {**empty, **common, **lists, "created_at": MOMENT, "updated_at": MOMENT, **changes}


def macro_of(mappings: Mappings, **changes: Any) -> Outcome:
    outcome = transform(mappings, "macros", record(**changes), go_live=GO_LIVE)
    assert not outcome.failures
    if outcome.skip is not None:
        return outcome
    return macro(outcome)


def performed(mappings: Mappings, **changes: Any) -> Any:
    return macro_of(mappings, **changes).payload["perform"]


def text_of(mappings: Mappings, **changes: Any) -> Outcome:
    outcome = transform(mappings, "text_modules", record(**changes), go_live=GO_LIVE)
    if outcome.skip is not None:
        return outcome
    return text_module(outcome)


def hours_of(mappings: Mappings, **changes: Any) -> Outcome:
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    zones = {day: [] for day in days} | changes.pop("zones", {"monday": [9, 10]})
    common = {"id": 1, "title": "Office", "zones": zones, "holidays": [], "is_default": False}
    times = {"time_zone": "Europe/Berlin", "created_at": MOMENT, "updated_at": MOMENT}
    outcome = transform(mappings, "calendars", {**common, **times, **changes}, go_live=GO_LIVE)
    return outcome if outcome.skip is not None else calendar(outcome)


def test_a_macro_does_in_zammad_what_it_did_in_kayako(mappings: Mappings) -> None:
    outcome = macro_of(
        mappings,
        status=CLOSED,
        priority={"id": 4, "label": "Urgent", "level": 4},
        type={"id": 1, "label": "Question", "type": "QUESTION"},
        assignee={"type": "AGENT", "team": team(2, "Sales"), "agent": person(3, "AGENT")},
        add_tags=["done", "two words"],
        reply_type="NOTE",
        reply_contents="<p>Done.</p>",
    )
    assert outcome.payload == {
        "name": "Close it",
        "active": True,
        "created_at": MOMENT,
        "perform": {
            "ticket.state_id": {"value": Reference("states", name="closed")},
            "ticket.priority_id": {"value": Reference("priorities", name="3 high")},
            "ticket.type": {"value": "Question"},
            "ticket.group_id": {"value": Reference("groups", "2", "Sales")},
            "ticket.owner_id": {"pre_condition": "specific", "value": Reference("users", "3")},
            "ticket.tags": {"operator": "add", "value": "done,two words"},
            "article.note": {"body": "<p>Done.</p>", "internal": "true", "subject": "Close it"},
        },
    }
    assert outcome.notes == ()


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("CURRENT_AGENT", {"pre_condition": "current_user.id", "value": ""}),
        ("UNASSIGNED", {"pre_condition": "not_set", "value": ""}),
    ],
)
def test_owners_may_be_whoever_uses_it_or_nobody(
    mappings: Mappings, kind: str, expected: Any
) -> None:
    assignee = {"type": kind, "team": None, "agent": None}
    assert performed(mappings, assignee=assignee) == {"ticket.owner_id": expected}


def test_agents_who_are_gone_leave_the_ticket_to_nobody(mappings: Mappings) -> None:
    assignee = {"type": "AGENT", "team": None, "agent": person(9, None, known=False)}
    outcome = macro_of(mappings, assignee=assignee)
    owner = outcome.payload["perform"]["ticket.owner_id"]
    assert owner == {"pre_condition": "not_set", "value": ""}
    assert [(note.kind, note.field) for note in outcome.notes] == [("defaulted", "owner")]


def test_pending_states_get_an_end(mappings: Mappings) -> None:
    status = {"id": 3, "label": "Pending", "type": "PENDING"}
    assert performed(mappings, status=status)["ticket.pending_time"] == {
        "operator": "relative",
        "value": "14",
        "range": "day",
    }


def test_a_dropped_label_is_remembered_by_a_tag_of_the_macro(mappings: Mappings) -> None:
    status = {"id": 9, "label": "Waiting", "type": "CUSTOM"}
    outcome = macro_of(mappings, status=status, add_tags=["a"], remove_tags=["b"])
    perform = outcome.payload["perform"]
    assert perform["ticket.state_id"] == {"value": Reference("states", name="open")}
    assert perform["ticket.tags"] == {"operator": "add", "value": "a,kayako-state-waiting"}
    assert outcome.dropped == ()
    assert {note.field for note in outcome.notes} == {"state", "remove_tags"}


def test_tags_are_taken_away_where_none_is_added(mappings: Mappings) -> None:
    perform = performed(mappings, remove_tags=["b", "c"])
    assert perform == {"ticket.tags": {"operator": "remove", "value": "b,c"}}


def test_what_zammad_cannot_do_is_told_and_skipped_where_nothing_else_is_left(
    mappings: Mappings,
) -> None:
    outcome = macro_of(mappings, priority_action="INCREASE_ONE_LEVEL")
    assert outcome.skip == "Zammad's macros can do nothing of what it does"
    assert [note.text for note in outcome.notes] == [
        "Zammad's macros cannot raise the priority by one level"
    ]
    assignee = {"type": "CURRENT_TEAM", "team": None, "agent": None}
    partly = macro_of(mappings, status=CLOSED, assignee=assignee)
    assert list(partly.payload["perform"]) == ["ticket.state_id"]
    assert "the team of the agent" in partly.notes[0].text


def test_macros_that_do_nothing_or_only_write_replies_are_no_macros(mappings: Mappings) -> None:
    assert macro_of(mappings).skip == "it does nothing in Kayako"
    only_text = {"reply_type": "REPLY", "reply_contents": "Hello"}
    assert "text module" in str(macro_of(mappings, **only_text).skip)
    assert text_of(mappings, **only_text).payload["content"] == "Hello"
    assert text_of(mappings, reply_contents="Hello").payload["content"] == "Hello"
    assert text_of(mappings, reply_type="NOTE", reply_contents="Hello").skip
    assert text_of(mappings, status=CLOSED).skip


def test_only_the_team_sees_what_was_the_teams(mappings: Mappings) -> None:
    sales = {"type": "TEAM", "team": team(2, "Sales")}
    for outcome in (
        macro_of(mappings, status=CLOSED, visibility=sales),
        text_of(mappings, reply_contents="Hello", visibility=sales),
    ):
        assert outcome.payload["group_ids"] == [Reference("groups", "2", "Sales")]
        assert outcome.payload["active"] is True


def test_private_ones_are_switched_off_and_say_whose_they_were(mappings: Mappings) -> None:
    private = {"type": "PRIVATE", "team": None}
    for outcome in (
        macro_of(mappings, status=CLOSED, visibility=private),
        text_of(mappings, reply_contents="Hello", visibility=private),
    ):
        assert outcome.payload["active"] is False
        assert outcome.payload["note"] == "In Kayako only Customer 3 could use it."


def test_placeholders_are_translated_and_unknown_ones_stay_with_a_note(
    mappings: Mappings,
) -> None:
    text = "<p>{{ case.subject }} {{case.requester.name}} {{case.fields.colour}}</p>"
    outcome = text_of(mappings, reply_contents=text)
    assert outcome.payload["content"] == (
        "<p>#{ticket.title} #{ticket.customer.firstname} #{ticket.customer.lastname}"
        " {{case.fields.colour}}</p>"
    )
    assert [note.text for note in outcome.notes] == [
        "the placeholder {{case.fields.colour}} stays as text"
    ]
    note = performed(mappings, reply_type="NOTE", reply_contents="{{case.id}}")["article.note"]
    assert note["body"] == "#{ticket.number}"


def test_hours_become_time_frames(mappings: Mappings) -> None:
    zones = {"monday": [9, 10, 11, 13], "friday": [22, 23], "sunday": list(range(24))}
    payload = hours_of(mappings, zones=zones, is_default=True).payload
    hours = payload["business_hours"]
    assert hours["mon"] == {"active": True, "timeframes": [["09:00", "12:00"], ["13:00", "14:00"]]}
    assert hours["fri"]["timeframes"] == [["22:00", "23:59"]]
    assert hours["sun"]["timeframes"] == [["00:00", "23:59"]]
    assert [day for day in hours if hours[day]["active"]] == ["mon", "fri", "sun"]
    assert (payload["default"], payload["timezone"]) == (True, "Europe/Berlin")


def test_hours_without_a_time_zone_are_those_of_utc(mappings: Mappings) -> None:
    assert hours_of(mappings, time_zone=None).payload["timezone"] == "UTC"


def test_hours_that_are_none_are_left_out(mappings: Mappings) -> None:
    assert "never open" in str(hours_of(mappings, zones={"monday": []}).skip)


def test_holidays_are_whole_days_and_others_leave_a_note(mappings: Mappings) -> None:
    holidays = [
        {"title": "New Year", "date": "2027-01-01", "open_hours": []},
        {"title": "Stock-taking", "date": "2026-12-30", "open_hours": [9, 10]},
        {"title": "Some day", "date": None, "open_hours": []},
    ]
    outcome = hours_of(mappings, holidays=holidays)
    expected = {"2027-01-01": {"active": True, "summary": "New Year"}}
    assert outcome.payload["public_holidays"] == expected
    assert [note.text.split(" is")[0].split(" has")[0] for note in outcome.notes] == [
        "2026-12-30 Stock-taking",
        "Some day",
    ]
    assert "9:00 to 11:00" in outcome.notes[0].text


@given(st.sets(st.integers(0, 23)))
def test_frames_cover_every_hour_once(hours: set[int]) -> None:
    frames = list(frames_of(hours))
    assert {hour for first, end in frames for hour in range(first, end)} == hours
    assert all(end < first for (_, end), (first, _) in pairwise(frames))
