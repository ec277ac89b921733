"""A runbook as data: what Markdown and page are made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do; `backquotes` in ``text`` are code, ``names`` what it is about, one by one.

    ``lasts`` says how long it takes, or is empty; ``commands`` are pasted as they are.
    """

    text: str
    alarm: bool = False
    lasts: str = ""
    names: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """What is to be done on one day; ``hurry`` says that it is over already, or is empty."""

    title: str
    when: str
    hurry: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Runbook:
    """All of it.

    ``lead`` are sentences below the title, ``blanks`` the names of lines to fill in by hand,
    ``missing`` what could not be known, ``lasting`` the durations: step, span with its origin.
    """

    language: str
    title: str
    lead: tuple[str, ...]
    blanks: tuple[str, ...]
    missing_title: str
    missing: tuple[str, ...]
    lasting_title: str
    lasting: tuple[tuple[str, str], ...]
    days: tuple[Day, ...]
