"""One change with its fields: what it was, what it becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.report.terminal import clean, line
from runner.report.words import in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

_COLOURS = {"create": "green", "update": "yellow", "fail": "red"}


def sample(out: Console, title: str, shown: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """Print a sample of a plan.

    Args:
        out: Where to.
        title: What happens to it: ``users create``.
        shown: Its ids, label, reason, differences and how many articles it gets.
        names: What the records are called that it refers to.
    """
    action = title.rpartition(" ")[2]
    leads_on = action not in {"skip", "fail"}
    where = f" → {shown['target_id']}" if leads_on else ""
    why = f": {shown['reason']}" if shown["reason"] else ""
    name = f"{title} {shown['source_id']}{where}"
    style = " ".join(("bold", _COLOURS.get(action, ""))).strip()
    out.print(f"\n[{style}]{clean(name)}[/] {clean(shown['label'])}{clean(why)}")
    for difference in shown["differences"] if leads_on else ():
        before, after = difference["before"], difference["after"]
        was = "" if before is None else f"{clean(_short(before, names))} → "
        line(out, f"    {difference['field']}: ", f"{was}{clean(_short(after, names))}")
    if shown.get("articles"):
        out.print(f"    articles: {shown['articles']:,} new")


def _short(value: object, names: Mapping[str, str]) -> str:
    """Tell a value in words, at most 80 characters of it."""
    text = in_words(value, names)
    return text if len(text) <= 80 else f"{text[:79]}…"
