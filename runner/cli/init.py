"""``migrate init``: write a config file and the mappings to edit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from runner import scaffold
from runner.cli import questions
from runner.cli.common import guarded
from runner.cli.questions import ask
from runner.report import beginning
from runner.report.terminal import console

if TYPE_CHECKING:
    from datetime import date

_PURPOSES = ("move", "rehearsal")


@guarded
def command(
    folder: Annotated[Path, typer.Argument(help="Where to write; made if it is not there.")],
    *,
    kayako_url: Annotated[
        str | None, typer.Option(help="Address of Kayako, https://acme.kayako.com.")
    ] = None,
    zammad_url: Annotated[
        str | None, typer.Option(help="Address of Zammad, https://zammad.example.org.")
    ] = None,
    go_live: Annotated[
        str | None, typer.Option(help="The day on which your team starts in Zammad: 2026-12-05.")
    ] = None,
    purpose: Annotated[
        str | None,
        typer.Option(
            "--for", help="move (config.yaml), or rehearsal on a test Zammad (rehearsal.yaml)."
        ),
    ] = None,
    kayako_email: Annotated[str | None, typer.Option(help="Login at Kayako, for .env.")] = None,
    kayako_password: Annotated[
        str | None,
        typer.Option(envvar="KAYAKO_PASSWORD", help="Password at Kayako, for .env (mode 0600)."),
    ] = None,
    zammad_token: Annotated[
        str | None,
        typer.Option(envvar="ZAMMAD_TOKEN", help="Token of Zammad, for .env (mode 0600)."),
    ] = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Replace what is there; a copy stays beside it (NAME.old)."),
    ] = False,
) -> None:
    """Write config.yaml, .env.example and mappings/ into a folder; what is there stays.

    Asks for what is not given where there is a terminal. Secrets go into .env only, readable for
    you alone. A rehearsal in the same folder shares the mappings and the copy of Kayako.

    Example: [bold]migrate init move[/], or [bold]migrate init move --go-live 2026-12-05
    --kayako-url https://acme.kayako.com --zammad-url https://zammad.example.org[/]
    """
    plan = _plan(kayako_url, zammad_url, go_live, purpose)
    secrets = {
        "KAYAKO_EMAIL": kayako_email,
        "KAYAKO_PASSWORD": kayako_password,
        plan.token: zammad_token,
    }
    written = scaffold.write(folder, plan, secrets=secrets, force=force)
    beginning.written(console(), written)
    missing = scaffold.missing_logins(folder, plan)
    beginning.next_steps(console(), folder, plan.config, missing)


def _plan(
    kayako_url: str | None, zammad_url: str | None, go_live: str | None, purpose: str | None
) -> scaffold.Plan:
    """Return what was given, completed by what is asked."""
    questions.require({"--kayako-url": kayako_url, "--zammad-url": zammad_url})
    asks = questions.can_ask() and not (kayako_url and zammad_url)
    kayako = kayako_url or ask("Address of your Kayako", _kayako)
    zammad = zammad_url or ask("Address of your Zammad", _zammad)
    day: date | None = questions.a_date(go_live or "")
    if asks and go_live is None:
        question = "Day on which your team starts in Zammad (2026-12-05; Enter: not known yet)"
        day = ask(question, questions.a_date, default="")
    reader = questions.one_of(*_PURPOSES)
    word = reader(purpose or "move")
    if asks and purpose is None:
        question = "Is that Zammad for the move itself, or a test system for a rehearsal?"
        word = ask(f"{question} (move, rehearsal)", reader, default="move")
    return scaffold.Plan(kayako, zammad, day, rehearsal=word == "rehearsal")


def _kayako(text: str) -> str:
    return scaffold.kayako_address(questions.with_scheme(text))


def _zammad(text: str) -> str:
    return scaffold.zammad_address(questions.with_scheme(text))
