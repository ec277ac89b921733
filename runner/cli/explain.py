"""``migrate explain``: one record, from Kayako through every rule to Zammad."""

from __future__ import annotations

from typing import Annotated

import typer

from runner.cli.common import guarded, load_config
from runner.engine.explain import ENTITIES
from runner.errors import UsageError
from runner.mapping.load import load_mappings
from runner.pipeline import explain_record
from runner.report import terminal
from runner.report.explanation import explanation


@guarded
def command(
    kind: Annotated[
        str | None, typer.Argument(help=f"What: {', '.join(ENTITIES)}.", show_default=False)
    ] = None,
    number: Annotated[
        str | None, typer.Argument(help="Its id in Kayako.", metavar="ID", show_default=False)
    ] = None,
    *,
    ticket: Annotated[
        int | None, typer.Option(help="From the other side: the id of a ticket in Zammad.")
    ] = None,
    post: Annotated[
        str | None, typer.Option(help="Also show the rules at work on this message of the case.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show one record: the source, each rule with what it read and wrote, and what apply would do.

    Works on the snapshot; Zammad is asked for the record as it is now, and only read.

    Example: [bold]migrate explain case 123[/], or [bold]migrate explain --ticket 456[/]
    """
    word, record_id = _named(kind, number, ticket)
    config = load_config()
    found, unreachable = explain_record(config, word, record_id, by_ticket=ticket is not None)
    if post is not None and post not in {str(article.post["id"]) for article in found.articles}:
        raise UsageError(
            f"--post {post}: {word} {found.change.source_id} has no such post",
            advice="leave --post, and they are listed",
        )
    if as_json:
        terminal.print_json({**found.as_json(), "target_unreachable": unreachable})
        return
    out = terminal.console()
    explanation(out, found, load_mappings(config.mappings), post=post)
    if unreachable:
        out.print(f"[yellow]{terminal.clean(unreachable)}[/]")


def _named(kind: str | None, number: str | None, ticket: int | None) -> tuple[str, str]:
    """Return what is asked for: Kayako's word for it, and its id there (or the ticket's).

    Raises:
        UsageError: Nothing is named, or something that there is not.
    """
    example = "migrate explain case 123, or migrate explain --ticket 456"
    if ticket is not None:
        if kind is not None:
            raise UsageError("--ticket stands alone", advice=example)
        return "case", str(ticket)
    if kind is None or number is None:
        raise UsageError("name a record", advice=example)
    if kind not in ENTITIES:
        raise UsageError(
            f"{kind}: there is no such kind of record", advice=f"one of {', '.join(ENTITIES)}"
        )
    return kind, number
