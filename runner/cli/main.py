"""``migrate``: the command line."""

from __future__ import annotations

import re
import sys
from inspect import cleandoc
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from runner import __version__
from runner.cli import (
    apply,
    check,
    checklist,
    console_script,
    demo,
    discover,
    doctor,
    erase,
    explain,
    finish,
    init,
    plan,
    pull,
    purge,
    redirects,
    report,
    reset,
    sample,
    sandbox,
    status,
    try_template,
    validate,
    verify,
)
from runner.cli.common import remember_config_option

_SOFT_END = re.compile(r"\n(?!\s|Example)")
"""The end of a line that goes on; a list and an example begin on their own."""

PREPARE, RUN, INSPECT, CARE, TRY = "Prepare", "Run", "Inspect", "Care", "Try"

app = typer.Typer(
    name="migrate",
    help=(
        "Move a whole helpdesk from Kayako to Zammad: declared in YAML, planned first, "
        "repeatable, removable.\n\n"
        "The usual way: init, check, validate, pull, plan, apply, verify, finish."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

_VERBS = (
    ("init", init.command, PREPARE),
    ("check", check.command, PREPARE),
    ("validate", validate.command, PREPARE),
    ("discover", discover.command, PREPARE),
    ("pull", pull.command, RUN),
    ("plan", plan.command, RUN),
    ("apply", apply.command, RUN),
    ("finish", finish.command, RUN),
    ("verify", verify.command, INSPECT),
    ("sample", sample.command, INSPECT),
    ("explain", explain.command, INSPECT),
    ("try", try_template.command, PREPARE),
    ("status", status.command, INSPECT),
    ("report", report.command, INSPECT),
    ("checklist", checklist.command, INSPECT),
    ("console-script", console_script.command, CARE),
    ("redirects", redirects.command, CARE),
    ("doctor", doctor.command, CARE),
    ("reset", reset.command, CARE),
    ("erase", erase.command, CARE),
    ("purge", purge.command, CARE),
    ("demo", demo.command, TRY),
    ("sandbox", sandbox.command, TRY),
)


def flowing(text: str) -> str:
    """Return a docstring with a line a paragraph: else help breaks where our source lines end."""
    paragraphs = cleandoc(text).split("\n\n")
    return "\n\n".join(_SOFT_END.sub(" ", paragraph) for paragraph in paragraphs)


for _name, _command, _panel in _VERBS:
    app.command(_name, help=flowing(_command.__doc__ or ""), rich_help_panel=_panel)(_command)


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"migrate {__version__}")
        raise typer.Exit


@app.callback()
def options(
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            "-c",
            help="The config file. Else the one that MIGRATE_CONFIG names, else config.yaml.",
        ),
    ] = None,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Keep what stands before the verb."""
    remember_config_option(config)


def config_first(arguments: list[str]) -> list[str]:
    """Put ``-c FILE`` before the verb wherever it stands: people write it behind, too."""
    found: list[str] = []
    rest: list[str] = []
    remaining = iter(arguments)
    for argument in remaining:
        if argument in {"-c", "--config"}:
            found += [argument, *islice(remaining, 1)]
        elif argument.startswith("--config="):
            found.append(argument)
        else:
            rest.append(argument)
    return [*found, *rest]


def main() -> None:
    """Run the command line."""
    app(config_first(sys.argv[1:]))
