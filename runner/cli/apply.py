"""``migrate apply``: do what plan shows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from runner.cli.backup import BackupOption, confirm_writing
from runner.cli.common import guarded, load_config, stop_on_signals
from runner.cli.ending import WaitOption, WindowOption, brake, enter, window
from runner.cli.sample import SampleOption, sampled_scope, write_page
from runner.cli.scope import IdsOption, LimitOption, OnlyOption, SinceOption, WaveOption, scope
from runner.engine.remaining import Remaining
from runner.errors import UsageError
from runner.pipeline import chooser, has_failed, is_in_use, kept_sample, open_plan, run_apply
from runner.report import closed, sampled, serving, terminal
from runner.report.progress import Reporter

if TYPE_CHECKING:
    from rich.console import Console

    from runner.pipeline import Sample, Scope
    from runner.pipeline.writing import Applied


@guarded
def command(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="Do exactly what migrate plan --out FILE saved."),
    ] = None,
    *,
    only: OnlyOption = None,
    limit: LimitOption = None,
    ids: IdsOption = None,
    since: SinceOption = None,
    wave: WaveOption = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only records that failed in earlier runs.")
    ] = False,
    sample: SampleOption = None,
    pull: Annotated[
        bool | None,
        typer.Option(
            "--pull/--no-pull",
            help="Read what changed in Kayako first; it is, unless FILE is given.",
            show_default=False,
        ),
    ] = None,
    serve: Annotated[
        str | None,
        typer.Option(
            "--serve",
            metavar="HOST:PORT",
            help="Show the run in a browser meanwhile, e.g. 127.0.0.1:8080.",
        ),
    ] = None,
    max_errors: Annotated[
        str | None,
        typer.Option(
            metavar="N|P%", help="Stop when more than so many records failed, or such a share."
        ),
    ] = None,
    max_duration: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Stop after that time, such as 90m or 6h; go on later."),
    ] = None,
    hours: WindowOption = None,
    wait: WaitOption = False,
    backup: BackupOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Move what is not in Zammad yet, and write what changed in Kayako since the last time.

    Zammad goes into import mode and stays there until migrate finish: no mail leaves it, agents'
    answers included, so nobody may work in it. Can be interrupted and run again at any point.
    What was changed on both sides stays as it is in Zammad and is listed, and so is what Kayako
    has no more. Ends with 5 when single records failed, with 6 when --max-errors stopped it, with
    130 when it was interrupted or its time was over.

    --only, --limit, --ids, --since, --wave and --failed move a part; together they narrow it. What
    is outside is neither touched nor missing, and migrate finish waits for it. With --ids, --since
    and --failed people, organizations and groups come along as far as these records need them.

    With --window Zammad may be in use already: import mode is on while the run writes, and off
    again when it ends, done or not.

    Before it writes to a Zammad for the first time it asks what backup there is; the answer, when
    and by whom it was given stand in the report. --backup TEXT answers it without a terminal, --yes
    goes on without a word. Nothing is asked of a Zammad on this machine, such as the sandbox.

    With FILE exactly that plan is carried out, from what is pulled already. It ends with 9 and
    says what moved when the plan is not true any more; interrupted, the same command goes on.

    With --serve a page shows counts, rate and the last problems until the run ends. It is
    read-only and under a secret address, which is printed; it is not encrypted, so keep to
    127.0.0.1 unless the network is yours.

    With --sample a few conversations are chosen in which everything occurs: every channel, state,
    priority, type, role, kind of field, and what is odd. A page shows them on both sides; see
    migrate sample. They stay the same ones until migrate sample --forget.

    Example: [bold]migrate apply --backup "snapshot 5" --max-errors 2% --max-duration 8h[/],
    [bold]migrate apply .migrate/plans/friday.json[/], [bold]migrate apply --ids 12,40-50[/], or
    [bold]migrate apply --window 22:00-06:00 --wait[/]
    """
    at = None if serve is None else serving.address(serve)
    config = load_config()
    wanted = scope(only, limit, ids=ids, since=since, wave=wave, failed=failed)
    wanted = sampled_scope(sample, wanted)
    saved = None
    if file is not None:
        _refuse_another_choice(wanted, pull=pull)
        saved, wanted = open_plan(config, file)
    stopping = brake(max_errors, max_duration)
    between = window(hours, wait=wait)
    errors = terminal.console(to_errors=True)
    if failed and not has_failed(config, wanted):
        _nothing_failed(as_json=as_json)
        return
    if wanted.wave is not None:
        closed.wave(errors)
    if between is not None:
        closed.window(errors, str(between), live=is_in_use(config))
    said = confirm_writing(config, backup, yes=yes)
    stop = stop_on_signals()
    if between is not None:
        stopping.until = enter(between, wait=wait, stop=stop, tell=errors.print)
    remaining = Remaining()
    reporting = Reporter(errors, remaining=remaining.seconds)
    with reporting as reporter, serving.watched(reporter, at, errors):
        applied = run_apply(
            config,
            wanted,
            pull=saved is None and pull is not False,
            watcher=reporter,
            progress=reporter.pulled,
            stop=stop,
            brake=stopping,
            saved=saved,
            backup=said,
            connected=reporter.connect,
            remaining=remaining,
            choose=None if sample is None else chooser(config, sample, reporter.pulled),
        )
        page = write_page(config, "en", reporter.pulled, stop) if sample is not None else None
    seen = kept_sample(config) if sample is not None else None
    _show(applied, wanted, seen, page, as_json=as_json)
    if applied.counts.failed():
        raise typer.Exit(5)


