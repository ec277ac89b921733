"""``migrate plan``: what would happen. Writes nothing to Zammad."""

from __future__ import annotations

from typing import Annotated

import typer

from runner.cli.common import guarded, load_config, stop_on_signals
from runner.cli.scope import LimitOption, OnlyOption, scope
from runner.engine.explain import ENTITIES
from runner.errors import UsageError
from runner.pipeline import make_plan
from runner.report import terminal
from runner.report.progress import Reporter


@guarded
def command(
    *,
    only: OnlyOption = None,
    limit: LimitOption = None,
    show: Annotated[
        int, typer.Option(min=0, help="Show so many samples of each kind, with their fields.")
    ] = 0,
    ids: Annotated[
        list[str] | None,
        typer.Option(
            "--id",
            metavar="KIND/ID",
            help="Plan this record alone and show its fields: case/1001, user/17, team/3,"
            " organization/5; can be repeated.",
        ),
    ] = None,
    pull: Annotated[
        bool, typer.Option("--pull", help="Read Kayako's lists again before planning.")
    ] = False,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="End with 10 when there are changes.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show what apply would do: created, updated, unchanged, skipped, failed, and what is dropped.

    Attributes that custom fields need in Zammad are listed too.

    Works on the snapshot; where there is none yet, Kayako's lists are read first. Zammad is only
    read, and where it cannot be reached the plan says so and goes on.

    Example: [bold]migrate plan --show 2[/], or [bold]migrate plan --id case/1001[/]
    """
    records = [_record(text) for text in ids or ()]
    config = load_config()
    wanted = scope(only, limit)
    stop = stop_on_signals()
    with Reporter(terminal.console(to_errors=True)) as reporter:
        made, unreachable = make_plan(
            config,
            wanted,
            show=show,
            pull=pull,
            records=records,
            progress=reporter.pulled,
            seen=reporter.seen,
            stop=stop,
        )
    if as_json:
        terminal.print_json({**made.as_json(), "target_unreachable": unreachable})
    else:
        terminal.plan(terminal.console(), made, unreachable)
    if detailed_exitcode and made.has_changes:
        raise typer.Exit(10)


def _record(text: str) -> tuple[str, str]:
    """Read ``case/1001``: Kayako's word for a kind of record, and its id there.

    Raises:
        UsageError: It is written otherwise, or there is no such kind.
    """
    word, _, number = text.partition("/")
    if word not in ENTITIES or not number:
        kinds = ", ".join(f"{kind}/ID" for kind in ENTITIES)
        raise UsageError(f"--id {text}: name a record as Kayako knows it", advice=f"one of {kinds}")
    return ENTITIES[word], number
