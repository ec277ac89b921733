"""``migrate init``: write a config file and the mappings to edit."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from runner import scaffold
from runner.cli.common import guarded
from runner.errors import UsageError
from runner.report.terminal import clean, console


def _asked(value: str | None, question: str, option: str) -> str:
    if value:
        return value
    if not sys.stdin.isatty():
        raise UsageError(f"{option} is missing", advice=f"add {option} https://…")
    answer: str = typer.prompt(question, err=True)
    return answer


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
    kayako_email: Annotated[str | None, typer.Option(help="Login at Kayako, for .env.")] = None,
    kayako_password: Annotated[
        str | None,
        typer.Option(envvar="KAYAKO_PASSWORD", help="Password at Kayako, for .env (mode 0600)."),
    ] = None,
    zammad_token: Annotated[
        str | None,
        typer.Option(envvar="ZAMMAD_TOKEN", help="Token of Zammad, for .env (mode 0600)."),
    ] = None,
) -> None:
    """Write config.yaml, .env.example and mappings/ into a folder; what is there stays.

    Asks for the two addresses when they are not given and there is a terminal. Secrets go into
    .env only, readable for you alone.

    Example: [bold]migrate init move --kayako-url https://acme.kayako.com
    --zammad-url https://zammad.example.org[/]
    """
    written = scaffold.write(
        folder,
        kayako_url=_asked(kayako_url, "Address of your Kayako", "--kayako-url"),
        zammad_url=_asked(zammad_url, "Address of your Zammad", "--zammad-url"),
        secrets={
            "KAYAKO_EMAIL": kayako_email,
            "KAYAKO_PASSWORD": kayako_password,
            "ZAMMAD_TOKEN": zammad_token,
        },
    )
    out = console()
    for path, is_new in written:
        out.print(f"  {'wrote' if is_new else 'kept '} {clean(path)}")
    out.print(
        f"Next: put the logins into {clean(folder / '.env')} (see .env.example), then"
        f" [bold]migrate -c {clean(folder / 'config.yaml')} check[/]"
    )