def _refuse_another_choice(wanted: Scope, *, pull: bool | None) -> None:
    """Refuse options beside a saved plan that would make it another one.

    Raises:
        UsageError: which.
    """
    given = " ".join([wanted.words, *(["--pull"] if pull else [])]).strip()
    if given:
        raise UsageError(
            "a saved plan says itself what is moved, and from what was pulled by then",
            advice=f"leave out {given}",
        )


def _show(
    applied: Applied, wanted: Scope, seen: Sample | None, page: Path | None, *, as_json: bool
) -> None:
    """Print what came of it."""
    result = applied.counts.as_import_job()
    if as_json:
        terminal.print_json(
            {
                "result": result,
                "wrote": applied.wrote,
                "notes": applied.notes,
                "conflicts": applied.conflicts,
                "gone": applied.gone,
                "scope": wanted.words,
                "outside_scope": applied.outside_scope,
                **({} if seen is None else {"page": str(page), "sample": seen.as_json()}),
            }
        )
    else:
        out = terminal.console()
        terminal.import_job(out, result)
        terminal.outside_scope(out, applied.outside_scope, wanted.words)
        for note in applied.notes:
            out.print(f"[yellow]{terminal.clean(note)}[/]")
        terminal.gone(out, applied.gone)
        terminal.conflicts(out, applied.conflicts)
        sampled.show(out, seen, page)
        _say_what_next(out, applied)


def _nothing_failed(*, as_json: bool) -> None:
    """Say that there is nothing to be tried again; neither system was asked."""
    if as_json:
        terminal.print_json({"result": {}, "wrote": False, "failed": []})
    else:
        terminal.console().print("Nothing failed: there is nothing to be tried again.")


def _say_what_next(out: Console, applied: Applied) -> None:
    failed = applied.counts.failed()
    if failed:
        out.print(
            f"[red]{failed:,} failed[/]: see migrate status; apply again tries them again,"
            " apply --failed only them"
        )
    if applied.reopened:
        out.print("[green]Import mode is off again[/]: Zammad is in use.")
    elif applied.wrote:
        out.print(
            "[red bold]Zammad is in import mode: agents' mails vanish silently.[/]"
            " Nobody works in it until [bold]migrate finish[/]."
        )
    elif not failed:
        out.print("Nothing was written: Zammad has all of it.")
