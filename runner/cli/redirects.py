"""``migrate redirects``: lead old addresses to Zammad."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from runner import pipeline
from runner.cli.common import guarded, load_config
from runner.report import redirects, terminal


@guarded
def command(
    *,
    out: Annotated[Path, typer.Option("--out", help="Write the files into this folder.")] = Path(
        "redirects"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Write what was where and is where: a CSV table, and nginx rules for your custom domains.

    Kayako's own address dies with the account; a Help Center on a domain of your own can lead its
    old addresses to Zammad. Only what was moved is in the files; run it again after an apply. Ids
    and numbers stand in them, nothing about people.

    Example: [bold]migrate redirects --out redirects[/]
    """
    config = load_config()
    hosts = pipeline.kayako_addresses(config)
    with pipeline.reading_ledger(config) as ledger:
        number = redirects.write(
            out,
            chain(
                (redirects.article(*moved) for moved in pipeline.moved_articles(ledger)),
                (redirects.conversation(*moved) for moved in pipeline.moved_conversations(ledger)),
            ),
            hosts=hosts,
            zammad_url=config.zammad.url,
        )
    files = [str(out / name) for name in (redirects.CSV, redirects.MAPS, redirects.SERVER)]
    if as_json:
        terminal.print_json({"pages": number, "hosts": hosts, "files": files})
        return
    console = terminal.console()
    for file in files:
        console.print(f"  {terminal.clean(file)}")
    console.print(f"Pages: {number:,}, at {terminal.clean(', '.join(hosts))}")
    if not number:
        console.print("[yellow]Nothing was moved yet: run migrate apply first[/]")
