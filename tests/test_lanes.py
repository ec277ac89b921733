from __future__ import annotations

import threading
import time

from runner.lanes import LEAST_DISTANCE_SECONDS, RECOVERY_SECONDS, SMALL_BYTES, Freight, Lanes


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def never() -> bool:
    return False


def most_at_once(lanes: Lanes, threads: int) -> int:
    """Return how many of so many threads were inside at once."""
    inside, most, lock = 0, 0, threading.Lock()

    def work() -> None:
        nonlocal inside, most
        with lanes.one(never):
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.02)
            with lock:
                inside -= 1

    started = [threading.Thread(target=work) for _ in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    return most


def test_each_failure_halves_and_time_without_one_doubles_again() -> None:
    clock = Clock()
    lanes = Lanes(8, clock=clock)
    seen = [lanes.allowed()]
    for _ in range(5):
        clock.now += LEAST_DISTANCE_SECONDS
        lanes.failed()
        seen.append(lanes.allowed())
    assert seen == [8, 4, 2, 1, 1, 1]
    clock.now -= 2 * LEAST_DISTANCE_SECONDS
    grown = []
    for _ in range(4):
        clock.now += RECOVERY_SECONDS
        grown.append(lanes.allowed())
    assert grown == [2, 4, 8, 8]


def test_failures_at_about_the_same_time_count_once() -> None:
    clock = Clock()
    lanes = Lanes(8, clock=clock)
    for _ in range(8):
        clock.now += 0.1
        lanes.failed()
    assert lanes.allowed() == 4


def test_no_more_are_under_way_than_are_allowed() -> None:
    lanes = Lanes(4)
    assert most_at_once(lanes, 8) == 4
    lanes.failed()
    assert most_at_once(lanes, 6) == 2


def test_whoever_is_to_stop_waits_for_no_place() -> None:
    lanes = Lanes(1)
    with lanes.one(never), lanes.one(lambda: True):
        assert lanes.allowed() == 1


def test_large_bodies_share_room_small_ones_need_none_and_a_larger_one_goes_alone() -> None:
    freight = Freight(10 * SMALL_BYTES)
    order: list[str] = []

    def send(name: str, size: int) -> None:
        with freight.of(size, never):
            order.append(name)

    with freight.of(6 * SMALL_BYTES, never):
        waiting = threading.Thread(target=send, args=("too large together", 50 * SMALL_BYTES))
        waiting.start()
        send("small", SMALL_BYTES)
        time.sleep(0.05)
        assert order == ["small"]
    waiting.join(5)
    assert order == ["small", "too large together"]
    with freight.of(4 * SMALL_BYTES, never):
        send("fits", 6 * SMALL_BYTES)
    assert order[-1] == "fits"
