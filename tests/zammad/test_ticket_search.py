"""Tickets by condition and by words, in the shapes in which both versions answer."""

from __future__ import annotations

import pytest

from runner.zammad import ticket_search
from tests.zammad.fixtures import old_desk, zammad_desk, zammad_port
from tests.zammad.support import Desk

__all__ = ["old_desk", "zammad_desk", "zammad_port"]

NEW = {"ticket.state_id": {"operator": "is", "value": ["1"]}}


@pytest.fixture(params=["zammad_desk", "old_desk"])
def either(request: pytest.FixtureRequest) -> Desk:
    found: Desk = request.getfixturevalue(request.param)
    return found


def test_pages_are_read_to_their_end_without_doubles(
    either: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticket_search, "PAGE", 2)
    for number in range(4):
        either.ticket(f"90{number}")
    found = ticket_search.by_condition(either.zammad, NEW)
    assert len({row["id"] for row in found.rows}) == len(found.rows) == 5
    assert (found.total, found.more) == (5, False)


def test_what_is_beyond_the_most_is_counted_where_the_version_can(
    either: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticket_search, "PAGE", 2)
    for number in range(4):
        either.ticket(f"90{number}")
    found = ticket_search.by_condition(either.zammad, NEW, most=3)
    counted = either.fake.state.dialect.plain_search
    assert len(found.rows) == 3
    assert (found.total, found.more) == ((5, False) if counted else (3, True))


def test_counting_is_one_request(either: Desk) -> None:
    either.ticket("901")
    asked = len(either.fake.requests)
    assert ticket_search.count(either.zammad, NEW) == (2, False)
    assert len(either.fake.requests) == asked + 1


def test_without_a_total_a_full_page_says_that_there_may_be_more(
    old_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticket_search, "PAGE", 1)
    old_desk.ticket("901")
    assert ticket_search.count(old_desk.zammad, NEW) == (1, True)


def test_words_find_number_and_title(either: Desk) -> None:
    number = either.ticket("901", title="Broken printer")
    assert ticket_search.by_words(either.zammad, "901") == [number]
    assert ticket_search.by_words(either.zammad, "printer") == [number]
    assert ticket_search.by_words(either.zammad, "nothing like it") == []
