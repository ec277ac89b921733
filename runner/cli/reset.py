"""``migrate reset``: a fresh start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from runner import pipeline
from runner.cli.common import confirm, guarded, load_config, stop_on_signals, this_command
from runner.report import terminal
from runner.report.progress import Reporter

if TYPE_CHECKING:
    from rich.console import Console

    from runner.engine.reset import Removal


@guarded
def command(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List what would be removed, and stop.")
    ] = False,
    discard_changes: Annotated[
        bool,
        typer.Option(
            "--discard-changes", help="Remove tickets too that were answered in Zammad since."
        ),
    ] = False,
    state_only: Annotated[
        bool,
        typer.Option("--state-only", help="Forget what was done; Zammad stays as it is."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Remove from Zammad what this program created; what was there before stays.

    Goes through the ledger backwards. Records that were adopted get back what they were. The
    snapshot of Kayako stays, so the next apply needs no new pull.

    Example: [bold]migrate reset --dry-run[/]
    """
    config = load_config()
    out, errors = terminal.console(), terminal.console(to_errors=True)
    outlook = pipeline.reset_outlook(config)
    if dry_run:
        _print(out, outlook, future=True, as_json=as_json)
        return
    if state_only:
        confirm("Forget all that was done? Zammad keeps it, and is not told.", yes=yes)
        pipeline.forget(config)
        _say_forgotten(out, outlook, as_json=as_json)
        return
    terminal.removal(errors, outlook, future=True)
    confirm(f"Remove this from {config.zammad.url}?", yes=yes)
    stop = stop_on_signals()
    with Reporter(errors) as reporter:
        removal = pipeline.run_reset(
            config,
            discard_changes=discard_changes,
            tell=reporter.say,
            progress=reporter.pulled,
            stopped=stop.is_set,
            connected=reporter.connect,
        )
    _print(out, removal, future=False, as_json=as_json)
    if stop.is_set():
        errors.print(f"to go on: [bold]{terminal.clean(this_command())}[/]")
        raise typer.Exit(130)
    if removal.remains:
        raise typer.Exit(5)


def _say_forgotten(out: Console, outlook: Removal, *, as_json: bool) -> None:
    if as_json:
        terminal.print_json({"forgotten": outlook.removed})
    else:
        terminal.forgotten(out, outlook.removed)


def _print(out: Console, removal: Removal, *, future: bool, as_json: bool) -> None:
    if as_json:
        terminal.print_json(
            {
                "removed": removal.removed,
                "restored": removal.restored,
                "remains": removal.remains,
                "console": removal.console(),
            }
        )
    else:
        terminal.removal(out, removal, future=future)
