"""The page that shows a sample side by side; its script keeps answers in the browser alone."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from runner.engine.traits import ODDITY
from runner.report.page.pairs import Sides, sides
from runner.report.page.render import environment, host, own
from runner.report.page.words import Words, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.engine.readback import Pair
    from runner.engine.traits import Trait
    from runner.pipeline import Sample, Tick


@dataclass(frozen=True, slots=True)
class View:
    """One conversation as the template wants it; links are empty where there is nothing."""

    id: int
    mark: str
    title: str
    why: str
    kayako: str
    zammad: str
    there: bool
    problem: str
    found: int
    verdict: str
    remark: str
    told: str
    sides: Sides


def page(
    sample: Sample,
    pairs: Iterable[Pair],
    *,
    kayako_url: str,
    zammad_url: str,
    made_at: str,
    language: str,
) -> Iterator[str]:
    """Yield the page, piece by piece; conversations in which something differs come first.

    Args:
        sample: which conversations, why, and what people said of them.
        pairs: both sides of each.
        kayako_url: the source.
        zammad_url: the target; links lead there.
        made_at: when the pairs were read.
        language: one of ``words.LANGUAGES``.
    """
    words = Words(language)
    why = {one.case_id: one.why for one in sample.cases}
    views = [
        _view(pair, why[pair.case["id"]], sample.ticks.get(pair.case["id"]), zammad_url, words)
        for pair in pairs
    ]
    views.sort(key=lambda one: one.there and not one.found)
    style, script = Markup("").join([own("style.css"), own("sample.css")]), own("sample.js")
    return (
        environment(words)
        .get_template("sample.html.jinja")
        .generate(
            views=views,
            key=f"{host(kayako_url)} {host(zammad_url)}",
            kayako=host(kayako_url),
            zammad=host(zammad_url),
            made_at=made_at,
            differing=sum(bool(one.found) or not one.there for one in views),
            no_room=traits(sample.no_room, words),
            left_out=traits(sample.left_out, words),
            unread=sample.unread,
            style=style,
            script=script,
            style_hash=_source(style),
            script_hash=_source(script),
        )
    )


def traits(found: Iterable[Trait], words: Words) -> str:
    """Return traits in words, those of a kind together: ``state Closed, role AGENT, OWNER``."""
    told: dict[str, list[str]] = {}
    for one in found:
        own = f"oddity.{one.value}" if one.kind == ODDITY else f"trait.{one.kind}_{one.value}"
        if own in table():
            told.setdefault(own, [words(own)])
        else:
            start = words.known(f"trait.{one.kind}", one.kind)
            told.setdefault(one.kind, [start]).append(one.value)
    texts = (
        start if not values else f"{start} {', '.join(values)}" for start, *values in told.values()
    )
    return ", ".join(texts)


def _view(
    pair: Pair, why: tuple[Trait, ...], tick: Tick | None, zammad_url: str, words: Words
) -> View:
    there = pair.ticket is not None
    holds = tick is not None and tick.holds
    return View(
        id=pair.case["id"],
        mark=_digest(pair),
        title=str(pair.case.get("subject") or ""),
        why=traits(why, words) or words("sample.ordinary"),
        kayako=_address(str(pair.case["url"])),
        zammad=_address(f"{zammad_url}/#ticket/zoom/{pair.ticket['id']}") if pair.ticket else "",
        there=there,
        problem=pair.problem,
        found=len(pair.differences),
        verdict="" if tick is None or not holds else "right" if tick.right else "wrong",
        remark=tick.remark if tick is not None and holds else "",
        told="" if tick is None else _told(tick, words),
        sides=sides(pair, words),
    )


def _told(tick: Tick, words: Words) -> str:
    if tick.holds:
        return words("sample.recorded", by=tick.by, at=words.moment(tick.at))
    return words("sample.outdated", by=tick.by)


def _address(url: str) -> str:
    """Return an address that a link may have: one of the web."""
    return url if url.startswith(("https://", "http://")) else ""


def _digest(pair: Pair) -> str:
    return hashlib.sha256(repr(pair.mark).encode()).hexdigest()[:16]


def _source(text: str) -> str:
    """Return how the content security policy knows a script or style of ours."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
