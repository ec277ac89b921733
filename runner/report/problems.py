"""Mistakes in files, each with its line and a mark under the place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.report.terminal import clean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from rich.console import Console

    from runner.errors import Problem

_WORD = re.compile(r"""'[^']*'|"[^"]*"|[^\s:,#\[\]{}]+""")
_WIDTH = 160
_LARGEST = 1_000_000


def problems(out: Console, found: Sequence[Problem], *, secret: Collection[Path] = ()) -> None:
    """Print every mistake with its line, a mark under the place, and what to do.

    Args:
        out: Where to.
        found: The mistakes, in file order.
        secret: Files of which no line is shown: it may hold a password.
    """
    lines: dict[str, list[str]] = {}
    for problem in found:
        out.print(f"[bold]{clean(problem)}[/]")
        for line in excerpt(problem, lines, secret=secret):
            out.print(f"[dim]{clean(line)}[/]")
        if problem.advice:
            out.print(f"  → {clean(problem.advice)}")
    number = len(found)
    out.print(f"[red]{number} mistake{'s' if number != 1 else ''}[/]; nothing was done")


def as_json(found: Sequence[Problem]) -> list[dict[str, Any]]:
    """Return mistakes as JSON values."""
    return [
        {
            "file": problem.file,
            "line": problem.line,
            "column": problem.column,
            "message": problem.message,
            "advice": problem.advice,
        }
        for problem in found
    ]


def excerpt(
    problem: Problem, lines: dict[str, list[str]], *, secret: Collection[Path] = ()
) -> Iterator[str]:
    """Yield the line of a mistake and the mark below it; nothing where there is no line.

    Args:
        problem: The mistake.
        lines: The lines of the files read so far, by name; filled as needed.
        secret: Files of which no line is shown.
    """
    if Path(problem.file).absolute() in {path.absolute() for path in secret}:
        return
    text = _line(problem, lines)
    if text is None:
        return
    start = min(max(problem.column - 1, 0), len(text))
    word = _WORD.match(text, start)
    length = max(word.end() - start if word else 1, 1)
    number = str(problem.line)
    first = max(start + length - _WIDTH, 0)
    yield f"  {number} | {text[first : first + _WIDTH]}"
    yield f"  {' ' * len(number)} | {' ' * (start - first)}{'^' * length}"


def _line(problem: Problem, lines: dict[str, list[str]]) -> str | None:
    """Return the line of a file that a mistake is in; None where it cannot be read."""
    if problem.line < 1:
        return None
    if problem.file not in lines:
        try:
            with Path(problem.file).open(encoding="utf-8-sig", errors="replace") as stream:
                lines[problem.file] = stream.read(_LARGEST).splitlines()
        except OSError:
            lines[problem.file] = []
    found = lines[problem.file]
    if problem.line > len(found):
        return None
    # A tab is as wide as one sign here, so that the mark stands where the parser counted.
    return found[problem.line - 1].replace("\t", " ")
