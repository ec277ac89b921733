"""Faults in front of a counting application."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import requests
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from runner.sandbox.faults import KINDS, MORE_KINDS, Faults
from runner.sandbox.serving import serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request


class Counter:
    """What the application carried out, and how many at once at most."""

    def __init__(self) -> None:
        self.done = 0


@contextmanager
def counting(faults: Faults) -> Iterator[tuple[str, Counter]]:
    counter = Counter()

    async def count(request: Request) -> JSONResponse:
        await request.body()
        counter.done += 1
        return JSONResponse(counter.done)

    app = Starlette(routes=[Route("/x", count, methods=["GET", "POST"])])
    with serve(faults.wrap(app)) as served:
        yield f"{served.url}/x", counter


def outcome(url: str) -> Any:
    try:
        return requests.post(url, data=b"x" * 200_000, timeout=5).status_code
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
        return "reset"


@pytest.mark.parametrize(
    ("kind", "seen", "done"),
    [
        ("429", 429, 0),
        ("429_date", 429, 0),
        ("502_html", 502, 0),
        ("504_html", 504, 0),
        ("422_before", 422, 0),
        ("422_after", 422, 1),
        ("cut", "reset", 1),
        ("cut_unnoticed", 200, 1),
        ("500_before", 500, 0),
        ("500_after", 500, 1),
        ("503_html", 503, 0),
        ("reset_before", "reset", 0),
        ("reset_after", "reset", 1),
    ],
)
def test_a_fault_hits_the_nth_matching_request_once(kind: str, seen: Any, done: int) -> None:
    faults = Faults()
    with counting(faults) as (url, counter):
        faults.fail("POST", "^/x$", kind, nth=2)
        faults.fail("PUT", "^/x$", kind)
        assert [outcome(url) for _ in range(3)] == [200, seen, 200]
    assert counter.done == 2 + done
    assert (faults.counts.total, faults.counts.faulted) == (3, 1)


def test_an_unknown_fault_is_named() -> None:
    with pytest.raises(ValueError, match="reset_before"):
        Faults().fail("POST", "/", "nonsense")


def test_random_faults_repeat_with_their_seed() -> None:
    def seen(seed: int) -> list[Any]:
        faults = Faults(rate=0.5, seed=seed, kinds=("500_before",))
        with counting(faults) as (url, _):
            return [outcome(url) for _ in range(12)]

    first = seen(1)
    assert first == seen(1)
    assert {200, 500} == set(first)
    assert first != seen(2)


def test_the_limit_says_when_to_come_back() -> None:
    faults = Faults(requests_per_minute=2, minute=30)
    with counting(faults) as (url, counter):
        answers = [requests.get(url, timeout=5) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert 28 <= int(answers[2].headers["Retry-After"]) <= 30
        faults.requests_per_minute = None
        assert requests.get(url, timeout=5).ok
    assert counter.done == 3


def test_the_window_slides() -> None:
    with counting(Faults(requests_per_minute=1, minute=0.1)) as (url, _):
        assert outcome(url) == 200
        assert outcome(url) == 429
        time.sleep(0.11)
        assert outcome(url) == 200


def test_latency_and_concurrency_are_respected() -> None:
    faults = Faults(
        latency=0.03,
        latency_by_route={"/x": 0.01},
        service_times={"": 0.04},
        concurrency=1,
    )
    with counting(faults) as (url, _):
        began = time.monotonic()
        threads = [threading.Thread(target=outcome, args=(url,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert time.monotonic() - began >= 0.16


def test_the_busiest_window_is_counted() -> None:
    faults = Faults()
    faults.counts.times.extend([0.0, 0.5, 0.9, 1.4, 3.0])
    assert faults.counts.most_within(1.0) == 3


def test_errors_can_have_the_servers_own_format() -> None:
    faults = Faults(error_body=lambda status, _: ("text/plain", f"own {status}".encode()))
    with counting(faults) as (url, _):
        faults.fail("", "", "429")
        assert requests.get(url, timeout=5).text == "own 429"


def test_a_dribble_and_a_silence_last_until_the_client_has_enough() -> None:
    faults = Faults()
    with counting(faults) as (url, counter):
        faults.fail("", "", "silent")
        with pytest.raises(requests.ReadTimeout):
            requests.get(url, timeout=0.1)
        faults.fail("", "", "dribble")
        with requests.get(url, timeout=1, stream=True) as answer:
            assert next(answer.iter_content(1)) == b" "
        assert requests.get(url, timeout=5).text == "3"
    assert counter.done == 3


def test_a_gateway_without_a_server_behind_it_answers_for_a_while() -> None:
    faults = Faults(gateway_until=time.monotonic() + 60)
    with counting(faults) as (url, counter):
        assert {outcome(url) for _ in range(2)} == {502, 503}
        faults.gateway_until = 0.0
        assert outcome(url) == 200
    assert counter.done == 1


def test_all_kinds_are_tested_here() -> None:
    assert len((*KINDS, *MORE_KINDS)) == 6 + 9


def test_what_is_on_the_way_occupies_nobody() -> None:
    faults = Faults(latency=0.2, concurrency=1)
    with counting(faults) as (url, _):
        assert together(url, 4) < 0.6


def test_what_is_being_made_occupies_a_process() -> None:
    faults = Faults(service_times={"^POST /x$": 0.1, "^POST": 5.0}, concurrency=2)
    with counting(faults) as (url, _):
        assert together(url, 4) >= 0.2
        began = time.monotonic()
        requests.get(url, timeout=5)
        assert time.monotonic() - began < 0.1


def together(url: str, number: int) -> float:
    """Return how long so many requests at once take."""
    threads = [threading.Thread(target=outcome, args=(url,)) for _ in range(number)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - began
