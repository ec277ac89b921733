"""``migrate report``: what was done, for people who were not there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from runner import pipeline
from runner.cli.common import guarded, load_config
from runner.errors import UsageError
from runner.report import sheets, terminal
from runner.report.figures import outlook
from runner.report.figures.collect import collect
from runner.report.page.render import page
from runner.report.page.words import LANGUAGES


@guarded
def command(
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write the page there. Default: reports/ in the workdir."),
    ] = None,
    language: Annotated[
        str, typer.Option("--language", help=f"Language of the page: {' or '.join(LANGUAGES)}.")
    ] = "en",
    csv: Annotated[
        Path | None,
        typer.Option(
            "--csv", metavar="DIR", help="Also write a CSV file for each kind of record there."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Write one HTML page: what moved, what did not and why, what verify found, what comes next.

    Its last page is a certificate that can be printed alone. The page needs no network and runs
    no script. It counts, and names the first records of each list; the CSV files name all, with
    subjects and names: keep them as you keep the tickets. Works from ledger and snapshot, asks
    nobody.

    Example: [bold]migrate report --language de --csv sheets[/]
    """
    if language not in LANGUAGES:
        raise UsageError(
            f"--language {language}: not a language of the report",
            advice=f"one of {', '.join(LANGUAGES)}",
        )
    config = load_config()
    file = out or pipeline.report_file(config, language)
    with pipeline.report_material(config) as made:
        figures = collect(
            made.ledger,
            made.snapshot,
            sources=made.sources,
            zammad_url=config.zammad.url,
            verification=made.verification,
            sample=made.sample,
        )
        with pipeline.private_file(file) as target:
            for piece in page(figures, language):
                target.write(piece.encode())
        sheets_made = []
        if csv is not None:
            sheets_made = sheets.write(csv, made.ledger, made.snapshot, made.sources)
    if as_json:
        terminal.print_json(
            {
                "report": str(file),
                "csv": [str(path) for path in sheets_made],
                "verdict": outlook.verdict(figures),
            }
        )
        return
    console = terminal.console()
    for path in (file, *sheets_made):
        console.print(terminal.clean(path), soft_wrap=True)
