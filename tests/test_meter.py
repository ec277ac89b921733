from __future__ import annotations

import threading

import pytest

from runner.meter import ANSWERING, WAITING, Meter


class Clock:
    """Seconds that the test turns."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def elsewhere(work: object) -> None:
    """Do something on another thread, to its end."""
    assert callable(work)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_time_goes_where_the_threads_are() -> None:
    clock = Clock()
    meter = Meter(clock=clock)
    meter.move(WAITING)
    elsewhere(lambda: meter.move(ANSWERING))
    clock.now += 2
    assert meter.seconds() == (2, 2)
    meter.move(ANSWERING)
    clock.now += 3
    assert meter.seconds() == (2, 8)
    meter.move(None)
    clock.now += 10
    assert meter.seconds() == (2, 18)


def test_only_what_went_out_in_the_last_minute_counts() -> None:
    clock = Clock()
    meter = Meter(clock=clock)
    for _ in range(3):
        meter.move(WAITING)
        meter.move(ANSWERING)
        meter.move(None)
    meter.move(ANSWERING, counted=False)
    assert meter.last_minute() == 3
    clock.now += 59
    meter.move(ANSWERING)
    assert meter.last_minute() == 4
    clock.now += 1
    assert meter.last_minute() == 1


def test_a_long_run_keeps_a_minute_and_no_more() -> None:
    clock = Clock()
    meter = Meter(clock=clock)
    for _ in range(500):
        meter.move(ANSWERING)
        clock.now += 1
    assert meter.last_minute() == pytest.approx(60, abs=1)
    assert len(meter._sent) == 61
