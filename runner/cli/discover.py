"""``migrate discover``: write what is particular to this helpdesk into the mapping files."""

from __future__ import annotations

from collections import defaultdict
from typing import Annotated

import typer

from runner.cli.common import guarded, load_config, stop_on_signals
from runner.pipeline import run_discover
from runner.report import terminal
from runner.report.progress import Reporter


@guarded
def command(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be added.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Add your own labels, teams, leavers and fields to the mapping files, with how often each is.

    Everything is added as it is decided already: a label that is dropped is listed as dropped, what
    needs your decision as a comment. Comments and order stay; a second run adds only what is new.
    Where nothing was pulled yet, Kayako's lists are read first.

    Example: [bold]migrate discover --dry-run[/]
    """
    config = load_config()
    stop = stop_on_signals()
    with Reporter(terminal.console(to_errors=True)) as reporter:
        added = run_discover(config, write=not dry_run, progress=reporter.pulled, stop=stop)
    if as_json:
        rows = [{"file": one.file, "key": one.key, "lines": one.lines} for one in added]
        terminal.print_json({"added": rows, "written": not dry_run})
        return
    out = terminal.console()
    by_file = defaultdict(list)
    for one in added:
        by_file[one.file].append(one)
    for file, additions in by_file.items():
        out.print(f"[bold]{terminal.clean(config.mappings.name)}/{terminal.clean(file)}[/]")
        for one in additions:
            for line in one.lines:
                out.print(f"  [green]+[/] {terminal.clean(line)}")
    if not added:
        out.print("Nothing new: the mapping files name all of it.")
    elif dry_run:
        out.print("\nNothing was written. To do it: [bold]migrate discover[/]")
    else:
        out.print("\nRead what was added, decide, then: [bold]migrate plan[/]")
