"""How long an apply takes, and what holds it up: figures in, an estimate out, nothing is asked.

Kayako's lists come first, one request after the other; then what has one writer (groups, people and
the like); then conversations, read and written side by side, so that the slower side decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from runner.throttle import SHARE_OF_RATE

if TYPE_CHECKING:
    from runner.config.hours import OfficeHours

STATED = {"tickets": 0.080, "articles": 0.050, "ticket updates": 0.077, "users": 0.045}
"""Seconds that a write occupies a process of a Zammad of 2 cores in import mode, measured once."""
STATED_OTHERS = 0.050
STATED_PROCESSES = 2
STATED_ROUND_TRIP = 0.05
STATED_KAYAKO = 0.3
"""What is assumed of a Zammad and a Kayako that nothing was measured of."""
OWN_SECONDS = 0.003
"""What a request costs the computer that migrate runs on; its threads share one core."""
PROBING_REQUESTS = 40
"""Writes, one after the other, that prove import mode before the first record."""
READS = 40
"""Requests that tell a run what is in Zammad, one after the other."""
STATED_READ = 0.02

_MEASURED, _PARTLY, _STATED = (0.85, 1.15), (0.8, 1.3), (0.7, 1.5)


class Limit(StrEnum):
    """What decides how long a part takes."""

    KAYAKO_RATE = "Kayako's requests per minute"
    KAYAKO_LATENCY = "Kayako's answers"
    KAYAKO_LISTS = "Kayako's lists, which come page by page"
    ZAMMAD_RATE = "Zammad's requests per minute"
    ZAMMAD = "Zammad's writes"
    ONE_WRITER = "Zammad's writes of people and the like, which come one by one"
    OWN = "this computer"
    WAITING = "waiting for Zammad's import mode"


@dataclass(frozen=True, slots=True)
class Needs:
    """Requests by kind, as they will be sent.

    ``lists`` go to Kayako one after the other, ``reading`` by its workers; ``one_writer`` go to
    Zammad one after the other, ``writing`` by its workers; ``opening`` are those that prove import
    mode before the first write, one after the other, 0 where there is none.
    """

    lists: int = 0
    reading: Mapping[str, int] = field(default_factory=dict)
    one_writer: Mapping[str, int] = field(default_factory=dict)
    writing: Mapping[str, int] = field(default_factory=dict)
    opening: int = 0


@dataclass(frozen=True, slots=True)
class Mean:
    """Seconds that a kind of request took, and how many workers were at it then."""

    seconds: float
    workers: int = 1


@dataclass(frozen=True, slots=True)
class Speeds:
    """What was measured: means by kind, and the quickest answer of Zammad as its distance."""

    kayako: Mapping[str, float] = field(default_factory=dict)
    zammad: Mapping[str, Mean] = field(default_factory=dict)
    round_trip: float | None = None


@dataclass(frozen=True, slots=True)
class Setup:
    """What the configuration says about speed."""

    requests_per_minute: float
    kayako_workers: int
    zammad_workers: int
    zammad_requests_per_minute: float | None = None
    office_hours: OfficeHours | None = None
    settle_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a run: its seconds, and what decides them."""

    name: str
    seconds: float
    limit: Limit


@dataclass(frozen=True, slots=True)
class Estimate:
    """How long a run takes, with what it may take at best and at worst, in seconds.

    ``guessed`` names what was not measured.
    """

    parts: tuple[Part, ...]
    low: float
    high: float
    guessed: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """All parts together."""
        return sum(part.seconds for part in self.parts)

    @property
    def limit(self) -> Limit | None:
        """What decides the longest part, None when there is nothing to do."""
        longest = max(self.parts, key=lambda part: part.seconds, default=None)
        return longest.limit if longest is not None and longest.seconds > 0 else None


def estimate(needs: Needs, setup: Setup, speeds: Speeds, begin: datetime) -> Estimate:
    """Return how long a run takes that begins at a moment (with its time zone).

    More requests never take less time, and neither do slower answers; a higher limit or more
    workers never take more.
    """
    parts: list[Part] = []

    def add(name: str, *candidates: tuple[float, Limit]) -> None:
        seconds, limit = max(candidates, key=lambda candidate: candidate[0])
        parts.append(Part(name, seconds, limit))

    def now() -> datetime:
        return begin + timedelta(seconds=sum(part.seconds for part in parts))

    latency = _kayako_seconds(speeds, "lists") * needs.lists
    rate = seconds_at_rate(needs.lists, setup, now())
    add("lists", (rate, Limit.KAYAKO_RATE), (latency, Limit.KAYAKO_LISTS))
    add("import mode", (_opening(needs, setup, speeds), Limit.WAITING))
    writer = sum(n * _zammad_mean(speeds, kind).seconds for kind, n in needs.one_writer.items())
    limited = _at_zammad_rate(sum(needs.one_writer.values()), setup)
    add("people", (writer, Limit.ONE_WRITER), (limited, Limit.ZAMMAD_RATE))
    reading, writing = sum(needs.reading.values()), sum(needs.writing.values())
    waited = sum(n * _kayako_seconds(speeds, kind) for kind, n in needs.reading.items())
    add(
        "conversations",
        (seconds_at_rate(reading, setup, now()), Limit.KAYAKO_RATE),
        (waited / setup.kayako_workers, Limit.KAYAKO_LATENCY),
        (_written(needs.writing, setup, speeds), Limit.ZAMMAD),
        (_at_zammad_rate(writing, setup), Limit.ZAMMAD_RATE),
        ((reading + writing) * OWN_SECONDS, Limit.OWN),
    )
    total = sum(part.seconds for part in parts)
    guessed = _guessed(needs, speeds)
    low, high = _MEASURED if not guessed else _STATED if "Zammad" in guessed else _PARTLY
    return Estimate(tuple(parts), low * total, high * total, guessed)


