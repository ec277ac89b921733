"""How it stands in one word, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.report.figures.model import Figures


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: ``key`` names its words, ``command`` does it, where one does."""

    key: str
    command: str = ""
    values: Mapping[str, int | str] = field(default_factory=dict)


def verdict(figures: Figures) -> str:
    """Return ``nothing``, ``problems``, ``differences``, ``unverified`` or ``complete``."""
    if not figures.applies:
        return "nothing"
    if figures.problems_total or figures.open or figures.outside:
        return "problems"
    if (
        figures.checked is not None
        and not figures.checked.stale
        and not figures.checked.result["ok"]
    ):
        return "differences"
    return "complete" if figures.complete else "unverified"


def steps(figures: Figures) -> tuple[Step, ...]:
    """Return what to do next, the first thing first."""
    if not figures.applies:
        return (Step("first_plan", "migrate plan"), Step("first_apply", "migrate apply"))
    return (*_repair(figures), *_prove(figures), *_go_live(figures))


def _repair(figures: Figures) -> Iterator[Step]:
    if figures.problems_total:
        yield Step("failed", "migrate apply", {"number": figures.problems_total})
    waiting = sum(row.unfinished + row.untried for row in figures.rows)
    if waiting:
        yield Step("waiting", "migrate apply", {"number": waiting})
    if figures.outside:
        yield Step("outside", "migrate apply", {"number": figures.outside})
    lost = sum(group.number for group in figures.notes if group.kind == "dropped")
    if lost:
        yield Step("dropped", "migrate plan", {"number": lost})


def _prove(figures: Figures) -> Iterator[Step]:
    checked = figures.checked
    if checked is None:
        yield Step("verify", "migrate verify")
    elif checked.stale:
        yield Step("verify_again", "migrate verify")
    elif not checked.result["ok"]:
        yield Step("differences", "migrate verify", {"number": checked.result["differences_total"]})
    elif not checked.whole:
        yield Step("verify_all", "migrate verify")


def _go_live(figures: Figures) -> Iterator[Step]:
    gone = figures.row("users").gone
    if gone:
        yield Step("erase", "migrate erase", {"number": gone})
    if figures.finished_at is None:
        yield Step("delta", "migrate apply")
        yield Step("finish", "migrate finish")
    else:
        yield Step("mail")
        yield Step("redirects", "migrate redirects")
        yield Step("purge", "migrate purge --after 90d")
