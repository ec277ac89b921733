from __future__ import annotations

import io
import sys
import threading
from collections.abc import Iterator

import pytest
from rich.console import Console

from runner.engine.change import Action, Change
from runner.errors import RecordError
from runner.report import progress, screen
from runner.report.progress import Reporter


class Clock:
    """Seconds that the test turns."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def plain() -> Console:
    return Console(file=io.StringIO(), width=200, highlight=False, soft_wrap=True)


def text(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def change(entity: str = "users", number: int = 7, action: Action = Action.CREATE) -> Change:
    return Change(entity, str(number), action, "no [/] reason" if action is Action.FAIL else "")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every record print its line."""
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN_LINES", 0.0)


@pytest.fixture
def quick_switches() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_without_a_terminal_lines_are_rare() -> None:
    out = plain()
    with Reporter(out) as reporter:
        reporter.begin("users", 1000)
        for number in range(100):
            reporter.record(change(number=number), None)
    assert text(out) == ""


def test_a_line_tells_how_far_it_is_and_how_long_it_takes() -> None:
    out, clock = plain(), Clock()
    reporter = Reporter(out, clock=clock)
    reporter.begin("users", 2000)
    for number in range(1, 21):
        clock.now += 1
        reporter.record(change(number=number), None)
    assert text(out).splitlines() == [
        "users: 10 of 2,000, 1.0 a second, about 33 min left",
        "users: 20 of 2,000, 1.0 a second, about 33 min left",
    ]


@pytest.mark.usefixtures("at_once")
def test_the_time_left_is_that_of_the_whole_run_where_it_is_known() -> None:
    out = plain()
    reporter = Reporter(out, remaining=lambda: 7800.0)
    reporter.begin("users", 2000)
    reporter.record(change(), None)
    assert text(out).splitlines()[-1].endswith(", about 2 h 10 min left")


@pytest.mark.usefixtures("at_once")
def test_a_total_that_is_not_known_is_a_question_mark() -> None:
    out = plain()
    reporter = Reporter(out)
    reporter.pulled("cases", 1200, None)
    reporter.seen(change("tickets"))
    reporter.seen(change("tickets"))
    assert text(out).splitlines() == [
        "cases: 1,200 of ?",
        "plan of tickets: 1 of ?",
        "plan of tickets: 2 of ?",
    ]


@pytest.mark.usefixtures("at_once")
def test_a_plan_does_not_count_on_where_the_pull_before_it_ended() -> None:
    out = plain()
    reporter = Reporter(out)
    reporter.pulled("users", 29, 29)
    reporter.seen(change("users"))
    assert text(out).splitlines()[-1] == "plan of users: 1 of ?"


@pytest.mark.usefixtures("at_once")
def test_who_is_in_no_list_raises_the_total() -> None:
    out = plain()
    reporter = Reporter(out)
    reporter.begin("users", 1)
    reporter.record(change(number=1), None)
    reporter.record(change(number=2), None)
    assert text(out).splitlines()[-1].startswith("users: 2 of 2")


def test_the_first_failures_are_named_and_the_rest_is_announced_once() -> None:
    out = plain()
    reporter = Reporter(out)
    reporter.record(change(action=Action.FAIL), None)
    for number in range(30):
        reporter.record(change(number=number), RecordError("number [/] taken"))
    lines = text(out).splitlines()
    assert lines[0] == "failed users/7: no [/] reason"
    assert lines[1] == "failed users/0: number [/] taken"
    assert len(lines) == 21
    assert "migrate status" in lines[-1]


def test_what_is_said_is_printed_as_it_is() -> None:
    out = plain()
    Reporter(out).say("switching [/] on")
    assert text(out) == "switching [/] on\n"


@pytest.mark.usefixtures("quick_switches")
def test_many_threads_lose_no_record() -> None:
    out = plain()
    reporter = Reporter(out)
    reporter.begin("tickets", 4000)

    def work() -> None:
        for _ in range(1000):
            reporter.record(change("tickets"), None)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reporter.as_json()["result"]["Tickets"]["created"] == 4000


def test_a_dumb_terminal_gets_lines_as_a_file_does() -> None:
    out = Console(file=io.StringIO(), force_terminal=True, width=80, _environ={"TERM": "dumb"})
    with Reporter(out) as reporter:
        reporter.begin("users", 4)
        reporter.record(change(), None)
        assert screen.current() is None
    assert text(out) == ""
