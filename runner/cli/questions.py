"""What ``migrate init`` asks where there is a terminal."""

from __future__ import annotations

import re
import sys
from datetime import date
from typing import TYPE_CHECKING, TypeVar

import typer

from runner.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

_HOST = re.compile(r"^[\w-]+(\.[\w-]+)+(/\S*)?$")


def can_ask() -> bool:
    """Say whether somebody is there who could answer."""
    return sys.stdin.isatty()


def require(given: Mapping[str, str | None]) -> None:
    """See that options were given which nobody can be asked for.

    Raises:
        UsageError: some are missing; all of them are named.
    """
    missing = [option for option, value in given.items() if not value]
    if missing and not can_ask():
        verb = "is" if len(missing) == 1 else "are"
        raise UsageError(
            f"{' and '.join(missing)} {verb} missing, and there is no terminal to ask at",
            advice=f"add {' '.join(f'{option} https://…' for option in missing)}",
        )


def ask(question: str, read: Callable[[str], T], *, default: str | None = None) -> T:
    """Ask until the answer can be read; ``read`` raises ``UsageError`` where it cannot."""

    def checked(text: str) -> T:
        try:
            return read(text.strip())
        except UsageError as error:
            advice = f"; {error.advice}" if error.advice else ""
            raise typer.BadParameter(f"{error}{advice}") from None

    answer: T = typer.prompt(
        question, default=default, show_default=bool(default), value_proc=checked, err=True
    )
    return answer


def with_scheme(text: str) -> str:
    """Return an address with ``https://`` where people leave it out."""
    return f"https://{text}" if _HOST.match(text) else text


def a_date(text: str) -> date | None:
    """Read a day; nothing is None.

    Raises:
        UsageError: there is no such day.
    """
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{text} is no day", advice="write it as year-month-day: 2026-12-05"
        ) from None


def one_of(*words: str) -> Callable[[str], str]:
    """Return a reader that takes one of these words, or the beginning of one."""

    def read(text: str) -> str:
        meant = [word for word in words if text and word.startswith(text.lower())]
        if len(meant) != 1:
            raise UsageError(f"{text} is none of {', '.join(words)}")
        return meant[0]

    return read
