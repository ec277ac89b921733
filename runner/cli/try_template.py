"""``migrate try``: what a template writes for one record, before it stands in a mapping."""

from __future__ import annotations

from typing import Annotated

import typer

from runner.cli.common import guarded, load_config
from runner.errors import UsageError
from runner.pipeline import try_template
from runner.report import terminal


@guarded
def command(
    template: Annotated[str, typer.Argument(help="The template, in quotes.", show_default=False)],
    *,
    case: Annotated[str | None, typer.Option(help="On this conversation.")] = None,
    post: Annotated[str | None, typer.Option(help="On this message of the conversation.")] = None,
    user: Annotated[str | None, typer.Option(help="On this user.")] = None,
    organization: Annotated[str | None, typer.Option(help="On this organization.")] = None,
    team: Annotated[str | None, typer.Option(help="On this team.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Write a template for one record of the snapshot and print the result; nothing is changed.

    Example: [bold]migrate try '{{ subject | upper }}' --case 123[/]
    """
    given = {"case": case, "user": user, "organization": organization, "team": team}
    named = [(word, number) for word, number in given.items() if number is not None]
    if len(named) != 1:
        raise UsageError("name one record", advice="such as --case 123")
    word, number = named[0]
    if post is not None and word != "case":
        raise UsageError("--post goes with --case", advice="such as --case 123 --post 456")
    written = try_template(load_config(), template, word, number, post)
    if as_json:
        terminal.print_json({"written": written})
    else:
        terminal.console().print(terminal.clean(written) or "[dim](empty)[/]")
