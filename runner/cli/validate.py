"""``migrate validate``: are config and mappings without mistakes? Asks neither system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from runner.cli.common import config_path, guarded, load_config
from runner.errors import InvalidFiles
from runner.mapping.load import load_mappings
from runner.pipeline import all_doubts
from runner.report import problems
from runner.report.terminal import clean, console, print_json

if TYPE_CHECKING:
    from runner.config.model import Config
    from runner.mapping.model import Mappings


@guarded
def command(
    *,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help="Refuse what is only doubtful, too: fields that nobody decided on, unused tables.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Check the config file and every mapping file; all mistakes at once, each with its place.

    Ends with 3 when there is a mistake. Neither Kayako nor Zammad is asked; once something was
    pulled, names on Kayako's side of the tables are looked up in the snapshot.

    Example: [bold]migrate validate[/], or [bold]migrate validate --strict[/]
    """
    config, mappings = _loaded()
    found = all_doubts(config, mappings)
    if strict and found:
        raise InvalidFiles(found)
    entities, vocabularies = list(mappings.entities), list(mappings.vocabularies)
    if as_json:
        print_json(
            {
                "entities": entities,
                "vocabularies": vocabularies,
                "problems": [],
                "doubts": problems.as_json(found),
            }
        )
        return
    out = console()
    for doubt in found:
        out.print(f"[yellow]note[/] {clean(doubt)}\n  → {clean(doubt.advice)}")
    out.print(
        f"[green]ok[/]: {config.file.name}, {len(entities)} mappings ({', '.join(entities)})"
        f" and {len(vocabularies)} vocabularies ({', '.join(vocabularies)})"
    )


def _loaded() -> tuple[Config, Mappings]:
    """Read config and mappings; mistakes of the one do not hide those of the other.

    Raises:
        InvalidFiles: With the mistakes of both.
    """
    try:
        config = load_config()
    except InvalidFiles as error:
        # Where the mappings are the config cannot say any more: they are where they usually are.
        folder = config_path().parent / "mappings"
        if not folder.is_dir():
            raise
        try:
            load_mappings(folder)
        except InvalidFiles as more:
            raise InvalidFiles([*error.problems, *more.problems]) from None
        raise
    return config, load_mappings(config.mappings)
