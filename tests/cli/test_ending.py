from __future__ import annotations

import threading
from datetime import datetime, time

import pytest

from runner.cli.ending import MARGIN, Window, enter, window
from runner.engine.brake import Brake
from runner.engine.counts import Counts
from runner.errors import Interrupted, UsageError

NIGHT = Window(time(22), time(6))
NOON = Window(time(12), time(13, 30))


def at(hour: int, minute: int = 0, *, day: int = 9) -> datetime:
    return datetime(2026, 12, day, hour, minute).astimezone()


@pytest.mark.parametrize(
    ("hours", "now", "end"),
    [
        (NIGHT, at(21, 59), None),
        (NIGHT, at(22), at(6, day=10)),
        (NIGHT, at(23, 59), at(6, day=10)),
        (NIGHT, at(3), at(6)),
        (NIGHT, at(5, 58), None),
        (NIGHT, at(6), None),
        (NIGHT, at(12), None),
        (NOON, at(11, 59), None),
        (NOON, at(12), at(13, 30)),
        (NOON, at(13, 27), at(13, 30)),
        (NOON, at(13, 29), None),
        (NOON, at(1), None),
    ],
)
def test_a_window_knows_when_a_run_has_to_end(
    hours: Window, now: datetime, end: datetime | None
) -> None:
    assert hours.end(now) == (None if end is None else end - MARGIN)


def test_a_window_opens_today_or_tomorrow() -> None:
    assert NIGHT.next(at(12)) == at(22)
    assert NOON.next(at(14)) == at(12, day=10)


def test_hours_are_read() -> None:
    assert window("22:00-06:00", wait=False) == NIGHT
    assert str(window(" 9:05 - 10:00 ", wait=True)) == "09:05-10:00"
    assert window(None, wait=False) is None


@pytest.mark.parametrize("text", ["night", "22-6", "24:00-06:00", "22:60-06:00", "", "6:00-6:01"])
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--window"):
        window(text, wait=False)


def test_nothing_can_be_waited_for_without_a_window() -> None:
    with pytest.raises(UsageError, match="--wait"):
        window(None, wait=True)


def test_outside_of_the_window_nothing_begins() -> None:
    said: list[str] = []
    with pytest.raises(UsageError, match="it is 12:00, and the window --window 22:00-06:00"):
        enter(NIGHT, wait=False, stop=threading.Event(), tell=said.append, now=lambda: at(12))
    assert said == []


class Soon(threading.Event):
    """An event that is waited for without waiting."""

    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(0 * (timeout or 0))


def test_it_waits_for_the_window_where_it_is_asked_to() -> None:
    clock = iter([at(21, 58), at(21, 58), at(21, 59), at(22, 1)])
    said: list[str] = []
    end = enter(NIGHT, wait=True, stop=Soon(), tell=said.append, now=lambda: next(clock))
    assert end == at(6, day=10) - MARGIN
    assert said == ["waiting until the window opens: 2026-12-09 22:00"]


def test_waiting_can_be_stopped() -> None:
    stop = Soon()
    stop.set()
    with pytest.raises(Interrupted, match="nothing was done"):
        enter(NIGHT, wait=True, stop=stop, tell=lambda _: None, now=lambda: at(12))


def test_a_run_ends_with_its_window() -> None:
    clock = iter([at(5, 57), at(5, 58)])
    brake = Brake(until=at(5, 58), now=lambda: next(clock))
    assert brake.why(Counts()) is None
    why = brake.why(Counts())
    assert isinstance(why, Interrupted)
    assert "--window" in str(why)
