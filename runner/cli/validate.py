"""``migrate validate``: are config and mappings without mistakes? Asks neither system."""

from __future__ import annotations

from typing import Annotated

import typer

from runner.cli.common import guarded, load_config
from runner.mapping.load import load_mappings
from runner.report.terminal import console, print_json


@guarded
def command(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Check the config file and every mapping file; all mistakes at once, each with its place.

    Ends with 3 when there is a mistake. Neither Kayako nor Zammad is asked.

    Example: [bold]migrate validate[/]
    """
    config = load_config()
    mappings = load_mappings(config.mappings)
    entities, vocabularies = list(mappings.entities), list(mappings.vocabularies)
    if as_json:
        print_json({"entities": entities, "vocabularies": vocabularies, "problems": []})
        return
    console().print(
        f"[green]ok[/]: {config.file.name}, {len(entities)} mappings ({', '.join(entities)})"
        f" and {len(vocabularies)} vocabularies ({', '.join(vocabularies)})"
    )
