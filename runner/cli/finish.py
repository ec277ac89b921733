"""``migrate finish``: go live."""

from __future__ import annotations

from typing import Annotated

import typer

from runner import pipeline
from runner.cli.common import confirm, guarded, load_config
from runner.errors import PreflightError
from runner.report import terminal


@guarded
def command(
    *,
    accept: Annotated[
        bool, typer.Option("--accept", help="Go live although something is not done; it is listed.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Go live: agents' real groups, inactive users and groups, domains, import mode off.

    From then on Zammad sends mails. A later apply switches import mode on again. While the last
    apply did not end well, or records failed, it refuses (exit 4): --accept goes live all the same.

    Example: [bold]migrate finish --yes[/]
    """
    config = load_config()
    ends = pipeline.open_ends(config)
    if ends and not accept:
        raise PreflightError(
            f"the move is not done: {'; '.join(ends)}",
            advice="apply and verify first, or add --accept to go live with what is there",
        )
    confirm(f"Switch import mode of {config.zammad.url} off? It sends mails from then on.", yes=yes)
    errors = terminal.console(to_errors=True)
    finished = pipeline.run_finish(config, tell=lambda text: errors.print(terminal.clean(text)))
    if as_json:
        terminal.print_json(
            {
                "written": finished.written,
                "failed": finished.failed,
                "import_mode_was_on": finished.import_mode_was_on,
            }
        )
    else:
        out = terminal.console()
        for entity, number in finished.written.items():
            out.print(f"  {number:>7,} {entity} brought to their final state")
        for text in finished.failed:
            out.print(f"[red]failed[/] {terminal.clean(text)}")
        was = "switched off" if finished.import_mode_was_on else "was off already"
        out.print(f"Import mode {was}. Agents set their passwords by Zammad's reset link, or SSO.")
    if finished.failed:
        raise typer.Exit(5)
