"""``migrate finish``: go live."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from runner import pipeline
from runner.cli.common import confirm, guarded, load_config
from runner.engine.obstacle import read_kinds
from runner.errors import PreflightError, UsageError
from runner.report import going_live, terminal

if TYPE_CHECKING:
    from runner.config.model import Config
    from runner.engine.obstacle import Obstacle


@guarded
def command(
    *,
    kinds: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KIND",
            help="Which kinds --accept takes on, such as triggers,reminders. Default: all.",
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only list what stands in the way; 4 if anything does.")
    ] = False,
    accept: Annotated[
        bool, typer.Option("--accept", help="Go live although something is listed; it is kept.")
    ] = False,
    probe: Annotated[
        bool, typer.Option("--probe", help="Only search three old tickets; 4 if one is not found.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Go live: agents' real groups, inactive users and groups, domains, import mode off.

    First it lists what Zammad does by itself from then on, and what is not done: overdue
    reminders, escalations, owners lost, active triggers and schedulers, groups that cannot answer
    by mail, records that failed, a move that verify did not prove. While that list is not empty it
    refuses (exit 4) and changes nothing: --accept goes live all the same, and keeps who took on
    what. Then it lets Zammad find the tickets of answers to old mails (options.follow_ups), makes
    sure that all of Zammad has seen import mode off, searches three old tickets and tells how
    agents log in. It sends nothing to anybody. Cut off, run it again; a later apply switches
    import mode on again.

    Example: [bold]migrate finish --check[/], [bold]migrate finish --accept triggers,reminders[/],
    [bold]migrate finish --probe[/]
    """
    if probe and (check or accept):
        raise UsageError("--probe goes alone", advice="leave --check and --accept out")
    if kinds and not accept:
        raise UsageError(f"{' '.join(kinds)}: to do what?", advice="write --accept before it")
    accepted = read_kinds(kinds or []) if accept else frozenset()
    config = load_config()
    if probe:
        raise typer.Exit(4 if _look(config, {}, as_json=as_json).searched.missing else 0)
    errors = terminal.console(to_errors=True)
    errors.print("[dim]asking Zammad what it would do by itself[/]")
    found = pipeline.obstacles(config)
    shown = {"obstacles": [row.as_json() | {"accepted": row.kind in accepted} for row in found]}
    left = [row for row in found if row.kind not in accepted]
    if not as_json:
        going_live.obstacles(terminal.console(), found, accepted)
    if check:
        if as_json:
            terminal.print_json(shown)
        raise typer.Exit(4 if left else 0)
    if left:
        _refuse(left, shown, as_json=as_json)
    confirm(f"Switch import mode of {config.zammad.url} off? It sends mails from then on.", yes=yes)
    done = pipeline.run_finish(
        config, tell=lambda text: errors.print(terminal.clean(text)), accepted=found
    )
    if not as_json:
        going_live.finished(terminal.console(), done)
    _look(config, {**shown, **asdict(done)}, as_json=as_json)
    if done.failed:
        raise typer.Exit(5)


def _refuse(left: list[Obstacle], shown: dict[str, Any], *, as_json: bool) -> NoReturn:
    """End with what stands in the way; for machines, with all of it."""
    kinds = ", ".join(dict.fromkeys(row.kind for row in left))
    words = f"not gone live, and nothing was changed: {kinds} stand in the way"
    error = PreflightError(words, advice="see to each, or take it on: migrate finish --accept")
    if not as_json:
        raise error
    told = {"error": words, "advice": error.advice, "exit_code": error.exit_code}
    terminal.print_json({**shown, **told})
    raise typer.Exit(error.exit_code)


def _look(config: Config, shown: dict[str, Any], *, as_json: bool) -> pipeline.Aftermath:
    """Show whether old tickets are found and how agents come in, after what is to be shown."""
    after = pipeline.aftermath(config)
    if as_json:
        terminal.print_json({**shown, **asdict(after)})
    else:
        going_live.aftermath(terminal.console(), after, config.zammad.url)
    return after
