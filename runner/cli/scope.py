"""Options that say which part of a run is wanted."""

from __future__ import annotations

from typing import Annotated

import typer

from runner.config.model import STEPS
from runner.errors import UsageError
from runner.pipeline import Scope

OnlyOption = Annotated[
    list[str] | None,
    typer.Option("--only", help=f"Only this step ({', '.join(STEPS)}); can be repeated."),
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
    unknown = [name for name in names if name not in STEPS]
    if unknown:
        raise UsageError(
            f"--only {unknown[0]}: there is no such step", advice=f"one of {', '.join(STEPS)}"
        )
    return Scope(names, limit)
