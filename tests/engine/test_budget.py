from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.config.hours import DAYS, OfficeHours
from runner.engine.budget import (
    Limit,
    Mean,
    Needs,
    Setup,
    Speeds,
    estimate,
    seconds_at_rate,
)

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
NOON = MONDAY + timedelta(hours=12)
SETUP = Setup(requests_per_minute=600, kayako_workers=8, zammad_workers=4)
MEASURED = Speeds(
    kayako={"lists": 0.5, "posts": 0.4, "files": 0.2, "beside": 0.1},
    zammad={
        "tickets": Mean(0.16, 4),
        "articles": Mean(0.1, 4),
        "ticket updates": Mean(0.15, 4),
        "users": Mean(0.05, 4),
    },
    round_trip=0.01,
)
OFFICE = OfficeHours(time(8), time(18), 100, timezone="UTC")


def parts(needs: Needs, setup: Setup = SETUP, speeds: Speeds = MEASURED) -> dict[str, object]:
    found = estimate(needs, setup, speeds, NOON)
    return {
        part.name: (pytest.approx(part.seconds), part.limit)
        for part in found.parts
        if part.seconds > 0
    }


def test_nothing_to_do_takes_no_time_and_nothing_holds_it_up() -> None:
    found = estimate(Needs(), SETUP, MEASURED, NOON)
    assert (found.seconds, found.low, found.high, found.limit) == (0, 0, 0, None)


def test_lists_come_one_after_the_other() -> None:
    # 40 answers of half a second; by the limit of 591 a minute it would be 4.06 s.
    assert parts(Needs(lists=40)) == {"lists": (20.0, Limit.KAYAKO_LISTS)}


def test_people_have_one_writer_however_many_workers_there_are() -> None:
    many = replace(SETUP, zammad_workers=64)
    assert parts(Needs(one_writer={"users": 100}), many) == {"people": (5.0, Limit.ONE_WRITER)}


@pytest.mark.parametrize(
    ("reading", "writing", "seconds", "limit"),
    [
        # 1,000 pages and 1,000 more at 591 a minute: 203.05 s; read by 8 workers: 62.5 s;
        # written by 4: 100 tickets at (0.16 + 2 * 0.1 + 0.15) / 4 = 12.75 s.
        ({"posts": 1000, "beside": 1000}, 100, 203.0457, Limit.KAYAKO_RATE),
        # 1,000 tickets: 127.5 s of writing, while 100 pages are read in 10.15 s.
        ({"posts": 100}, 1000, 127.5, Limit.ZAMMAD),
    ],
)
def test_the_slower_side_decides_about_conversations(
    reading: dict[str, int], writing: int, seconds: float, limit: Limit
) -> None:
    wanted = {"tickets": writing, "articles": 2 * writing, "ticket updates": writing}
    needs = Needs(reading=reading, writing=wanted)
    assert parts(needs) == {"conversations": (pytest.approx(seconds, abs=1e-3), limit)}
    found = estimate(needs, SETUP, MEASURED, NOON)
    assert found.limit is limit
    assert found.guessed == ()
    assert (found.low, found.high) == (pytest.approx(0.85 * seconds), pytest.approx(1.15 * seconds))


def test_slow_answers_hold_up_few_workers() -> None:
    slow = replace(MEASURED, kayako={"posts": 2.0})
    setup = replace(SETUP, requests_per_minute=100_000)
    found = parts(Needs(reading={"posts": 1000}), setup, slow)
    assert found == {"conversations": (250.0, Limit.KAYAKO_LATENCY)}


def test_at_no_distance_this_computer_decides() -> None:
    near = Speeds(kayako={"posts": 0.001}, zammad={"tickets": Mean(0.001, 4)})
    setup = replace(SETUP, requests_per_minute=100_000)
    found = parts(Needs(reading={"posts": 1000}, writing={"tickets": 1000}), setup, near)
    assert found == {"conversations": (6.0, Limit.OWN)}


def test_a_proxy_may_limit_zammad() -> None:
    setup = replace(SETUP, zammad_requests_per_minute=60)
    found = parts(Needs(writing={"tickets": 197}), setup)
    assert found == {"conversations": (pytest.approx(200.0), Limit.ZAMMAD_RATE)}


def test_what_was_measured_with_few_workers_does_not_get_faster_with_more() -> None:
    needs = Needs(writing={"tickets": 100})
    expected = {"conversations": (pytest.approx(4.0), Limit.ZAMMAD)}
    assert parts(needs) == expected
    assert parts(needs, replace(SETUP, zammad_workers=16)) == expected
    fewer = parts(needs, replace(SETUP, zammad_workers=2))
    assert fewer == {"conversations": (pytest.approx(8.0), Limit.ZAMMAD)}


def test_without_measures_a_zammad_of_two_processes_is_taken() -> None:
    needs = Needs(writing={"tickets": 100, "articles": 260, "ticket updates": 100})
    near = Speeds(round_trip=0.0)
    # 100 * (80 + 2.6 * 50 + 77) ms = 28.7 s in two processes.
    assert parts(needs, SETUP, near) == {"conversations": (pytest.approx(14.35), Limit.ZAMMAD)}
    # At half a second of distance 4 workers wait: (28.7 + 460 * 0.5) / 4.
    far = parts(needs, SETUP, replace(near, round_trip=0.5))
    assert far == {"conversations": (pytest.approx(64.675), Limit.ZAMMAD)}
    found = estimate(needs, SETUP, near, NOON)
    assert found.guessed == ("Zammad",)
    assert (found.low, found.high) == (pytest.approx(10.045), pytest.approx(21.525))


