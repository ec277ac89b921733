"""What the display of a run shows at one moment, cut to the terminal that it is shown on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from rich.console import Group
from rich.text import Text

from runner.report.budget import duration
from runner.report.page.words import Words
from runner.report.terminal import named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MOST_PROBLEMS = 5
_COUNTED = ("created", "updated", "unchanged", "skipped", "failed")
_WITH_ALL, _WITH_BAR = 76, 48
"""Columns that a terminal needs for every count, and for a bar."""
_LONGEST_NAME, _LONGEST_BAR = 19, 24


class Row(NamedTuple):
    """One kind of records: how many are through, of how many (None: not known), how they ended."""

    name: str
    done: int
    total: int | None
    words: Mapping[str, int]


def frame(standing: Mapping[str, Any], *, width: int, height: int, note: str = "") -> Group:
    """Return the display.

    Args:
        standing: ``Live.as_json``.
        width: Columns of the terminal.
        height: Its lines; all of it fits into one less.
        note: What is to be said now, if anything.
    """
    rows = _rows(standing)
    below = [*_going(standing), *_sides(standing)]
    if note:
        below.append(Text(note, "yellow"))
    room = max(height - 1 - len(below), 3)
    problems = _problems(standing, min(_MOST_PROBLEMS, max((room - 2) // 3, 0)))
    lines = [*_table(rows, width, max(room - len(problems), 2)), *below, *problems]
    return Group(*map(_cut(width), lines[: max(height - 1, 1)]))


def left_over(standing: Mapping[str, Any], *, width: int, whole: bool) -> Group:
    """Return what stays on the screen: the last problems, and with ``whole`` how far it came."""
    rows = _rows(standing) if whole else []
    lines = [*_table(rows, width, len(rows) + 1), *_problems(standing, _MOST_PROBLEMS)]
    return Group(*map(_cut(width), lines))


def _cut(width: int) -> Any:
    def cut(line: Text) -> Text:
        line.no_wrap = True
        line.truncate(width, overflow="ellipsis")
        return line

    return cut


def _rows(standing: Mapping[str, Any]) -> list[Row]:
    """Return the steps of a run; what is read, as long as there are none."""
    steps = [
        Row(named(name), words["sum"], words["total"], words)
        for name, words in standing["result"].items()
    ]
    return steps or [
        Row(named(name), done, total, {}) for name, (done, total) in standing["pulled"].items()
    ]


def _table(rows: list[Row], width: int, room: int) -> list[Text]:
    """Return a line a row, the last ones that there is room for, below their heading."""
    if not rows:
        return []
    counted: tuple[str, ...] = ()
    if any(row.words for row in rows):
        counted = _COUNTED if width >= _WITH_ALL else ("failed",)
    names = min(max(len(row.name) for row in rows), _LONGEST_NAME)
    through = [f"{row.done:,}/{'?' if row.total is None else f'{row.total:,}'}" for row in rows]
    numbers = max(map(len, through))
    cells = [[_count(row, word) for word in counted] for row in rows]
    widths = [max(len(word), *(len(each[at]) for each in cells)) for at, word in enumerate(counted)]
    bar = width - names - numbers - 2 - sum(each + 1 for each in widths)
    bar = min(bar, _LONGEST_BAR) if width >= _WITH_BAR and bar >= 6 else 0
    lines = []
    if counted:
        heading = " " * (names + numbers + 1 + (bar + 1 if bar else 0))
        words = (word.rjust(wide) for word, wide in zip(counted, widths, strict=True))
        lines.append(Text(" ".join((heading, *words)), "dim"))
    for row, number, counts in list(zip(rows, through, cells, strict=True))[-(room - len(lines)) :]:
        line = Text(row.name[:names].ljust(names + 1))
        if bar:
            _draw(line, row, bar)
        line.append(number.rjust(numbers))
        for word, text, wide in zip(counted, counts, widths, strict=True):
            bad = word == "failed" and row.words.get(word, 0) > 0
            line.append(" ").append(text.rjust(wide), "red" if bad else None)
        lines.append(line)
    return lines


def _count(row: Row, word: str) -> str:
    return f"{row.words.get(word, 0):,}"


def _draw(line: Text, row: Row, wide: int) -> None:
    share = row.done / row.total if row.total else float(row.total == 0)
    full = min(int(share * wide), wide)
    line.append("━" * full, "green").append("━" * (wide - full), "dim").append(" ")


def _going(standing: Mapping[str, Any]) -> Iterator[Text]:
    """Yield what goes on, how fast, and how long yet."""
    words = Words("en")
    if not standing["step"]:
        return
    parts = []
    if standing["rate"]:
        parts.append(rate_in_words(standing["rate"]))
    if standing["left"] is not None:
        parts.append(f"{duration(standing['left'])} left")
    parts.append(f"{words.span(standing['seconds'])} so far")
    yield Text.assemble((f"{named(standing['step'])}: ", "bold"), ", ".join(parts))


def rate_in_words(rate: float) -> str:
    """Return records a minute in words, those of a second where that is more than one."""
    return f"{rate / 60:,.1f} a second" if rate >= 60 else f"{rate:,.1f} a minute"


def _sides(standing: Mapping[str, Any]) -> Iterator[Text]:
    """Yield the limits in force, and which of them is waited for."""
    words, binds = Words("en"), standing["binds"]
    values = {side["side"]: {**side, "side": named(side["side"])} for side in standing["sides"]}
    for side in values.values():
        yield Text(words("live.side" if side["limit"] else "live.side_free", **side), "dim")
    if binds is not None:
        yield Text(words(f"live.binds.{binds['why']}", **values[binds["side"]]), "yellow")
        if binds["change"]:
            yield Text(words("live.change", change=binds["change"]), "yellow")


def _problems(standing: Mapping[str, Any], most: int) -> list[Text]:
    """Return the last problems, the newest first; how many there are besides."""
    found = standing["problems"][:most]
    if not found:
        return []
    more = standing["failed"] - len(found)
    heading = f"Last problems (and {more:,} more: migrate status)" if more > 0 else "Last problems"
    lines = [Text(f"  {one['where']}: {one['text']}", "red") for one in found]
    return [Text(heading, "bold"), *lines]
