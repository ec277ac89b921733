from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import pytest

from runner.config.hours import DAYS, OfficeHours
from runner.throttle import Throttle

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def at(hours: float, seconds: float = 0.0, *, day: datetime = MONDAY) -> datetime:
    return day + timedelta(hours=hours, seconds=seconds)


def office(begin: str = "08:00", end: str = "18:00", rate: int = 60, **more: object) -> OfficeHours:
    return OfficeHours(
        time.fromisoformat(begin),
        time.fromisoformat(end),
        rate,
        **{"timezone": "UTC", **more},  # type: ignore[arg-type]
    )


class Time:
    """A clock that only sleeping moves, and the requests that were let through."""

    def __init__(self, start: datetime) -> None:
        self.start, self.seconds = start, 0.0
        self.through: list[float] = []

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.seconds)

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def run(self, throttle: Throttle, until: float, each: float) -> None:
        """Send at the usual rate, a request every ``each`` seconds, for as long as ``until``."""
        while self.seconds < until:
            throttle.wait(self.sleep, lambda: False)
            self.through.append(self.seconds)
            self.seconds += each

    def most_in_a_minute(self, after: float, before: float) -> int:
        """Return the most requests in a window of 60 s that touches the span."""
        starts = [moment for moment in self.through if after - 60 < moment < before]
        return max(sum(start <= moment < start + 60 for moment in self.through) for start in starts)


def throttle_of(hours: OfficeHours, clock: Time) -> Throttle:
    return Throttle(hours, now=clock.now, clock=lambda: clock.seconds)


@pytest.mark.parametrize("rate", [1, 7, 60, 100])
def test_no_minute_that_touches_the_hours_exceeds_their_rate(rate: int) -> None:
    clock = Time(at(7, 50 * 60))
    clock.run(throttle_of(office(end="08:20", rate=rate), clock), until=45 * 60, each=0.25)
    assert clock.most_in_a_minute(10 * 60, 30 * 60) <= rate
    # Before and after it is as fast as the limiter behind allows: nothing is held back.
    assert clock.most_in_a_minute(60, 120) == 240
    assert clock.most_in_a_minute(40 * 60, 41 * 60) == 240


def test_the_rate_is_reached_within_the_hours() -> None:
    clock = Time(at(9))
    clock.run(throttle_of(office(rate=100), clock), until=600, each=0.0)
    assert 980 <= len(clock.through) <= 1000


def test_who_was_kept_waiting_does_not_make_up_for_it() -> None:
    clock = Time(at(9))
    throttle = throttle_of(office(rate=60), clock)
    throttle.wait(clock.sleep, lambda: False)
    clock.seconds += 30
    clock.run(throttle, until=90, each=0.0)
    assert clock.most_in_a_minute(0, 90) <= 60


def test_a_run_that_stops_does_not_wait() -> None:
    clock, stop = Time(at(9)), threading.Event()
    throttle = throttle_of(office(rate=1), clock)
    throttle.wait(clock.sleep, stop.is_set)
    stop.set()
    throttle.wait(clock.sleep, stop.is_set)
    assert clock.seconds == 0


@pytest.mark.parametrize(
    ("moment", "applies"),
    [
        (at(7, 58 * 60), False),
        (at(7, 59 * 60), True),
        (at(12), True),
        (at(18, 59), True),
        (at(18, 60), False),
        (at(12, day=MONDAY + timedelta(days=5)), False),
        (at(12, day=MONDAY + timedelta(days=7)), True),
    ],
)
def test_they_last_a_minute_longer_at_both_ends_on_workdays(
    moment: datetime, *, applies: bool
) -> None:
    assert office().applies(moment) is applies


def test_hours_may_go_over_midnight() -> None:
    night = office("22:00", "06:00", days=("monday",))
    inside = [at(23), at(29)]
    outside = [at(5), at(21), at(31), at(47)]
    assert all(map(night.applies, inside))
    assert not any(map(night.applies, outside))


def test_they_are_those_of_the_time_zone() -> None:
    berlin = office(timezone="Europe/Berlin")
    assert berlin.applies(at(7, 30))
    assert not berlin.applies(at(17, 120))
    summer = datetime(2026, 7, 6, 6, 30, tzinfo=UTC)
    assert berlin.applies(summer)


@pytest.mark.parametrize(
    ("moment", "change"),
    [
        (at(6), at(7, 59 * 60)),
        (at(9), at(18, 60)),
        (at(20, day=MONDAY + timedelta(days=4)), at(7, 59 * 60, day=MONDAY + timedelta(days=7))),
    ],
)
def test_the_next_change_of_the_rate_is_known(moment: datetime, change: datetime) -> None:
    assert office().next_change(moment) == change


def test_hours_that_never_end_never_change() -> None:
    always: Callable[[datetime], datetime | None] = office(
        "00:00", "00:00", days=tuple(DAYS)
    ).next_change
    assert always(at(9)) is None


@pytest.mark.parametrize(("hour", "rate"), [(7, None), (9, 60), (19, None)])
def test_it_tells_which_rate_holds_now(hour: int, rate: int | None) -> None:
    assert Throttle(office(), now=lambda: at(hour)).rate() == rate
