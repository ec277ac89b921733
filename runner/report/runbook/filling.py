"""The shipped steps, filled with what is known of one installation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import yaml

from runner.report.page.tame import short
from runner.report.page.words import Words
from runner.report.runbook.model import Day, Runbook, Step
from runner.report.runbook.naming import names_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.config.model import Config
    from runner.engine.lasting import Span
    from runner.pipeline import Outline

_FILE = Path(__file__).with_name("steps.yaml")
_BLANKS = ("signs", "reached", "backup", "agents_stop")
_COUNTED = ("cases", "posts", "users", "organizations", "teams", "articles")


@cache
def shipped() -> list[dict[str, Any]]:
    """Return the days as they are shipped; the head of their file says what the keys mean."""
    days: list[dict[str, Any]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return days


@dataclass(frozen=True, slots=True)
class Occasion:
    """For whom and when: ``go_live`` is None while no day is named."""

    config: Config
    known: Outline
    go_live: date | None
    today: date
    language: str


def runbook(at: Occasion) -> Runbook:
    """Return the runbook of one installation."""
    words = Words(at.language)
    values = _values(at)
    lists = names_of(at.known, words)
    facts = {name for name, found in lists.items() if found}
    facts |= {"ratings"} if at.known.records.get("ratings") else set()
    if at.go_live is not None and at.go_live != at.config.go_live:
        facts.add("other_date")
    return Runbook(
        language=at.language,
        title=words("runbook.title", kayako=values["kayako"], zammad=values["zammad"]),
        lead=tuple(_lead(at, words, values)),
        blanks=tuple(words(f"runbook.{name}") for name in _BLANKS),
        missing_title=words("runbook.missing"),
        missing=tuple(_missing(at, words, values)),
        lasting_title=words("runbook.lasting"),
        lasting=tuple(
            (words(f"runbook.step.{name}"), _lasts(span, words))
            for name, span in at.known.spans.items()
        ),
        days=tuple(
            Day(
                title=day[at.language],
                when=_when(at, words, day["days"]),
                hurry=_hurry(at, words, day["days"]),
                steps=tuple(
                    _steps(at, words, day["steps"], values=values, lists=lists, facts=facts)
                ),
            )
            for day in shipped()
        ),
    )


def _values(at: Occasion) -> dict[str, Any]:
    name = _plain(at.config.file.name)
    return {
        "kayako": _host(at.config.kayako.url),
        "zammad": _host(at.config.zammad.url),
        "config": name,
        "c": "" if name == "config.yaml" else f"-c {name} ",
        "iso": at.go_live.isoformat() if at.go_live else "",
        "language": at.language,
        "ratings": at.known.records.get("ratings", 0),
    }


def _host(url: str) -> str:
    """Return host and port of an address, without what may stand before them."""
    return _plain(urlsplit(url).netloc.rpartition("@")[2])


def _plain(text: str) -> str:
    """Return a name that can stand inside backquotes."""
    return short(text).replace("`", "'")


def _steps(
    at: Occasion,
    words: Words,
    steps: list[dict[str, Any]],
    *,
    values: dict[str, Any],
    lists: dict[str, tuple[str, ...]],
    facts: set[str],
) -> Iterator[Step]:
    told = {
        name: words.number(value) if isinstance(value, int) else value
        for name, value in values.items()
    }
    for step in steps:
        wanted, _, fact = step.get("only_if", "").rpartition(" ")
        if fact and (fact in facts) == (wanted == "not"):
            continue
        span = at.known.spans.get(step.get("takes", ""))
        yield Step(
            text=step[at.language].format(**told),
            alarm=step.get("alarm", False),
            lasts=_lasts(span, words) if span else "",
            names=lists.get(step.get("names", ""), ()),
            commands=tuple(command.format(**told) for command in step.get("run", ())),
        )


def _lead(at: Occasion, words: Words, values: dict[str, Any]) -> Iterator[str]:
    if at.go_live is None:
        yield words("runbook.no_day")
    else:
        yield words("runbook.live", day=_day(at.go_live, words))
    if at.known.pulled_at is not None:
        counts = {name: at.known.records[name] for name in _COUNTED}
        yield words("runbook.figures", at=words.moment(at.known.pulled_at), **counts)
    yield words("runbook.made", day=_day(at.today, words), config=f"`{values['config']}`")


def _missing(at: Occasion, words: Words, values: dict[str, Any]) -> Iterator[str]:
    if at.go_live is None:
        yield words("runbook.without_day", config=values["config"])
    if at.known.pulled_at is None:
        yield words("runbook.without_copy", c=values["c"])
        return
    unread = at.known.records.get("unread", 0)
    if unread:
        yield words("runbook.without_files", number=unread)
    if not at.known.spans["apply"].measured:
        yield words("runbook.without_rehearsal")


def _lasts(span: Span, words: Words) -> str:
    how = words("runbook.measured" if span.measured else "runbook.estimated")
    # Seconds of an estimate would promise more than it knows.
    rounded = max(round(span.seconds / 60), 1) * 60
    text = words.span(rounded).removesuffix(" 0 s")
    return words("runbook.about", span=text, how=how)


def _when(at: Occasion, words: Words, days: int) -> str:
    apart = {-1: words("runbook.the_day_before"), 0: words("runbook.the_day")}.get(days) or words(
        f"runbook.{'before' if days < 0 else 'after'}", number=abs(days)
    )
    if at.go_live is None:
        return apart
    return f"{_day(at.go_live + timedelta(days=days), words)} ({apart})"


def _hurry(at: Occasion, words: Words, days: int) -> str:
    over = at.go_live is not None and at.go_live + timedelta(days=days) < at.today
    return words("runbook.past") if over else ""


def _day(day: date, words: Words) -> str:
    return words(
        "runbook.day",
        weekday=words("runbook.weekdays").split()[day.weekday()],
        day=str(day.day),
        month=words("runbook.months").split()[day.month - 1],
        year=str(day.year),
    )
