"""``migrate apply``: do what plan shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from runner.cli.common import confirm, guarded, load_config, stop_on_signals
from runner.cli.scope import LimitOption, OnlyOption, brake, scope
from runner.engine.remaining import Remaining
from runner.pipeline import run_apply
from runner.report import serving, terminal
from runner.report.progress import Reporter

if TYPE_CHECKING:
    from rich.console import Console


@guarded
def command(
    *,
    only: OnlyOption = None,
    limit: LimitOption = None,
    pull: Annotated[
        bool, typer.Option("--pull/--no-pull", help="Read what changed in Kayako first.")
    ] = True,
    serve: Annotated[
        str | None,
        typer.Option(
            "--serve",
            metavar="HOST:PORT",
            help="Show the run in a browser meanwhile, e.g. 127.0.0.1:8080.",
        ),
    ] = None,
    max_errors: Annotated[
        str | None,
        typer.Option(
            metavar="N|P%", help="Stop when more than so many records failed, or such a share."
        ),
    ] = None,
    max_duration: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Stop after that time, such as 90m or 6h; go on later."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Move what is not in Zammad yet, and write what changed in Kayako since the last time.

    Zammad goes into import mode and stays there until migrate finish: no mail leaves it, agents'
    answers included, so nobody may work in it. Can be interrupted and run again at any point.
    What was changed on both sides stays as it is in Zammad and is listed, and so is what Kayako
    has no more. Ends with 5 when single records failed, with 6 when --max-errors stopped it, with
    130 when it was interrupted or its time was over.

    With --serve a page shows counts, rate and the last problems until the run ends. It is
    read-only and under a secret address, which is printed; it is not encrypted, so keep to
    127.0.0.1 unless the network is yours.

    Example: [bold]migrate apply --max-errors 2% --max-duration 8h --serve 127.0.0.1:8080[/]
    """
    at = None if serve is None else serving.address(serve)
    config = load_config()
    wanted = scope(only, limit)
    stopping = brake(max_errors, max_duration)
    confirm(
        f"Write to {config.zammad.url}? Take a backup first; it goes into import mode, and nobody"
        " may work in it until migrate finish.",
        yes=yes,
    )
    stop = stop_on_signals()
    errors = terminal.console(to_errors=True)
    remaining = Remaining()
    reporting = Reporter(errors, remaining=remaining.seconds)
    with reporting as reporter, serving.watched(reporter, at, errors) as watcher:
        applied = run_apply(
            config,
            wanted,
            pull=pull,
            watcher=watcher,
            progress=watcher.pulled,
            stop=stop,
            brake=stopping,
            remaining=remaining,
        )
    result = applied.counts.as_import_job()
    if as_json:
        terminal.print_json(
            {
                "result": result,
                "wrote": applied.wrote,
                "notes": applied.notes,
                "conflicts": applied.conflicts,
                "gone": applied.gone,
            }
        )
    else:
        out = terminal.console()
        terminal.import_job(out, result)
        for note in applied.notes:
            out.print(f"[yellow]{terminal.clean(note)}[/]")
        terminal.gone(out, applied.gone)
        terminal.conflicts(out, applied.conflicts)
        _say_what_next(out, wrote=applied.wrote, failed=applied.counts.failed())
    if applied.counts.failed():
        raise typer.Exit(5)


def _say_what_next(out: Console, *, wrote: bool, failed: int) -> None:
    if failed:
        out.print(f"[red]{failed:,} failed[/]: see migrate status; apply again tries them again")
    if wrote:
        out.print(
            "[red bold]Zammad is in import mode: agents' mails vanish silently.[/]"
            " Nobody works in it until [bold]migrate finish[/]."
        )
    elif not failed:
        out.print("Nothing was written: Zammad has all of it.")
