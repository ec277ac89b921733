"""Figures to a page: one file, no script, no network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from runner.report.figures import certificate, outlook
from runner.report.figures.model import CLASSES
from runner.report.page import charts
from runner.report.page.tame import short, tame
from runner.report.page.words import Words, table
from runner.report.sides import REASONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.engine.inventory import Rebuilt
    from runner.report.figures.certificate import Line
    from runner.report.figures.model import Figures

_HERE = Path(__file__).parent
_SECTIONS = (
    *(
        "moved",
        "left_out",
        "changed",
        "failed",
        "inventory",
        "verified",
        "runs",
        "next",
        "certificate",
    ),
)
_MOST_GROUPS, _MOST_NOTES, _MOST_RUNS, _MOST_CHARTS = 12, 25, 20, 2
_MOST_REMARKS = 400
_COUNTED = ("created", "updated", "unchanged", "skipped", "failed")
_ALWAYS = frozenset({"created", "left_out", "failed"})


def page(figures: Figures, language: str) -> Iterator[str]:
    """Yield the page, piece by piece.

    Args:
        figures: what it says.
        language: one of ``words.LANGUAGES``.
    """
    words = Words(language)
    filling = environment(words)
    filling.globals |= {
        "bar": charts.bar,
        "share": charts.share,
        "plainly": _plainly,
        "certified": lambda line: _certified(words, line),
    }
    return filling.get_template("report.html.jinja").generate(
        figures=figures,
        sections=_SECTIONS,
        style=own("style.css"),
        kayako=host(figures.kayako),
        zammad=host(figures.zammad),
        **_outcome(figures),
        **_lists(figures),
    )


def live_page(language: str, nonce: str) -> str:
    """Return the page that follows a run; its figures come as events.

    Args:
        language: one of ``words.LANGUAGES``.
        nonce: what the content security policy knows script and style by.
    """
    words = Words(language)
    return (
        environment(words)
        .get_template("live.html.jinja")
        .render(
            nonce=nonce,
            style=own("style.css"),
            script=own("live.js"),
            counted=_COUNTED,
            texts=_texts(words),
        )
    )


def _texts(words: Words) -> dict[str, Any]:
    """Return the words that the live page's script needs."""
    names = (key.removeprefix("entity.") for key in table() if key.startswith("entity."))
    return {
        "entities": {name: words.entity(name) for name in names},
        "counted": _COUNTED,
        "names": {word: words(f"live.{word}") for word in _COUNTED},
        "states": {
            "": words("live.running"),
            "done": words("live.done"),
            "failed": words("live.failed_records"),
            "stopped": words("live.stopped"),
        },
        "side": table()["live.side"][words.language],
        "side_free": table()["live.side_free"][words.language],
        "binds": {why: table()[f"live.binds.{why}"][words.language] for why in REASONS},
        "change": table()["live.change"][words.language],
        "none": words("live.none"),
        "end": words("live.end"),
        "lost": words("live.lost"),
    }


def environment(words: Words) -> Environment:
    """Return what fills templates in: everything escaped, nothing undefined."""
    made = Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined)
    made.filters |= {"tame": tame, "short": short}
    made.globals |= {"w": words}
    return made


def own(name: str) -> Markup:
    """Return a style or script of ours, which lies beside the templates."""
    return Markup((_HERE / name).read_text(encoding="utf-8"))  # noqa: S704 - a file of ours


def _outcome(figures: Figures) -> dict[str, Any]:
    checked = figures.checked
    verdict = outlook.verdict(figures)
    differences = 0 if checked is None else checked.result.get("differences_total", 0)
    waiting = max(figures.open, figures.problems_total) + figures.outside
    return {
        "verdict": verdict,
        "unsettled": max(figures.open, figures.problems_total),
        "verdict_number": differences if verdict == "differences" else waiting,
        "steps": outlook.steps(figures),
        "lines": certificate.lines(figures),
        "agreements": [] if checked is None else list(_agreements(checked.result)),
    }


def _lists(figures: Figures) -> dict[str, Any]:
    measured = [(run, charts.rates(run)) for run in figures.applies]
    longest = sorted(
        ((run, chart) for run, chart in measured if chart is not None and run.wrote),
        key=lambda pair: -pair[0].sum("created", "updated", "unchanged"),
    )
    lost = [group for group in figures.notes if group.kind == "dropped"]
    other = [group for group in figures.notes if group.kind != "dropped"]
    return {
        "classes": [
            word
            for word in CLASSES
            if word in _ALWAYS or any(getattr(row, word) for row in figures.rows)
        ],
        "columns": charts.columns(figures.by_month),
        "groups": list(figures.by_group.items())[:_MOST_GROUPS],
        "left_out": figures.left_out[:_MOST_NOTES],
        "notes": [*lost[:_MOST_NOTES], *other[:_MOST_NOTES]],
        "rebuild": _rebuild(figures),
        "runs": figures.runs[-_MOST_RUNS:],
        "charts": longest[:_MOST_CHARTS],
    }


def _rebuild(figures: Figures) -> list[tuple[str, list[Rebuilt], int]]:
    """Return what is to be built anew by kind, the first of each, and how many there are."""
    kinds: dict[str, list[Rebuilt]] = {}
    for one in figures.inventory.rebuild:
        kinds.setdefault(one.kind, []).append(one)
    return [(kind, found[:_MOST_NOTES], len(found)) for kind, found in kinds.items()]


def _agreements(result: Any) -> Iterator[tuple[str, int, int]]:
    """Yield how many of the numbers of tickets by team, state and month are right."""
    for name in ("by_team", "by_state", "by_month"):
        values = result["counts"].get("tickets", {}).get(name) or {}
        if values:
            agree = sum(1 for pair in values.values() if pair["wanted"] == pair["there"])
            yield name, agree, len(values)


def _certified(words: Words, line: Line) -> str:
    key = f"certificate.{line.key}"
    if line.key == "read_back" and not line.holds:
        key += "_not"
    values = dict(line.values)
    if values.get("at"):
        values["at"] = words.moment(str(values["at"]))
    if "remarks" in values:
        values["remarks"] = short(values["remarks"], _MOST_REMARKS)
    return words(key, **values)


def _plainly(value: Any) -> str:
    """Return a value of a difference as people write it."""
    if value is None:
        return "\N{EN DASH}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def host(url: str) -> str:
    """Return the host of an address, with its port: a login in it is nobody's business."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or url
