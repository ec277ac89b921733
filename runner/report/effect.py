"""What an edit of a mapping changes, in a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.engine.effect import ARTICLES, HAPPENS
from runner.report.terminal import clean

if TYPE_CHECKING:
    from rich.console import Console

    from runner.engine.effect import Difference, Value

_ONE = {"groups": "group", "organizations": "organization", "users": "user", "tickets": "ticket"}


def effect(out: Console, differences: list[Difference]) -> None:
    """Print every difference: how many records, from what to what, three examples."""
    if not differences:
        out.print("This edit changes nothing.")
    for one in differences:
        if one.field == ARTICLES:
            out.print(f"{_count(one, one.records)}: messages differ, e.g. {_examples(one)}")
        elif one.is_told_by_pairs and all(_is_told(pair) for pair in one.pairs):
            for (before, after), number in one.pairs.most_common():
                same = [
                    source_id for source_id, *values in one.examples if values == [before, after]
                ]
                more = f", e.g. {', '.join(same)}" if same else ""
                now = f"now [bold]{clean(_said(after))}[/]"
                words = f"{_of(one)}{now} (before: {clean(_said(before))})"
                out.print(f"{_count(one, number)}: {words}{clean(more)}")
        else:
            out.print(f"{_count(one, one.records)}: {_of(one)}different, e.g.")
            for source_id, before, after in one.examples:
                out.print(f"  {clean(source_id)}: {clean(_said(before))} → {clean(_said(after))}")


def _of(one: Difference) -> str:
    """Name the field; what happens to a record needs no name."""
    return "" if one.field == HAPPENS else f"{clean(one.field)} is "


def _count(one: Difference, number: int) -> str:
    word = _ONE.get(one.entity, one.entity) if number == 1 else one.entity
    return f"{number:,} {clean(word)}"


def _examples(one: Difference) -> str:
    return clean(", ".join(source_id for source_id, *_ in one.examples))


def _is_told(pair: tuple[Value, Value]) -> bool:
    return not any(isinstance(value, int) for value in pair)


def _said(value: Value) -> str:
    if value is None:
        return "left out"
    return "long text" if isinstance(value, int) else str(value)
