"""``migrate pull``: copy Kayako into the local snapshot."""

from __future__ import annotations

from dataclasses import asdict, is_dataclass
from typing import Annotated, Any

import typer

from runner.cli.common import guarded, load_config, stop_on_signals
from runner.pipeline import headers_and_bodies, snapshot_counts
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
        report = headers_and_bodies(config, bodies=not headers, progress=reporter.pulled, stop=stop)
    counts = snapshot_counts(config) or {}
    if as_json:
        print_json({"snapshot": counts, **{name: _plain(part) for name, part in report.items()}})
        return
    out = console()
    for name, number in counts.items():
        out.print(f"  {number if isinstance(number, str) else f'{number:,}':>9} {clean(name)}")
    for name, part in report.items():
        for key, value in _plain(part).items() if is_dataclass(part) else ():
            if value:
                out.print(f"  {name}, {key.replace('_', ' ')}: {clean(value)}")
    out.print(f"{report['requests']:,} requests to Kayako. Next: [bold]migrate plan[/]")


def _plain(part: Any) -> Any:
    return asdict(part) if is_dataclass(part) and not isinstance(part, type) else part
