"""``migrate verify``: is everything in Zammad, and as it should be? Changes nothing there."""

from __future__ import annotations

from typing import Annotated

import typer

from runner.cli.common import guarded, load_config, stop_on_signals
from runner.pipeline import keep_verification, run_verify
from runner.report import terminal, verification
from runner.report.progress import Reporter


@guarded
def command(
    *,
    sample: Annotated[
        int | None,
        typer.Option(
            min=1, help="Compare so many conversations, spread over all. Default: every one."
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(help="Which ones a sample takes: another number takes other ones.")
    ] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Read Zammad back and compare it with Kayako's snapshot and the mappings as they are now.

    Counts per kind of record, team, state and month; every group, organization and user field by
    field; every conversation with its references, tags, messages and files (each is downloaded
    and its sha256 compared). What finish writes is not due before it. Articles that agents wrote
    in Zammad are told, what they changed is a difference. Ends with 11 when there are any. The
    result is kept for migrate report.

    Example: [bold]migrate verify --sample 500[/]
    """
    config = load_config()
    stop = stop_on_signals()
    with Reporter(terminal.console(to_errors=True)) as reporter:
        verified = run_verify(
            config,
            sample=sample,
            seed=seed,
            progress=reporter.pulled,
            stop=stop,
            connected=reporter.connect,
        )
    if as_json:
        terminal.print_json(verified.as_json())
    else:
        verification.show(terminal.console(), verified)
    keep_verification(config, verified)
    if not verified.ok:
        raise typer.Exit(11)
