"""Shapes of the charts, in a box of 1000 by 100 that the page stretches; words stand in HTML."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from runner.report.figures.model import CLASSES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.report.figures.model import Row, Stretch

WIDTH, HEIGHT = 1000.0, 100.0
_MOST_MONTHS = 36
_NARROWEST = 6.0
_WIDEST = 90.0
_SHORTEST = 1.0  # seconds: what is over sooner says nothing about a rate


@dataclass(frozen=True, slots=True)
class Piece:
    """A rectangle of a chart: ``kind`` colours it, ``number`` is what it stands for."""

    kind: str
    number: int
    x: float
    width: float
    height: float = HEIGHT


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a chart over time: its word below, and what it stands for."""

    word: str
    piece: Piece


@dataclass(frozen=True, slots=True)
class Line:
    """One step of a run in its chart of rates.

    ``path`` is filled; it is empty, and ``mean`` and ``highest`` (records a minute) are None, of a
    step too short to be measured.
    """

    entity: str
    records: int
    seconds: float
    path: str = ""
    mean: float | None = None
    highest: float | None = None


@dataclass(frozen=True, slots=True)
class Rates:
    """How fast a run went: steps one after the other, up to ``highest`` records a minute.

    ``highest`` is None where every step was too short.
    """

    lines: tuple[Line, ...]
    seconds: float
    highest: float | None


def bar(row: Row) -> tuple[Piece, ...]:
    """Return the classes of an entity's records side by side; nothing is too small to be seen."""
    numbers = [(word, getattr(row, word)) for word in CLASSES if getattr(row, word)]
    total = sum(number for _, number in numbers)
    if not total:
        return ()
    room = WIDTH - _NARROWEST * len(numbers)
    pieces = []
    x = 0.0
    for word, number in numbers:
        width = _NARROWEST + room * number / total
        pieces.append(Piece(word, number, _round(x), _round(width)))
        x += width
    return tuple(pieces)


def share(number: int, most: int) -> float:
    """Return how wide a bar is beside the widest one."""
    return _round(WIDTH * number / most) if most else 0.0


def columns(by_month: Mapping[str, int]) -> tuple[Column, ...]:
    """Return a column a month, or a year where there are many; those between without any too."""
    if not by_month:
        return ()
    words = _months(min(by_month), max(by_month))
    numbers = {word: by_month.get(word, 0) for word in words}
    if len(words) > _MOST_MONTHS:
        numbers = {}
        for word in words:
            numbers[word[:4]] = numbers.get(word[:4], 0) + by_month.get(word, 0)
    most = max(numbers.values())
    step = WIDTH / len(numbers)
    width = min(step * 0.8, _WIDEST)
    return tuple(
        Column(
            word,
            Piece(
                "created",
                number,
                _round(step * (place + 0.5) - width / 2),
                _round(width),
                _round(HEIGHT * number / most),
            ),
        )
        for place, (word, number) in enumerate(numbers.items())
    )


def _months(first: str, last: str) -> list[str]:
    """Return every month from ``2024-01`` to ``2024-03``; dates out of reason end at a century."""
    year, month = int(first[:4]), int(first[5:7])
    words: list[str] = []
    while (word := f"{year:04}-{month:02}") <= last and len(words) < 1200:
        words.append(word)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return words


def rates(run: Stretch) -> Rates | None:
    """Return how fast a run went; None where nothing was counted."""
    steps = {entity: points for entity, points in run.pace.items() if points[-1][1]}
    if not steps:
        return None
    minutes = {
        entity: [_a_minute(*pair) for pair in pairwise(points)]
        for entity, points in steps.items()
        if _took(points) >= _SHORTEST
    }
    end = max(points[-1][0] for points in steps.values())
    highest = _ceiling(max(max(found) for found in minutes.values())) if minutes else None
    return Rates(
        tuple(
            _line(entity, points, minutes.get(entity), end, highest)
            for entity, points in steps.items()
        ),
        end,
        highest,
    )


def _line(
    entity: str,
    points: Sequence[Sequence[float]],
    minutes: Sequence[float] | None,
    end: float,
    highest: float | None,
) -> Line:
    records = int(points[-1][1])
    if minutes is None or highest is None:
        return Line(entity, records, _took(points))
    return Line(
        entity,
        records,
        _took(points),
        path=_path(points, minutes, end, highest),
        mean=_a_minute(points[0], points[-1]),
        highest=max(minutes),
    )


def _took(points: Sequence[Sequence[float]]) -> float:
    return points[-1][0] - points[0][0]


def _a_minute(before: Sequence[float], after: Sequence[float]) -> float:
    """Return the records a minute between two points."""
    # What took no time that the clock could see took at most a tenth of a second.
    return 60 * (after[1] - before[1]) / max(after[0] - before[0], 0.1)


def _path(
    points: Sequence[Sequence[float]], minutes: Sequence[float], end: float, highest: float
) -> str:
    parts = [f"M{_round(WIDTH * points[0][0] / end):g} {HEIGHT:g}"]
    for point, after, rate in zip(points, points[1:], minutes, strict=False):
        y = _round(HEIGHT - HEIGHT * rate / highest)
        parts.append(f"L{_round(WIDTH * point[0] / end):g} {y:g}")
        parts.append(f"L{_round(WIDTH * after[0] / end):g} {y:g}")
    parts.append(f"L{_round(WIDTH * points[-1][0] / end):g} {HEIGHT:g}Z")
    return "".join(parts)


def _ceiling(value: float) -> float:
    """Return the next number that reads well: 1, 2, 5, 10, 20 and so on."""
    power = 10.0 ** math.floor(math.log10(value)) if value > 0 else 1.0
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)


def _round(value: float) -> float:
    return round(value, 1)
