"""``migrate plan``: what would happen. Writes nothing to Zammad."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from runner.cli.common import guarded, load_config, stop_on_signals, tell
from runner.cli.scope import (
    IdsOption,
    LimitOption,
    OnlyOption,
    SinceOption,
    WaveOption,
    record,
    scope,
)
from runner.errors import InvalidFiles, UsageError
from runner.pipeline import make_plan, plan_doubts, watch_plan
from runner.report import closed, plan, terminal
from runner.report.drift import drift, reset_time
from runner.report.effect import effect
from runner.report.progress import Reporter
from runner.report.samples import sample

if TYPE_CHECKING:
    import threading

    from rich.console import Console

    from runner.config.model import Config
    from runner.engine.effect import Difference
    from runner.engine.plan import Plan
    from runner.pipeline import Scope


@guarded
def command(
    *,
    only: OnlyOption = None,
    limit: LimitOption = None,
    scope_ids: IdsOption = None,
    since: SinceOption = None,
    wave: WaveOption = None,
    show: Annotated[
        int, typer.Option(min=0, help="Show so many samples of each kind, with their fields.")
    ] = 0,
    detail: Annotated[
        bool,
        typer.Option(
            "--detail",
            help="Print every change with its fields first, as it is found: for a pager or a file.",
        ),
    ] = False,
    ids: Annotated[
        list[str] | None,
        typer.Option(
            "--id",
            metavar="KIND/ID",
            help="Plan this record alone and show its fields: case/1001, user/17, team/3,"
            " organization/5; can be repeated.",
        ),
    ] = None,
    pull: Annotated[
        bool, typer.Option("--pull", help="Read Kayako's lists again before planning.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Save the plan, for migrate apply FILE; reads the messages that are not read yet.",
        ),
    ] = None,
    refresh: Annotated[
        bool,
        typer.Option(
            "--refresh", help="Say, too, what people changed in Zammad since it was written."
        ),
    ] = False,
    watch: Annotated[
        bool,
        typer.Option("--watch", help="Plan again on every save, and show what the edit changes."),
    ] = False,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="End with 3 when a field or label is not decided on."),
    ] = False,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="End with 10 when there are changes.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show what apply would do: created, updated, unchanged, skipped, failed, and what is dropped.

    Attributes that custom fields need in Zammad are listed too, and so is what apply takes: the
    requests to both sides, about how long, what holds it up and which setting to change, and the
    room that it needs on the disk.

    Works on the snapshot; where there is none yet, Kayako's lists are read first. Zammad is only
    read, and where it cannot be reached the plan says so and goes on.

    It begins with what Kayako holds, and what Zammad's own importer would lose of it. With --ids,
    --since, --wave, --only and --limit it is the plan of a part, as the same options of migrate
    apply move it; all of them together narrow it, and what is outside is counted.

    With --out the plan is saved, messages that are not read yet are read first, and
    [bold]migrate apply FILE[/] does exactly what it says, or refuses. With --refresh it also names
    what people changed or deleted in Zammad since it was written.

    Example: [bold]migrate plan --show 2[/], [bold]migrate plan --id case/1001[/],
    [bold]migrate plan --ids 12,40-50[/], [bold]migrate plan --detail | less[/],
    [bold]migrate plan --watch[/], or [bold]migrate plan --out .migrate/plans/friday.json[/]
    """
    records = [record(text) for text in ids or ()]
    if watch:
        _only_watch(
            {
                "--id": ids,
                "--show": show,
                "--detail": detail,
                "--pull": pull,
                "--out": out,
                "--refresh": refresh,
                "--strict": strict,
                "--detailed-exitcode": detailed_exitcode,
                "--json": as_json,
            }
        )
    _refuse_contradictions(out, alone=bool(records), refresh=refresh, part=bool(scope_ids))
    _refuse_lines_in_json(detail=detail, as_json=as_json)
    config = load_config()
    wanted = scope(only, limit, ids=scope_ids, since=since, wave=wave)
    stop = stop_on_signals()
    if watch:
        _watch(config, wanted, stop)
        return
    screen = terminal.console()
    with Reporter(terminal.console(to_errors=True, moving=not detail)) as reporter:
        made, unreachable = make_plan(
            config,
            wanted,
            show=show,
            pull=pull,
            records=records,
            out=out,
            refresh=refresh,
            progress=reporter.pulled,
            seen=reporter.seen,
            stop=stop,
            detail=functools.partial(sample, screen) if detail else None,
        )
    if as_json:
        budget = None if made.budget is None else made.budget.as_json()
        terminal.print_json({**made.as_json(), "budget": budget, "target_unreachable": unreachable})
    else:
        if detail:
            screen.print()
        plan.show(screen, made, unreachable, everything=detail)
        _show_what_is_there(screen, made)
    if out is not None:
        _say_saved(out)
    if wanted.wave is not None:
        closed.wave(terminal.console(to_errors=True))
    undecided = plan_doubts(config, made) if strict else []
    if undecided:
        raise InvalidFiles(undecided)
    if detailed_exitcode and made.has_changes:
        raise typer.Exit(10)


def _refuse_contradictions(out: Path | None, *, alone: bool, refresh: bool, part: bool) -> None:
    """Refuse what needs all records where single ones are planned.

    Raises:
        UsageError: which options contradict each other.
    """
    if alone and part:
        raise UsageError("--id shows records, --ids plans a part", advice="leave out one of them")
    if alone and out is not None:
        raise UsageError("--out saves a whole plan, --id makes none", advice="leave --id out")
    if alone and refresh:
        raise UsageError("--refresh looks at all records", advice="leave --id out")


def _refuse_lines_in_json(*, detail: bool, as_json: bool) -> None:
    if detail and as_json:
        raise UsageError(
            "--detail prints lines for people", advice="with --json, --show 1000 gives the fields"
        )


def _show_what_is_there(screen: Console, made: Plan) -> None:
    """Print what people did in Zammad, and how long it would take to remove all of it."""
    if made.drift is not None:
        drift(screen, made.drift)
    if made.reset is not None:
        reset_time(screen, made.reset)


def _say_saved(out: Path) -> None:
    """Say how the saved plan is carried out; beside standard output, which may be JSON."""
    terminal.console(to_errors=True).print(
        f"saved; to do exactly this: [bold]migrate apply {terminal.clean(out)}[/]"
    )


def _only_watch(others: dict[str, object]) -> None:
    """Refuse the options that ``--watch`` would not heed.

    Raises:
        UsageError: one of them was given.
    """
    for option, value in others.items():
        if value:
            raise UsageError(
                f"--watch plans all records again and again, and does not heed {option}",
                advice=f"leave out {option}, or --watch",
            )


def _watch(config: Config, wanted: Scope, stop: threading.Event) -> None:
    """Plan again on every save until Ctrl-C."""
    out = terminal.console()
    begun = False

    def planned(made: Plan, differences: list[Difference]) -> None:
        nonlocal begun
        if begun:
            effect(out, differences)
        else:
            plan.show(out, made, None)
            begun = True
        out.print("[dim]waiting for a mapping file to be saved; Ctrl-C ends[/]")

    with Reporter(terminal.console(to_errors=True)) as reporter:
        watch_plan(
            config,
            wanted,
            planned=planned,
            mistaken=lambda error: tell(error, as_json=False),
            progress=reporter.pulled,
            seen=reporter.seen,
            stop=stop,
        )