def test_a_kind_of_answer_never_measured_is_taken_for_the_slowest() -> None:
    lists = Speeds(kayako={"lists": 0.8, "beside": 0.1})
    setup = replace(SETUP, requests_per_minute=100_000)
    found = estimate(Needs(reading={"posts": 80}), setup, lists, NOON)
    assert found.seconds == pytest.approx(8.0)
    assert found.guessed == ("Kayako",)


def test_import_mode_is_waited_for_and_proven() -> None:
    setup = replace(SETUP, settle_seconds=20)
    speeds = replace(MEASURED, zammad={"organizations": Mean(0.1), "reads": Mean(0.05)})
    found = parts(Needs(opening=40, writing={}), setup, speeds)
    assert found == {"import mode": (pytest.approx(20 + 4 + 2), Limit.WAITING)}


@pytest.mark.parametrize(
    ("requests", "start", "seconds"),
    [
        # 600 a minute outside (591 used), 100 inside (98.5 used), a minute longer at both ends.
        (591, 12.0, 360.0),
        (591, 20.0, 60.0),
        # From 17:00 to 18:01 it is 61 * 98.5 = 6,008.5; the other 591 take a minute.
        (6599, 17.0, 3719.95),
        # From 7:00 to 7:59 it is 59 * 591 = 34,869; the other 985 take ten minutes.
        (35_854, 7.0, 69 * 60),
    ],
)
def test_office_hours_count_while_they_last(requests: int, start: float, seconds: float) -> None:
    setup = replace(SETUP, office_hours=OFFICE)
    begin = MONDAY + timedelta(hours=start)
    assert seconds_at_rate(requests, setup, begin) == pytest.approx(seconds, abs=0.1)


def test_weeks_are_not_walked_hour_by_hour_and_come_out_the_same() -> None:
    setup = replace(SETUP, office_hours=OFFICE)
    # Five days of 602 minutes at 98.5, the rest of the week at 591.
    week = 5 * 602 * 98.5 + (7 * 1440 - 5 * 602) * 591
    found = seconds_at_rate(round(10 * week), setup, NOON)
    assert found == pytest.approx(10 * 7 * 86_400, rel=1e-5)


def test_hours_that_never_end_are_the_lower_rate() -> None:
    always = OfficeHours(time(0), time(0), 100, DAYS, "UTC")
    setup = replace(SETUP, office_hours=always)
    assert seconds_at_rate(985, setup, NOON) == pytest.approx(600)


KINDS = st.dictionaries(
    st.sampled_from(["tickets", "articles", "posts", "files", "users"]), st.integers(0, 100_000)
)
LATENCY = st.floats(0.001, 10)
SETUPS = st.builds(
    Setup,
    requests_per_minute=st.integers(1, 10_000),
    kayako_workers=st.integers(1, 64),
    zammad_workers=st.integers(1, 64),
    zammad_requests_per_minute=st.none() | st.integers(1, 10_000),
    office_hours=st.none() | st.just(OFFICE),
    settle_seconds=st.floats(0, 60),
)
NEEDS = st.builds(
    Needs,
    lists=st.integers(0, 10_000),
    reading=KINDS,
    one_writer=KINDS,
    writing=KINDS,
    opening=st.sampled_from([0, 40]),
)
SPEEDS = st.builds(
    Speeds,
    kayako=st.dictionaries(st.sampled_from(["posts", "files", "lists"]), LATENCY),
    zammad=st.dictionaries(
        st.sampled_from(["tickets", "articles", "users"]),
        st.builds(Mean, LATENCY, st.integers(1, 16)),
    ),
    round_trip=st.none() | LATENCY,
)


def more_of(needs: Needs) -> list[Needs]:
    return [
        replace(needs, lists=needs.lists + 1),
        replace(needs, reading={**needs.reading, "posts": needs.reading.get("posts", 0) + 7}),
        replace(needs, writing={**needs.writing, "tickets": needs.writing.get("tickets", 0) + 7}),
        replace(
            needs, one_writer={**needs.one_writer, "users": needs.one_writer.get("users", 0) + 7}
        ),
    ]


def faster_than(setup: Setup) -> list[Setup]:
    return [
        replace(setup, requests_per_minute=setup.requests_per_minute * 2),
        replace(setup, kayako_workers=setup.kayako_workers + 1),
        replace(setup, zammad_workers=setup.zammad_workers + 1),
        replace(setup, zammad_requests_per_minute=None),
        replace(setup, settle_seconds=0),
    ]


@given(NEEDS, SETUPS, SPEEDS)
def test_more_requests_never_take_less_and_more_room_never_takes_more(
    needs: Needs, setup: Setup, speeds: Speeds
) -> None:
    usual = replace(setup, office_hours=None)
    found = estimate(needs, usual, speeds, NOON).seconds
    almost = 1e-6 * (1 + found)
    for more in more_of(needs):
        assert estimate(more, usual, speeds, NOON).seconds >= found - almost
    for faster in faster_than(usual):
        assert estimate(needs, faster, speeds, NOON).seconds <= found + almost
    slower = replace(speeds, kayako={kind: 2 * one for kind, one in speeds.kayako.items()})
    assert estimate(needs, usual, slower, NOON).seconds >= found - almost


@given(st.integers(0, 10**7), SETUPS, st.integers(0, 7 * 24))
def test_office_hours_never_make_it_quicker(requests: int, setup: Setup, hour: int) -> None:
    begin = MONDAY + timedelta(hours=hour)
    usual = seconds_at_rate(requests, replace(setup, office_hours=None), begin)
    within = seconds_at_rate(requests, setup, begin)
    again = seconds_at_rate(requests + 100, setup, begin)
    assert usual <= within * (1 + 1e-9) + 1e-6
    assert within <= again + 1e-6
