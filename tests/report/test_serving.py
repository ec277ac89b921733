"""The live page: what it tells, who may read it, and that it ends with the run."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from runner.engine.change import Action, Change
from runner.errors import MigrateError, UsageError
from runner.meter import Usage
from runner.report import serving
from runner.report.live import Live
from runner.report.terminal import console
from tests.engine.support import Notes


class Told(Notes):
    """A watcher that also hears of the pull."""

    def pulled(self, what: str, done: int, total: int | None) -> None:
        self.said.append(f"{what} {done} {total}")


class Clock:
    """Seconds that the test turns."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def record(live: Live, source_id: str = "1", problem: str = "", entity: str = "tickets") -> None:
    error = MigrateError(problem) if problem else None
    live.record(Change(entity, source_id, Action.CREATE), error)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def live(clock: Clock) -> Live:
    return Live(Told(), clock=clock)


def test_the_watcher_behind_it_hears_everything() -> None:
    told = Told()
    live = Live(told)
    live.begin("tickets", 2)
    record(live)
    live.say("proving import mode")
    live.pulled("posts", 3, None)
    assert (told.begun, len(told.records)) == ([("tickets", 2)], 1)
    assert told.said == ["proving import mode", "posts 3 None"]


def test_counts_are_in_the_words_of_status(live: Live) -> None:
    live.begin("tickets", 3)
    record(live)
    record(live, "2", "no")
    record(live, "kayako-unknown", entity="users")
    standing = live.as_json()
    assert (standing["result"]["Tickets"]["created"], standing["failed"]) == (1, 1)
    assert standing["result"]["Tickets"]["total"] == 3
    assert standing["result"]["Users"]["sum"] == standing["result"]["Users"]["total"] == 1
    assert standing["step"] == "tickets"


def test_rate_and_time_left_are_those_of_the_last_minute(live: Live, clock: Clock) -> None:
    live.begin("tickets", 10_000)
    assert live.as_json()["rate"] is None
    for _ in range(300):
        clock.now += 10
        record(live)
    assert live.as_json()["rate"] == 6
    for _ in range(120):
        for _ in range(10):
            record(live)
        clock.now += 1
    standing = live.as_json()
    assert standing["rate"] == pytest.approx(600, rel=0.05)
    assert standing["left"] == pytest.approx((10_000 - 1_500) / 10, rel=0.05)


def test_who_knows_better_how_long_it_takes_is_asked(clock: Clock) -> None:
    live = Live(Told(), remaining=lambda: 4711.4, clock=clock)
    live.begin("tickets", 10_000)
    assert live.as_json()["left"] == 4711


def test_it_tells_the_limits_in_force_and_what_is_waited_for(live: Live, clock: Clock) -> None:
    assert (live.as_json()["sides"], live.as_json()["binds"]) == ([], None)
    answering = 0.0
    live.connect("zammad", lambda: Usage(4, 4, None, 70, 0.0, answering, 0.0))
    live.begin("users", 3)
    live.as_json()
    clock.now, answering = clock.now + 5, 4.9
    standing = live.as_json()
    row = {"side": "zammad", "workers": 4, "allowed": 4, "limit": None}
    row |= {"last_minute": 70, "held": 0}
    assert standing["sides"] == [row]
    assert (standing["binds"]["side"], standing["binds"]["why"]) == ("zammad", "answers")
    live.begin("tickets", 3)
    live.connect("kayako", lambda: Usage(4, 4, 600, 70, 0.0, 0.0, 0.0))
    clock.now += 1
    live.as_json()
    for _ in range(12):
        clock.now, answering = clock.now + 1, answering + 1
        standing = live.as_json()
    assert standing["binds"] is None, "one of four writers is no reason to wait"


def test_the_last_problems_come_first_tamed_and_not_all(live: Live) -> None:
    live.begin("tickets", 100)
    for number in range(50):
        record(live, str(number), f"no \x1b[31m{number}")
    standing = live.as_json()
    assert (len(standing["problems"]), standing["failed"]) == (20, 50)
    first = standing["problems"][0]
    assert first == {"where": "tickets/49", "text": "no \N{REPLACEMENT CHARACTER}[31m49"}


@pytest.fixture
def url(live: Live) -> Iterator[str]:
    with serving.serving(live, "127.0.0.1", 0) as address:
        yield address


