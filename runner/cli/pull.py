"""``migrate pull``: copy Kayako into the local snapshot."""

from __future__ import annotations

from dataclasses import asdict, is_dataclass
from typing import Annotated, Any

import typer

from runner.cli.common import guarded, load_config, stop_on_signals
from runner.pipeline import headers_and_bodies, snapshot_counts
from runner.pipeline.notes import body_notes, header_notes
from runner.report.progress import Reporter
from runner.report.terminal import clean, console, print_json


@guarded
def command(
    *,
    headers: Annotated[
        bool,
        typer.Option("--headers", help="Lists only: one request for 100 records, no messages."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Copy Kayako into the snapshot: lists first, then messages and files.

    Can be interrupted and run again. The second time it fetches only what changed, and marks what
    is gone. Kayako is only read.

    Example: [bold]migrate pull[/]
    """
    config = load_config()
    stop = stop_on_signals()
    errors = console(to_errors=True)
    with Reporter(errors) as reporter:
        report = headers_and_bodies(
            config,
            bodies=not headers,
            progress=reporter.pulled,
            stop=stop,
            connected=reporter.connect,
        )
    if as_json:
        document = {name: _plain(part) for name, part in report.items()}
        print_json({"snapshot": snapshot_counts(config), **document})
        return
    out = console()
    for name, row in report["headers"].lists.items():
        out.print(
            f"  {row.seen:>9,} {clean(name)}: {row.fresh:,} new or changed, {row.gone:,} gone"
        )
    bodies = report["bodies"]
    if bodies is not None:
        size = f"{bodies.file_bytes / 1e6:,.1f} MB"
        out.print(f"  {bodies.posts:>9,} messages of {bodies.read:,} conversations")
        out.print(f"  {bodies.files:>9,} files, {size}")
        out.print(f"  {bodies.originals:>9,} mails with their own Message-ID")
    for note in [*header_notes(report["headers"]), *body_notes(bodies)]:
        out.print(f"[yellow]{clean(note)}[/]")
    out.print(f"{report['requests']:,} requests to Kayako. Next: [bold]migrate plan[/]")


def _plain(part: Any) -> Any:
    return asdict(part) if is_dataclass(part) and not isinstance(part, type) else part