def seconds_at_rate(requests: int, setup: Setup, begin: datetime) -> float:
    """Return the seconds that so many requests to Kayako take by its limits alone."""
    usual = SHARE_OF_RATE * setup.requests_per_minute / 60
    hours = setup.office_hours
    if hours is None:
        return requests / usual
    lower = min(usual, SHARE_OF_RATE * hours.requests_per_minute / 60)
    week, left, moment = _week(setup, usual, lower, begin), float(requests), begin
    whole = int(left // week) if week else 0
    left -= whole * week
    moment += timedelta(weeks=whole)
    while left > 0:
        rate = lower if hours.applies(moment) else usual
        change = hours.next_change(moment)
        span = None if change is None else (change - moment).total_seconds()
        if span is None or left <= rate * span:
            return (moment - begin).total_seconds() + left / rate
        left -= rate * span
        moment += timedelta(seconds=span)
    return (moment - begin).total_seconds()


def _week(setup: Setup, usual: float, lower: float, begin: datetime) -> float:
    """Return how many requests a whole week takes: long runs are not walked day by day."""
    hours, moment, passed = setup.office_hours, begin, 0.0
    end = begin + timedelta(weeks=1)
    while hours is not None and moment < end:
        change = min(hours.next_change(moment) or end, end)
        rate = lower if hours.applies(moment) else usual
        passed += rate * (change - moment).total_seconds()
        moment = change
    return passed


def _kayako_seconds(speeds: Speeds, kind: str) -> float:
    known = speeds.kayako
    if kind in known:
        return known[kind]
    return max(known.values()) if known else STATED_KAYAKO


def _round_trip(speeds: Speeds) -> float:
    return STATED_ROUND_TRIP if speeds.round_trip is None else speeds.round_trip


def _zammad_mean(speeds: Speeds, kind: str) -> Mean:
    return speeds.zammad.get(kind) or Mean(STATED.get(kind, STATED_OTHERS) + _round_trip(speeds))


def _opening(needs: Needs, setup: Setup, speeds: Speeds) -> float:
    """Return how long it takes to look around, to switch import mode on and to prove it."""
    if not needs.opening:
        return 0.0
    known, way = speeds.zammad, _round_trip(speeds)
    probe = known.get("organizations") or Mean(STATED_OTHERS + way)
    read = known.get("reads") or Mean(STATED_READ + way)
    return setup.settle_seconds + needs.opening * probe.seconds + READS * read.seconds


def _written(writing: Mapping[str, int], setup: Setup, speeds: Speeds) -> float:
    """Return how long Zammad takes for what its workers write.

    What was measured with so many workers is not taken to go faster with more: they may have
    waited for the server's processes already. Of what was not measured, as many are under way at
    once as there are workers, and as many are worked on as there are processes.
    """
    workers = setup.zammad_workers
    known = busy = waited = 0.0
    for kind, number in writing.items():
        mean = speeds.zammad.get(kind)
        if mean is not None:
            known += number * mean.seconds / min(workers, mean.workers)
        else:
            seconds = STATED.get(kind, STATED_OTHERS)
            busy += number * seconds
            waited += number * (seconds + _round_trip(speeds))
    return known + max(waited / workers, busy / min(workers, STATED_PROCESSES))


def _at_zammad_rate(requests: int, setup: Setup) -> float:
    rate = setup.zammad_requests_per_minute
    return 0.0 if rate is None else requests * 60 / (SHARE_OF_RATE * rate)


def _guessed(needs: Needs, speeds: Speeds) -> tuple[str, ...]:
    """Name the sides of which more than a tenth of the requests are of kinds never measured."""
    sides = (("Kayako", needs.reading, speeds.kayako), ("Zammad", needs.writing, speeds.zammad))
    return tuple(
        side
        for side, wanted, known in sides
        if 10 * sum(n for kind, n in wanted.items() if kind not in known) > sum(wanted.values())
    )
