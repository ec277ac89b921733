"""The display of a run: what stands on it, and that it fits whatever terminal it is on."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console, Group

from runner.engine.change import Action, Change
from runner.errors import MigrateError
from runner.meter import Usage
from runner.report.frame import frame, left_over
from runner.report.live import Live
from tests.report.test_progress import Clock
from tests.report.test_serving import Told

HOSTILE = "\x1b]0;owned\x07 \u202e 大きな問題 [red]no[/] \r\n\x9b2J" + "界" * 60


def lines(shown: Group, width: int = 80) -> list[str]:
    out = Console(file=io.StringIO(), width=width, force_terminal=False, soft_wrap=True)
    out.print(shown, soft_wrap=False)
    assert isinstance(out.file, io.StringIO)
    return [line.rstrip() for line in out.file.getvalue().splitlines()]


def usage(**values: Any) -> Usage:
    before = {"workers": 8, "allowed": 8, "limit": 600, "last_minute": 412}
    return Usage(**{**before, "waiting": 0.0, "answering": 0.0, "held": 0.0, **values})


@pytest.fixture
def standing() -> dict[str, Any]:
    """A run that reads 412 of 600 requests a minute and is in the middle of its tickets."""
    clock = Clock()
    live = Live(Told(), clock=clock)
    for entity in ("groups", "organizations", "users", "calendars", "macros", "kb_answers"):
        live.begin(entity, 1)
        live.record(Change(entity, "1", Action.CREATE), None)
    waited = 0.0
    live.connect("zammad", lambda: usage(workers=4, limit=None, last_minute=70))
    live.connect("kayako", lambda: usage(waiting=waited))
    live.begin("tickets", 100_000)
    live.as_json()
    for number in range(40):
        clock.now += 1
        waited += 8
        problem = MigrateError(HOSTILE) if number >= 30 else None
        action = Action.SKIP if number < 5 else Action.UPDATE if number < 7 else Action.CREATE
        live.record(Change("tickets", str(number), action), problem)
    return live.as_json()


def test_it_tells_counts_rate_time_left_limits_and_the_last_problems(
    standing: dict[str, Any],
) -> None:
    shown = lines(frame(standing, width=80, height=24, note="Stopping"))
    heading = shown[0].split()
    tickets = next(line for line in shown if line.startswith("Tickets ")).split()
    assert heading == ["created", "updated", "unchanged", "skipped", "failed"]
    assert tickets[-6:] == ["40/100,000", "23", "2", "0", "5", "10"]
    going = next(line for line in shown if line.startswith("Tickets: "))
    assert going == "Tickets: 1.0 a second, about 1 day 4 h left, 40 s so far"
    at = shown.index(going)
    assert shown[at + 1 : at + 6] == [
        "Kayako: 412/600 a minute, 8 workers",
        "Zammad: 70 a minute, 4 workers",
        "Waiting for Kayako's limit",
        "What changes it: kayako.requests_per_minute",
        "Stopping",
    ]
    assert shown[at + 6] == "Last problems (and 5 more: migrate status)"
    assert [line.split(":")[0].strip() for line in shown[at + 7 :]] == [
        "tickets/39",
        "tickets/38",
        "tickets/37",
        "tickets/36",
        "tickets/35",
    ]


@pytest.mark.parametrize("width", [20, 40, 47, 48, 75, 76, 80, 200])
@pytest.mark.parametrize("height", [2, 5, 12, 24, 60])
def test_it_fits_every_terminal(standing: dict[str, Any], width: int, height: int) -> None:
    shown = lines(frame(standing, width=width, height=height), width)
    assert 0 < len(shown) < height
    assert max(map(cell_len, shown)) <= width
    if height >= 12:
        assert any(line.startswith("Tickets") for line in shown)
        assert any("failed" in line for line in shown) == (width >= 40)


def test_what_records_say_cannot_act(standing: dict[str, Any]) -> None:
    text = "\n".join(lines(frame(standing, width=200, height=60)))
    assert "大きな問題 [red]no[/]" in text
    assert not {"\x1b", "\x07", "\x9b", "\r", "\u202e"} & set(text)


def test_what_is_read_stands_alone_until_records_are_written() -> None:
    clock = Clock()
    live = Live(Told(), clock=clock)
    live.pulled("teams", 3, 3)
    for _ in range(10):
        clock.now += 2
        live.pulled("cases", round(clock.now) * 100, 5000)
    live.pulled("posts", 7, None)
    shown = lines(frame(live.as_json(), width=60, height=24))
    assert [line.split()[0] for line in shown[:3]] == ["Teams", "Cases", "Posts"]
    assert [line.split()[-1] for line in shown[:3]] == ["3/3", "2,000/5,000", "7/?"]
    live.pulled("cases", 2000, 5000)
    clock.now += 2
    live.pulled("cases", 2200, 5000)
    going = lines(frame(live.as_json(), width=60, height=24))[-1]
    assert going == "Cases: 100.0 a second, less than a minute left, 22 s so far"
    live.begin("users", 2)
    shown = lines(frame(live.as_json(), width=60, height=24))
    assert [line.split()[0] for line in shown if "━" in line] == ["Users"]


def test_what_stays_is_how_far_a_broken_run_came(standing: dict[str, Any]) -> None:
    whole = lines(left_over(standing, width=80, whole=True))
    assert [line.split()[0] for line in whole[1:8]] == [
        "Groups",
        "Organizations",
        "Users",
        "Calendars",
        "Macros",
        "KB",
        "Tickets",
    ]
    assert whole[8] == "Last problems (and 5 more: migrate status)"
    assert not any("Kayako:" in line for line in whole)
    assert lines(left_over(standing, width=80, whole=False)) == whole[8:]