def test_the_page_holds_no_figures_and_may_not_be_read_by_other_sites(url: str) -> None:
    answer = requests.get(url, headers={"Origin": "https://evil.example"}, timeout=5)
    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("Access-Control")]
    policy = answer.headers["Content-Security-Policy"]
    nonce = policy.partition("script-src 'nonce-")[2].partition("'")[0]
    assert f'<script nonce="{nonce}">' in answer.text
    assert answer.text.count("<script") == 1
    assert answer.headers["Cache-Control"] == "no-store"
    german = requests.get(url, headers={"Accept-Language": "de-AT,de"}, timeout=5)
    assert '<html lang="de">' in german.text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
def test_a_name_that_somebody_lets_lead_here_is_refused(url: str, host: str) -> None:
    answer = requests.get(url, headers={"Host": host}, timeout=5)
    assert answer.status_code == 421
    assert answer.text == "not here\n"


@pytest.mark.parametrize("host", ["127.0.0.1", "LOCALHOST:80", "[::1]:80", "192.168.1.2"])
def test_addresses_and_names_of_ours_are_served(url: str, host: str) -> None:
    assert requests.get(url, headers={"Host": host}, timeout=5).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_nothing_can_be_written_or_asked_of_by_other_sites(url: str, method: str) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answer = requests.request(method, url, headers=headers, timeout=5)
    assert answer.status_code == 501
    assert not [name for name in answer.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize("path", ["", "events", "x/", "x/events", "../", "%2e%2e/"])
def test_without_the_secret_there_is_nothing(url: str, path: str) -> None:
    root = url.rsplit("/", 2)[0]
    assert requests.get(f"{root}/{path}", timeout=5).status_code == 404
    assert requests.get(f"{url}elsewhere", timeout=5).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_it_only_reads(url: str, method: str) -> None:
    assert requests.request(method, url, timeout=5).status_code == 501


def events(url: str, heard: list[dict[str, Any]]) -> None:
    with requests.get(f"{url}events", stream=True, timeout=10) as answer:
        assert answer.headers["Content-Type"] == "text/event-stream"
        lines = (line for line in answer.iter_lines() if line.startswith(b"data: "))
        heard.extend(json.loads(line[6:]) for line in lines)


def test_who_watches_sees_the_run_to_its_end() -> None:
    live = Live(Told())
    heard: list[dict[str, Any]] = []
    with serving.serving(live, "127.0.0.1", 0) as url:
        watching = threading.Thread(target=events, args=(url, heard))
        watching.start()
        while not heard:
            record(live)
        live.begin("tickets", 2)
        record(live, "2", "no")
    watching.join(5)
    assert not watching.is_alive()
    assert heard[0]["outcome"] == ""
    assert heard[-1]["outcome"] == "failed"
    assert heard[-1]["result"] == live.as_json()["result"]
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)


def test_a_run_that_breaks_says_so() -> None:
    live = Live(Told())

    def broken() -> None:
        with serving.serving(live, "127.0.0.1", 0):
            raise MigrateError("no")

    with pytest.raises(MigrateError):
        broken()
    assert live.as_json()["outcome"] == "stopped"


def test_addresses_are_loopback_unless_another_is_given() -> None:
    assert serving.address("8080") == ("127.0.0.1", 8080)
    assert serving.address("127.0.0.1:0") == ("127.0.0.1", 0)
    assert serving.address("[::1]:8080") == ("::1", 8080)
    assert serving.address("0.0.0.0:80") == ("0.0.0.0", 80)  # noqa: S104 - only read
    assert [serving.is_loopback(host) for host in ("127.0.0.1", "::1", "localhost")] == [True] * 3
    assert not serving.is_loopback("192.0.2.1")
    for wrong in ("", "localhost", "localhost:http", "127.0.0.1:70000"):
        with pytest.raises(UsageError, match="--serve"):
            serving.address(wrong)


def test_others_than_loopback_are_warned_about(capsys: pytest.CaptureFixture[str]) -> None:
    out = console(to_errors=True)
    with serving.watched(Live(Told()), ("127.0.0.1", 0), out):
        pass
    assert "loopback" not in capsys.readouterr().err
    with serving.watched(Live(Told()), ("0.0.0.0", 0), out):  # noqa: S104 - what is warned about
        pass
    warned = capsys.readouterr().err
    assert "not encrypted" in warned
    assert "http://0.0.0.0:" in warned


def test_a_port_that_is_taken_is_told(url: str) -> None:
    port = int(url.rpartition(":")[2].partition("/")[0])
    with (
        pytest.raises(UsageError, match="in use"),
        serving.serving(Live(Told()), "127.0.0.1", port),
    ):
        pass
