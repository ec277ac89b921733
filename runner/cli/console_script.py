"""``migrate console-script``: Ruby for what no request can set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from runner import pipeline
from runner.cli.common import guarded, load_config
from runner.report import next_steps, terminal
from runner.report.progress import Reporter


@guarded
def command(
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Where to write the two files. Default: console-script in the workdir.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Write a script for Zammad's Rails console that sets what its REST API cannot.

    Who opened and who changed each ticket, who wrote each article, dates and authors of time
    entries, dates of attachments, how many tickets a customer has, and with exact_updated_at:
    console the date of the last change. Without it tickets are complete, but show the migration
    user as their creator. Works from ledger and snapshot, asks nobody, and holds no secret.

    The script first shows what it would change. It refuses another Zammad and tickets that are not
    ours, and leaves what people changed since.

    Example: [bold]migrate console-script --out console[/]
    """
    config = load_config()
    with Reporter(terminal.console(to_errors=True)) as reporter:
        made = pipeline.make_console_script(config, out, progress=reporter.pulled)
    if as_json:
        terminal.print_json(
            {
                "script": str(made.script),
                "data": str(made.data),
                "tickets": made.tickets,
                "articles": made.articles,
                "unfinished": made.unfinished,
                "hosted": next_steps.is_hosted(config.zammad.url),
            }
        )
        return
    next_steps.show(terminal.console(), made, config.zammad.url)
