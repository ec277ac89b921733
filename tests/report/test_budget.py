from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, time

import pytest
from rich.console import Console

from runner.config.hours import OfficeHours
from runner.engine.budget import Mean, Needs, Setup, Speeds, estimate
from runner.engine.costs import Amount, Attachments, Budget, Disk
from runner.report.budget import budget, duration, size

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SETUP = Setup(requests_per_minute=300, kayako_workers=8, zammad_workers=4)
NEEDS = Needs(
    lists=40,
    reading={"posts": 30_000, "files": 1, "beside": 0},
    one_writer={"users": 1, "knowledge_bases": 2},
    writing={"tickets": 20_000, "articles": 60_000},
    opening=40,
)
COMING = Amount(3000, 4_200_000_000)
SPEEDS = Speeds(
    kayako={"lists": 0.2, "posts": 0.2, "files": 0.1},
    zammad={"tickets": Mean(0.1, 4), "articles": Mean(0.1, 4)},
    round_trip=0.01,
)


def made(
    needs: Needs = NEEDS,
    setup: Setup = SETUP,
    speeds: Speeds = SPEEDS,
    *,
    to_come: Amount | None = COMING,
    free: int = 20_000_000_000,
) -> Budget:
    return Budget(
        needs=needs,
        setup=setup,
        estimate=estimate(needs, setup, speeds, NOON),
        attachments=Attachments(Amount(1, 2_000), to_come),
        disk=Disk(used=1_234_567, to_come=4_500_000_000, free=free),
    )


def printed(one: Budget) -> str:
    out = Console(file=io.StringIO(), width=300, highlight=False, soft_wrap=True)
    budget(out, one)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def test_it_tells_time_requests_what_holds_it_up_and_room() -> None:
    # 30,001 requests at 295.5 a minute are 101.5 minutes; the rest is little.
    assert printed(made()) == (
        "\nWhat apply takes (if it begins now)\n"
        "  Time: about 1 h 40 min, between 1 h 30 min and 2 h\n"
        "  What holds it up: Kayako's requests per minute: raise kayako.requests_per_minute"
        " (now 300) if your plan with Kayako allows more; more workers gain nothing\n"
        "  Requests to Kayako: 30,041 (40 pages of lists, 30,000 pages of messages, 1 file)\n"
        "  Requests to Zammad: 80,043 (40 to prove import mode and attributes, 1 user,"
        " 2 of the knowledge base, 20,000 tickets, 60,000 articles)\n"
        "  Attachments: 1 file, 2 kB read, about 3,000 files, 4.2 GB to come\n"
        "  Disk: the snapshot takes 1.23 MB, about 4.5 GB come to it and to the ledger,"
        " 20 GB are free\n"
    )


def test_too_small_a_disk_is_a_warning() -> None:
    assert "That is not enough" not in printed(made())
    assert "That is not enough: free some" in printed(made(free=4_600_000_000))


def test_files_that_nobody_can_count_yet_are_no_zero() -> None:
    text = printed(made(to_come=None))
    assert "how many come is known once some messages are read" in text
    assert made(to_come=None).as_json()["attachments"]["to_come"] is None


def test_figures_of_another_zammad_are_named_as_such() -> None:
    text = printed(made(speeds=Speeds()))
    assert "not measured yet; reckoned with that of one of 2 cores (80 ms for a ticket" in text
    assert "How long Kayako takes for messages was not measured yet" in text
    assert "not measured" not in printed(made())


def test_office_hours_are_told() -> None:
    hours = OfficeHours(time(8), time(18), 100, timezone="UTC")
    text = printed(made(setup=replace(SETUP, office_hours=hours)))
    assert "Within the office hours Kayako is asked 100 times a minute at most" in text


@pytest.mark.parametrize(
    ("setup", "setting"),
    [
        ({"requests_per_minute": 100_000}, "zammad.workers (now 4)"),
        ({"requests_per_minute": 100_000, "kayako_workers": 1}, "kayako.workers (now 1)"),
        ({"zammad_requests_per_minute": 10}, "zammad.requests_per_minute (now 10)"),
    ],
)
def test_the_setting_to_change_is_that_of_the_side_that_binds(
    setup: dict[str, int], setting: str
) -> None:
    assert setting in made(setup=replace(SETUP, **setup)).advice  # type: ignore[arg-type]


def test_machines_get_seconds_and_bytes() -> None:
    told = made().as_json()
    assert json.loads(json.dumps(told)) == told
    assert told["requests"]["kayako"] == {"lists": 40, "posts": 30_000, "files": 1}
    assert told["at_best"] < told["seconds"] < told["at_worst"]
    assert sum(part["seconds"] for part in told["parts"]) == pytest.approx(told["seconds"], abs=1)
    assert told["disk"] == {
        "used": 1_234_567,
        "to_come": 4_500_000_000,
        "free": 20_000_000_000,
        "is_enough": True,
    }


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than a minute"),
        (59, "less than a minute"),
        (89, "about 1 min"),
        (59 * 60, "about 59 min"),
        (3600, "about 1 h"),
        (5 * 3600 + 38 * 60, "about 5 h 40 min"),
        (23 * 3600 + 58 * 60, "about 24 h"),
        (24 * 3600, "about 1 day"),
        (60 * 3600, "about 2 days 12 h"),
    ],
)
def test_times_are_rounded_as_people_do(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (1_234_567, "1.23 MB"), (10**13, "10 TB")],
)
def test_sizes_have_three_digits(number: int, words: str) -> None:
    assert size(number) == words
