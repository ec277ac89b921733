"""What verify found, for a terminal: the summary first, then the differences."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.table import Table

from runner.engine.verified import DIMENSIONS, MEANINGS, Kind
from runner.report.terminal import clean, named

if TYPE_CHECKING:
    from rich.console import Console

    from runner.engine.verified import Deviation, Verified

MOST_SHOWN = 50
_WORDS = ("wanted", "there", "checked", "skipped", "failed", "gone", "not ours")
_TITLES = {"by_team": "Tickets by team", "by_state": "by state", "by_month": "by month of creation"}


def show(out: Console, verified: Verified) -> None:
    """Print a verification."""
    how = "all conversations"
    if verified.sample is not None:
        how = f"a sample of {verified.sample:,} conversations"
    out.print(f"[bold]Verify[/] of {clean(verified.target)}, {how}")
    _counts(out, verified)
    for dimension in DIMENSIONS:
        _values(out, _TITLES[dimension], verified.tickets[dimension])
    told = {what: number for what, number in verified.told.items() if number}
    for what, number in told.items():
        out.print(f"{number:>9,} {clean(what)}")
    if verified.ok:
        out.print("\n[green]Zammad is as it should be.[/]")
        return
    out.print(f"\n[red bold]{verified.total:,} differences[/]")
    for kind, number in sorted(verified.kinds.items(), key=lambda item: -item[1]):
        out.print(f"{number:>9,} {kind}: {MEANINGS[Kind(kind)]}")
    out.print("")
    for deviation in verified.deviations[:MOST_SHOWN]:
        out.print(f"  {_line(deviation)}")
    if verified.total > MOST_SHOWN:
        out.print(f"  … and {verified.total - MOST_SHOWN:,} more (--json lists them)")


def _counts(out: Console, verified: Verified) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 1))
    table.add_column("", no_wrap=True)
    for word in _WORDS:
        table.add_column(word, justify="right")
    for entity, words in verified.counts.items():
        cells = {word: f"{words[word]:,}" for word in _WORDS}
        cells["checked"] = f"{verified.checked[entity]:,}"
        if words["wanted"] != words["there"]:
            cells["there"] = f"[red]{cells['there']}[/]"
        if words["failed"]:
            cells["failed"] = f"[yellow]{cells['failed']}[/]"
        table.add_row(named(entity), *cells.values())
    for part in ("articles", "attachments", "time_entries"):
        title = part.capitalize().replace("_", " ")
        table.add_row(title, "", "", f"{verified.checked[part]:,}", "", "", "", "")
    out.print(table)


def _values(out: Console, title: str, values: dict[str, list[int]]) -> None:
    """Print how many tickets each value has; where all are right, in one line."""
    wrong = {value: pair for value, pair in sorted(values.items()) if pair[0] != pair[1]}
    right = sum(pair[0] for value, pair in values.items() if value not in wrong)
    agree = len(values) - len(wrong)
    out.print(f"{title}: {agree:,} of {len(values):,} numbers agree ({right:,} tickets)")
    for value, (wanted, there) in wrong.items():
        out.print(f"  [red]{clean(value)}[/]: {wanted:,} wanted, {there:,} there")


def _line(deviation: Deviation) -> str:
    name = f"{deviation.entity}/{deviation.source_id}".removesuffix("/")
    if deviation.target_id is not None:
        name += f" (Zammad id {deviation.target_id})"
    text = f"[bold]{clean(name)}[/] {clean(deviation.field)}: [red]{deviation.kind}[/]"
    pair = []
    if deviation.wanted is not None:
        pair.append(f"wanted {clean(_short(deviation.wanted))}")
    if deviation.there is not None:
        pair.append(f"there {clean(_short(deviation.there))}")
    return f"{text}, {'; '.join(pair)}" if pair else text


def _short(value: Any) -> str:
    if isinstance(value, dict) and "ref" in value:
        text = str(value["ref"])
    elif isinstance(value, dict) and value.get("name") is not None:
        text = str(value["name"])
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:79]}…"
