"""A plan in the terminal, from the top down: the user's data, counts, lists, samples, what next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from runner.engine.change import Action
from runner.report.budget import budget
from runner.report.plan_lists import lists
from runner.report.plan_opening import opening
from runner.report.samples import sample
from runner.report.terminal import clean, named, outside_scope

if TYPE_CHECKING:
    from rich.console import Console

    from runner.engine.plan import Plan


def show(out: Console, made: Plan, unreachable: str | None, *, everything: bool = False) -> None:
    """Print a plan.

    Args:
        out: Where to.
        made: The plan.
        unreachable: Why Zammad could not be looked at, None where it could.
        everything: Name every adopted record instead of the first few.
    """
    where = made.target or "Zammad (not reached: adoptions are not known)"
    out.print(f"[bold]Plan[/] for {clean(where)}, go-live {made.go_live}")
    if unreachable:
        out.print(f"[yellow]{clean(unreachable)}[/]")
    opening(out, made)
    _counts(out, made)
    outside_scope(out, made.outside_scope, made.scope)
    lists(out, made, everything=everything)
    for title, samples in made.samples.items():
        for one in samples:
            sample(out, title, one, made.names)
    if made.budget is not None:
        budget(out, made.budget)
    _ending(out, made)


def _counts(out: Console, made: Plan) -> None:
    narrow = out.is_terminal and out.width < 80
    table = Table(box=None, pad_edge=False, padding=(0, 1 if narrow else 2))
    table.add_column("", no_wrap=True)
    for action in Action:
        table.add_column(action, justify="right", no_wrap=True)
    for entity, words in made.actions.items():
        if words.total():
            table.add_row(named(entity), *(_cell(action, words[action]) for action in Action))
    articles = made.articles
    if articles["create"] or articles["skip"]:
        table.add_row("Articles", f"{articles['create']:,}", "", "", f"{articles['skip']:,}", "")
    times = made.time_entries
    if times.total():
        table.add_row("Time entries", *(_cell(action, times[action]) for action in Action))
    out.print(table)


def _cell(action: Action, number: int) -> str:
    return f"[red]{number:,}[/]" if action is Action.FAIL and number else f"{number:,}"


def _ending(out: Console, made: Plan) -> None:
    if not made.has_changes:
        out.print(f"\nNothing to do: Zammad has all of {'this part' if made.scope else 'it'}.")
    elif made.target is None:
        out.print("\nNothing was written. Zammad has to be reachable for [bold]migrate apply[/].")
    else:
        how = " with the same options" if made.scope else ""
        out.print(f"\nNothing was written. To do it: [bold]migrate apply[/]{how}")
