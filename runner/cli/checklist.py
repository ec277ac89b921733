"""``migrate checklist``: who does what on which day."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from runner import pipeline
from runner.cli import questions
from runner.cli.common import guarded, load_config
from runner.errors import UsageError
from runner.report import terminal
from runner.report.page.words import LANGUAGES
from runner.report.runbook.filling import Occasion, runbook
from runner.report.runbook.markdown import markdown
from runner.report.runbook.page import page


@guarded
def command(
    *,
    go_live: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="The day on which your team starts in Zammad. Default: go_live of the config.",
        ),
    ] = None,
    language: Annotated[
        str, typer.Option("--language", "--lang", help=f"{' or '.join(LANGUAGES)}.")
    ] = "en",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Write it there: NAME.md is Markdown, NAME.html a page to print.",
        ),
    ] = None,
) -> None:
    """Write a dated runbook of the move, from the rehearsal until Kayako's account ends.

    It has your own figures, hosts, mailboxes and names, the commands to paste, how long they take,
    and boxes to tick. Asks nobody: what the copy of Kayako does not tell yet is listed as missing.
    Durations come from earlier runs where there are any.

    Example: [bold]migrate checklist --go-live 2026-12-05 --lang de --out runbook.html[/]
    """
    if language not in LANGUAGES:
        raise UsageError(
            f"--language {language}: there is no runbook in it",
            advice=f"one of {', '.join(LANGUAGES)}",
        )
    if out is not None and out.suffix not in {".md", ".html"}:
        raise UsageError(
            f"--out {out}: its name tells what is written", advice="end it with .md or .html"
        )
    today = _today()
    wanted = questions.a_date(go_live or "")
    config = load_config()
    day = wanted or config.go_live
    _not_over(day, today, "--go-live" if wanted else f"go_live in {config.file.name}")
    made = runbook(Occasion(config, pipeline.outline(config), day, today, language))
    if out is None:
        typer.echo(markdown(made), nl=False)
        return
    text = page(made) if out.suffix == ".html" else markdown(made)
    with pipeline.private_file(out) as file:
        file.write(text.encode())
    terminal.console().print(terminal.clean(out), soft_wrap=True)


def _today() -> date:
    return datetime.now().astimezone().date()


def _not_over(day: date | None, today: date, named: str) -> None:
    if day is not None and day < today:
        raise UsageError(
            f"{named}: {day} is over", advice="name the day that is to come: --go-live 2026-12-05"
        )
