from __future__ import annotations

from datetime import UTC, datetime

import pytest

from runner.engine.budget import Mean, Needs, Setup, Speeds
from runner.engine.change import Action
from runner.engine.counts import Counts
from runner.engine.remaining import Remaining

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WRITING = {"tickets": 100, "articles": 200, "ticket updates": 100}
BEFORE = Speeds(
    kayako={"posts": 0.4},
    zammad={kind: Mean(0.2, 2) for kind in WRITING} | {"users": Mean(0.1, 2)},
    round_trip=0.0,
)


class Going:
    """A run whose measures the test turns."""

    def __init__(self, needs: Needs) -> None:
        self.kayako: dict[str, tuple[int, float]] = {"lists": (50, 20.0)}
        self.zammad: dict[str, tuple[int, float]] = {}
        self.counts = Counts()
        self.is_open = True
        self.remaining = Remaining(now=lambda: NOON)
        self.remaining.begin(
            needs,
            Setup(requests_per_minute=6000, kayako_workers=4, zammad_workers=2),
            BEFORE,
            kayako=lambda: dict(self.kayako),
            zammad=lambda: dict(self.zammad),
            counts=self.counts,
            is_open=lambda: self.is_open,
        )

    def tickets(self, number: int, seconds: float, *, total: int = 100) -> None:
        """So many tickets are through, with two articles each; a write took so long."""
        self.counts.expect("tickets", total)
        for _ in range(number):
            self.counts.count("tickets", Action.CREATE)
        for kind, each in (("tickets", 1), ("articles", 2), ("ticket updates", 1)):
            self.zammad[kind] = (number * each, number * each * seconds)


def test_before_a_run_begins_nobody_knows() -> None:
    assert Remaining().seconds() is None


def test_at_first_it_is_what_earlier_runs_were_like() -> None:
    going = Going(Needs(lists=50, one_writer={"users": 10}, writing=WRITING))
    # 10 users at 0.1 s; 400 writes at 0.2 s by two workers. The lists are read already.
    assert going.remaining.seconds() == pytest.approx(1 + 40)


def test_import_mode_counts_until_it_is_proven() -> None:
    going = Going(Needs(writing=WRITING, opening=40))
    going.is_open = False
    # 40 probes at 50 ms and 40 reads at 20 ms, as they are stated.
    assert going.remaining.seconds() == pytest.approx(40 + 2 + 0.8)
    going.is_open = True
    assert going.remaining.seconds() == pytest.approx(40)


def test_soon_its_own_speed_counts_and_what_is_done_does_not() -> None:
    going = Going(Needs(one_writer={"users": 10}, writing=WRITING))
    going.tickets(50, 0.6)
    # 200 writes are left, at 0.6 s by two workers; users come before tickets.
    assert going.remaining.seconds() == pytest.approx(60)
    found = going.remaining.estimate()
    assert found is not None
    assert str(found.limit) == "Zammad's writes"


def test_few_requests_say_nothing_about_speed() -> None:
    going = Going(Needs(writing=WRITING))
    going.tickets(5, 60.0)
    assert going.remaining.seconds() == pytest.approx(95 * 4 * 0.2 / 2)


def test_pages_that_are_read_are_done() -> None:
    going = Going(Needs(reading={"posts": 100}))
    assert going.remaining.seconds() == pytest.approx(10)
    going.kayako["posts"] = (60, 120.0)
    assert going.remaining.seconds() == pytest.approx(20)


def test_more_than_was_known_goes_on_as_it_went() -> None:
    going = Going(Needs(writing={"tickets": 10}))
    going.tickets(50, 0.2)
    # Four writes a ticket, for 50 more.
    assert going.remaining.seconds() == pytest.approx(20)


def test_when_all_tickets_are_through_nothing_is_left() -> None:
    going = Going(Needs(reading={"posts": 500}, writing={**WRITING, "articles": 300}))
    going.tickets(100, 0.2)
    assert going.remaining.seconds() is None
