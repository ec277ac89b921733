"""``migrate doctor``: are the copy and the ledgers sound, and what helps where they are not?"""

from __future__ import annotations

from typing import Annotated

import typer

from runner import pipeline
from runner.cli.common import guarded, load_config
from runner.report import doctor, terminal


@guarded
def command(
    *,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair", help="Put right what can be without losing anything; copies are kept."
        ),
    ] = False,
    deep: Annotated[
        bool,
        typer.Option("--deep", help="Read every file and message of the copy, not only sizes."),
    ] = False,
    target: Annotated[
        bool,
        typer.Option("--target", help="Also ask Zammad for some records of the ledger."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Look through ledgers, copy and workdir: what is wrong, what comes of it, what to do.

    Without --repair nothing is written. A repair never deletes what is known: a damaged ledger is
    kept beside the one that was saved from it, a damaged file beside the place where the next pull
    puts it. Ends with 0 when nothing is left to do, else with 12 (a store is damaged), 9 (Zammad is
    not the one of the ledger any more) or 11 (something to see to).

    Example: [bold]migrate doctor --deep --repair[/]
    """
    examined = pipeline.run_doctor(load_config(), repair=repair, deep=deep, target=target)
    if as_json:
        terminal.print_json(examined.as_json())
    else:
        doctor.show(terminal.console(), examined, deep=deep, repair=repair)
    raise typer.Exit(examined.exit_code)
