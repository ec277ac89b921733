"""What is in Zammad already, in words: what people did to it, how long it takes to remove it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.engine.drift import WHAT_APPLY_DOES
from runner.report.losses import counted
from runner.report.terminal import clean

if TYPE_CHECKING:
    from rich.console import Console

    from runner.engine.drift import Drift
    from runner.engine.reset_time import ResetTime

_SHOWN = 20


def drift(out: Console, found: Drift) -> None:
    """Print counts, what apply would do with each, and the first records by name."""
    looked_at = ", ".join(counted(number, what) for what, number in found.looked_at.items())
    if not found.counts:
        out.print(f"\nAs it was written: {clean(looked_at or 'nothing was moved yet')}")
        return
    out.print(f"\n[bold]Changed in Zammad since[/] (looked at {clean(looked_at)})")
    for (entity, what), number in sorted(found.counts.items()):
        out.print(f"  {clean(counted(number, entity))} {what}: {WHAT_APPLY_DOES[what]}")
    for row in found.rows[:_SHOWN]:
        fields = f": {', '.join(row['fields'])}" if row["fields"] else ""
        name = f"{row['entity']}/{row['source_id']} (id {row['target_id']}) {row['label']}"
        out.print(f"    {row['what']}: {clean(name)}{clean(fields)}")
    more = found.counts.total() - _SHOWN
    if more > 0:
        out.print(f"    … and {more:,} more (--json lists them)")


def reset_time(out: Console, found: ResetTime) -> None:
    """Print how long it would take to remove what was moved."""
    minutes = round(found.seconds / 60)
    how = "as fast as earlier runs wrote" if found.measured else "a write taken for 80 ms"
    words = f"about {counted(minutes, 'minutes')}, {how}" if minutes else "less than a minute"
    out.print(
        f"\n[dim]To remove what is there (migrate reset): {counted(found.requests, 'requests')},"
        f" {words}[/]"
    )
