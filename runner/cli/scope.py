"""Options that say which part of a run is wanted."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from runner.config.model import ENTITIES
from runner.engine.brake import Brake
from runner.engine.explain import ENTITIES as KINDS
from runner.errors import UsageError
from runner.pipeline import Scope

OnlyOption = Annotated[
    list[str] | None,
    typer.Option("--only", help=f"Only this step ({', '.join(ENTITIES)}); can be repeated."),
]
LimitOption = Annotated[
    int | None, typer.Option("--limit", min=1, help="Only the first so many conversations.")
]


def scope(only: list[str] | None, limit: int | None) -> Scope:
    """Check the options.

    Raises:
        UsageError: ``--only`` names something that is no step.
    """
    names = tuple(name.strip().lower() for value in only or () for name in value.split(","))
    unknown = [name for name in names if name not in ENTITIES]
    if unknown:
        raise UsageError(
            f"--only {unknown[0]}: there is no such step", advice=f"one of {', '.join(ENTITIES)}"
        )
    return Scope(names, limit)


_DURATION = re.compile(r"(\d+)\s*([smh])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


def brake(max_errors: str | None, max_duration: str | None) -> Brake:
    """Check the options that end a run before its end.

    Raises:
        UsageError: one of them cannot be read.
    """
    made = Brake()
    if max_errors is not None:
        number = max_errors.strip().removesuffix("%")
        if not number.isdigit() or (max_errors.strip().endswith("%") and int(number) > 100):
            raise UsageError(
                f"--max-errors {max_errors}: this is no number", advice="such as 50, or 2%"
            )
        if max_errors.strip().endswith("%"):
            made.share = int(number) / 100
        else:
            made.errors = int(number)
    if max_duration is not None:
        parts = _DURATION.findall(max_duration.lower())
        if not parts or _DURATION.sub("", max_duration.lower()).strip():
            raise UsageError(
                f"--max-duration {max_duration}: this is no time", advice="such as 90m, or 7h 30m"
            )
        made.seconds = sum(int(number) * _SECONDS[unit] for number, unit in parts)
    return made


def record(text: str) -> tuple[str, str]:
    """Read ``case/1001``, a record as Kayako knows it: return its entity and source id.

    Raises:
        UsageError: It is written otherwise, or there is no such kind.
    """
    word, _, number = text.partition("/")
    if word not in KINDS or not number:
        kinds = ", ".join(f"{kind}/ID" for kind in KINDS)
        raise UsageError(f"--id {text}: name a record as Kayako knows it", advice=f"one of {kinds}")
    return KINDS[word], number
