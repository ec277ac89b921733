"""``migrate purge``: take the working files away for good."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from runner import pipeline
from runner.cli.common import confirm, guarded, load_config
from runner.errors import UsageError
from runner.report import terminal


@guarded
def command(
    *,
    after: Annotated[
        str | None,
        typer.Option(
            "--after", help="Only if the last run ended so many days ago, like 90d; for cron."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List what would be removed, and stop.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Remove the copy of Kayako, the ledgers, plans, reports and logs from your disk.

    Zammad keeps everything. Afterwards reset, verify and moving what changed are not possible any
    more, for this program knows nothing of what it did. Files in the workdir that are not ours
    stay, and so does what symbolic links point to. docs/data-protection.md lists the files.

    Example: [bold]migrate purge --after 90d --yes[/]
    """
    days = None if after is None else _days(after)
    config = load_config()
    found = pipeline.purge_outlook(config)
    waits = None if days is None else pipeline.due(config, days)
    removed = pipeline.Purged(left=found.strangers)
    if waits is None and not dry_run:
        confirm(
            f"Remove {len(found.files):,} files ({found.size / 1e6:,.1f} MB) from {config.workdir}?"
            " The copy of Kayako and the record of what was done go for good: reset, verify and"
            " moving later changes become impossible.",
            yes=yes or not found.files,
        )
        removed = pipeline.run_purge(config)
    day = None if waits is None else f"{waits:%Y-%m-%d}"
    if as_json:
        terminal.print_json(
            {
                "removed": removed.files,
                "bytes": removed.size,
                "left": removed.left,
                "due": day,
                "found": found.files if dry_run else [],
            }
        )
        return
    out = terminal.console()
    for path in found.files if dry_run else ():
        out.print(f"  {terminal.clean(path)}")
    if day is not None:
        out.print(f"Nothing was removed: the last run is to rest {days} days, until {day}")
    elif dry_run:
        out.print(f"Files that would be removed: {len(found.files):,}, from {config.workdir}")
    else:
        out.print(f"Files removed: {removed.files:,} ({removed.size / 1e6:,.1f} MB)")
    for path in removed.left[:50]:
        out.print(f"[yellow]not ours, left alone:[/] {terminal.clean(config.workdir / path)}")


def _days(text: str) -> int:
    match = re.fullmatch(r"([0-9]{1,5})d?", text.strip())
    if match is None:
        raise UsageError(f"--after {text}: that is no number of days", advice="write it as 90d")
    return int(match[1])
