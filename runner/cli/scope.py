"""Options that say which part of a run is wanted."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from runner.config.model import ENTITIES
from runner.engine.explain import ENTITIES as KINDS
from runner.errors import UsageError
from runner.pipeline import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.pipeline.scoping import Wave

OnlyOption = Annotated[
    list[str] | None,
    typer.Option("--only", help=f"Only this step ({', '.join(ENTITIES)}); can be repeated."),
]
LimitOption = Annotated[
    int | None, typer.Option("--limit", min=1, help="Only the first so many conversations.")
]
IdsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--ids",
        metavar="LIST",
        help="Only these conversations, with the people that they need: 12,40-50; case/12 or"
        " user/17 name any record, @FILE a file of them. Can be repeated.",
    ),
]
SinceOption = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="DAY|7d",
        help="Only conversations that changed in Kayako since that day (UTC), or in the last 7 days"
        " (12h: hours), with the people that they need.",
    ),
]
WaveOption = Annotated[
    str | None,
    typer.Option(
        "--wave",
        metavar="open|history",
        help="Only conversations that are open, or only closed ones: to move in this order.",
    ),
]

_WAVES: dict[str, Wave] = {"open": "open", "history": "history"}
_RANGE = re.compile(r"(\d+)\s*-\s*(\d+)")
_AGO = re.compile(r"(\d{1,5})\s*([dh])")


def scope(
    only: list[str] | None,
    limit: int | None,
    *,
    ids: list[str] | None = None,
    since: str | None = None,
    wave: str | None = None,
    failed: bool = False,
    now: datetime | None = None,
) -> Scope:
    """Check the options; all of them together narrow what is wanted.

    Raises:
        UsageError: one cannot be read, or they do not go together.
    """
    names = tuple(name.strip().lower() for value in only or () for name in value.split(","))
    unknown = [name for name in names if name not in ENTITIES]
    if unknown:
        raise UsageError(
            f"--only {unknown[0]}: there is no such step", advice=f"one of {', '.join(ENTITIES)}"
        )
    given = {"--ids": ids, "--since": since, "--wave": wave, "--failed": failed}
    _refuse_contradictions({name for name, value in given.items() if value})
    records, ranges = _records(ids or ())
    made = Scope(
        only=names,
        limit=limit,
        ids=records,
        ranges=ranges,
        since=None if since is None else _moment(since, now or datetime.now(UTC)),
        wave=None if wave is None else _wave(wave),
        failed=failed,
    )
    _refuse_nothing(made)
    return made


def _refuse_contradictions(told: set[str]) -> None:
    """Refuse two options that both name records, and what could only leave some of them out."""
    for one, others in (("--failed", {"--ids", "--since", "--wave"}), ("--ids", {"--since"})):
        for other in sorted(others & told) if one in told else ():
            raise UsageError(
                f"{one} and {other} do not go together: both say which records",
                advice=f"leave out {other}, or {one}",
            )


def _refuse_nothing(made: Scope) -> None:
    """Refuse steps that leave nothing of what was chosen."""
    chooses = made.since is not None or made.wave is not None
    left = made.entities(ENTITIES)
    if not left or (chooses and "tickets" not in left):
        raise UsageError(
            f"{made.words}: nothing is left, the steps and the records exclude each other",
            advice="leave out --only",
        )


def _wave(text: str) -> Wave:
    if text not in _WAVES:
        raise UsageError(f"--wave {text}: there is no such wave", advice="open, or history")
    return _WAVES[text]


def _moment(text: str, now: datetime) -> str:
    """Return a moment as Kayako writes it, in UTC."""
    ago = _AGO.fullmatch(text.strip().lower())
    if ago:
        hours = int(ago[1]) * (24 if ago[2] == "d" else 1)
        return (now - timedelta(hours=hours)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise UsageError(
            f"--since {text}: this is no day", advice="such as 2026-12-01, 7d or 36h"
        ) from None


def _records(
    values: Iterable[str],
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[int, int], ...]]:
    records: list[tuple[str, str]] = []
    ranges: list[tuple[int, int]] = []
    for text in _listed(values):
        found = _RANGE.fullmatch(text)
        if found:
            first, last = int(found[1]), int(found[2])
            if first > last:
                raise UsageError(f"--ids {text}: it ends before it begins", advice="such as 40-50")
            ranges.append((first, last))
        else:
            records.append(record(f"case/{text}" if text.isdecimal() else text, option="--ids"))
    if values and not records and not ranges:
        raise UsageError("--ids: the list is empty", advice="such as 12,40-50")
    return tuple(dict.fromkeys(records)), tuple(ranges)


def _listed(values: Iterable[str]) -> Iterator[str]:
    """Yield what stands between commas, and in files between commas, spaces and lines."""
    for value in values:
        for part in value.split(","):
            text = part.strip()
            if text.startswith("@"):
                yield from filter(None, re.split(r"[\s,]+", _read(Path(text[1:]))))
            elif text:
                yield text


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise UsageError(
            f"--ids @{file}: the file cannot be read ({why})",
            advice="a text file with an id a line, such as 12 or case/12",
        ) from None


def record(text: str, *, option: str = "--id") -> tuple[str, str]:
    """Read ``case/1001``, a record as Kayako knows it: return its entity and source id.

    ``tickets/1001``, as status and plan write it, is the same.

    Raises:
        UsageError: It is written otherwise, or there is no such kind.
    """
    word, _, number = text.partition("/")
    entity = KINDS.get(word) or (word if word in KINDS.values() else None)
    if entity is None or not (number.isascii() and number.isdecimal()):
        kinds = ", ".join(f"{kind}/NUMBER" for kind in KINDS)
        raise UsageError(
            f"{option} {text}: name a record as Kayako knows it", advice=f"one of {kinds}"
        )
    return entity, number
