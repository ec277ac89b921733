"""``migrate status``: where things stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from runner import pipeline
from runner.cli.common import guarded, load_config
from runner.engine import failures
from runner.errors import UsageError
from runner.report import sampled, terminal
from runner.report.failures import failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from rich.console import Console

    from runner.pipeline import Sample


@guarded
def command(
    *,
    notes: Annotated[
        bool,
        typer.Option("--notes", help="List what was not carried over as it was, record by record."),
    ] = False,
    failed: Annotated[
        bool,
        typer.Option(
            "--failed",
            help="List all records that failed, each with its last request, the answer, how often"
            " it was tried and what to do.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show the result of the last apply in the words of Zammad's ImportJob, and what failed.

    Example: [bold]migrate status --notes[/], or [bold]migrate status --failed[/]
    """
    if notes and failed:
        raise UsageError("--notes and --failed are two lists", advice="ask for one of them")
    config = load_config()
    if failed:
        rows, last = pipeline.ledger_failures(config), "failed; put right what they name"
        _print_rows("failed", rows, _failed, f"{last} and run migrate apply again", as_json=as_json)
        return
    if notes:
        _print_rows("notes", pipeline.ledger_notes(config), _note, "notes", as_json=as_json)
        return
    standing = pipeline.status(config)
    sample = pipeline.kept_sample(config)
    if as_json:
        seen = None if sample is None else sample.as_json()
        terminal.print_json({**standing, "sample": seen})
        return
    _print_standing(terminal.console(), standing, sample)


def _print_standing(out: Console, standing: Mapping[str, Any], sample: Sample | None) -> None:
    out.print(f"Target: {terminal.clean(standing['target'])}")
    snapshot = standing["snapshot"]
    if snapshot is None:
        out.print("Snapshot: none yet ([bold]migrate pull[/])")
    else:
        numbers = ", ".join(
            f"{snapshot[name]:,} {name}" for name in snapshot if name != "pulled_at"
        )
        when = snapshot["pulled_at"] or "not to its end yet ([bold]migrate pull[/])"
        out.print(f"Snapshot: {numbers}, pulled {when}")
    if standing["started_at"] is None:
        out.print("Apply: not run yet")
        return
    _print_target(out, standing)
    ended = f"ended {standing['finished_at']}: {standing['outcome']}"
    if standing["finished_at"] is None:
        ended = "is still running, or was cut off: run migrate apply again to go on"
    elif standing["outcome"] not in {"done", "failed records"}:
        ended += "; run migrate apply again to go on"
    part = f" of a part ({terminal.clean(standing['scope'])})" if standing["scope"] else ""
    out.print(f"Last apply{part}: begun {standing['started_at']}, {ended}")
    terminal.import_job(out, standing["result"])
    if sample is not None:
        sampled.counts(out, sample)
    for row in standing["failed"][:50]:
        out.print(f"[red]failed[/] {_where(row)}: {terminal.clean(row['reason'])}")
    if standing["failed"]:
        out.print("  what was sent, and the answer: [bold]migrate status --failed[/]")


def _print_rows(
    key: str,
    rows: Iterable[Mapping[str, Any]],
    told: Callable[[Console, Mapping[str, Any]], None],
    last: str,
    *,
    as_json: bool,
) -> None:
    """Print rows of the ledger: each by ``told``, and how many as ``last`` line."""
    if as_json:
        terminal.print_json({key: list(rows)})
        return
    out = terminal.console()
    total = 0
    for row in rows:
        total += 1
        told(out, row)
    out.print(f"{total:,} {last}")


def _failed(out: Console, row: Mapping[str, Any]) -> None:
    out.print(f"[red]{_where(row)}[/]: {terminal.clean(row['reason'])}")
    if failures.KEY in row:
        failure(out, row[failures.KEY])


def _note(out: Console, row: Mapping[str, Any]) -> None:
    what = " ".join(part for part in (row["field"], row["kind"]) if part)
    out.print(f"{_where(row)}  {terminal.clean(what)}: {terminal.clean(row['text'])}")


def _where(row: Mapping[str, Any]) -> str:
    return terminal.clean(f"{row['entity']}/{row['source_id']}")


def _print_target(out: Console, standing: Mapping[str, Any]) -> None:
    """Say whether Zammad may be worked in, and what its backup is."""
    if standing["import_mode"]:
        out.print("[red]Zammad is in import mode[/]: nobody works in it until migrate finish")
    elif standing["live_since"]:
        out.print(f"Zammad is live since {standing['live_since']}")
    elif standing["import_mode"] is False:
        out.print("[red]The last finish left records behind[/]: run migrate finish again")
    if "finish" in standing["cut_off"]:
        out.print("[red]The last finish was cut off[/]: run migrate finish again")
    said = standing["backup"]
    if said is not None:
        text = said["text"] or "nothing was said (--yes)"
        words = f"Backup: {text}, said on {said['at']} by {said['by']}"
        out.print(terminal.clean(words))
