"""What ``migrate doctor`` found, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.ailment import Grade
from runner.report.terminal import clean

if TYPE_CHECKING:
    from rich.console import Console

    from runner.ailment import Ailment
    from runner.pipeline.doctoring import Examined

_MARKS = {
    Grade.DAMAGE: "[red]damage[/]",
    Grade.STALE: "[red]stale[/]",
    Grade.CARE: "[yellow]note[/]",
}


def show(out: Console, examined: Examined, *, deep: bool, repair: bool) -> None:
    """Print every finding with what comes of it and what to do, and a last line that sums up."""
    if examined.busy:
        out.print(f"A run is under way ({clean(examined.busy)}): what it has begun is no finding.")
    for ailment in examined.ailments:
        _finding(out, ailment)
    left = sum(not ailment.is_healed for ailment in examined.ailments)
    counts = ", ".join(f"{number:,} {name}" for name, number in examined.looked_at.items())
    out.print(f"Looked at: {counts or 'nothing, there is no workdir yet'}")
    if left:
        helps = sum(one.repair is not None and not one.repaired for one in examined.ailments)
        more = "" if repair or not helps else f"; [bold]--repair[/] helps with {helps:,}"
        out.print(f"[yellow]Left to see to: {left:,}[/]{more}")
        return
    healed = f", {len(examined.ailments):,} put right" if examined.ailments else ""
    looked = "" if deep else " (contents of files only with [bold]--deep[/])"
    out.print(f"[green]Healthy[/]{healed}{looked}")


def _finding(out: Console, ailment: Ailment) -> None:
    mark = "[green]healed[/]" if ailment.is_healed else _MARKS[ailment.grade]
    out.print(f"{mark} {clean(ailment.kind)}: {clean(ailment.what)}")
    out.print(f"  where: {clean(ailment.where)}")
    out.print(f"  harm:  {clean(ailment.harm)}")
    if ailment.repaired:
        out.print(f"  done:  {clean(ailment.repaired)}")
    if not ailment.is_healed:
        out.print(f"  → {clean(ailment.then if ailment.repaired else ailment.advice)}")
