"""``migrate check``: are both systems as a run needs them? Reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from runner.cli.common import guarded, load_config
from runner.errors import MigrateError, StoreUnreadable
from runner.ledger import reading
from runner.pipeline import connect_kayako
from runner.report.terminal import console, findings, print_json
from runner.zammad.client import Zammad
from runner.zammad.preflight import Finding, Level
from runner.zammad.preflight import check as check_zammad

if TYPE_CHECKING:
    from runner.config.model import Config


@guarded
def command(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Look at Kayako and Zammad before a run, and say what to do about each finding.

    Nothing is written. Ends with 4 when something has to be put right first.

    Example: [bold]migrate check[/]
    """
    config = load_config()
    sides = {"Kayako": _kayako(config), "Zammad": _zammad(config)}
    if as_json:
        print_json({side: [_row(row) for row in rows] for side, rows in sides.items()})
    else:
        out = console()
        for side, rows in sides.items():
            findings(out, side, rows)
    if any(row.level is Level.ERROR for rows in sides.values() for row in rows):
        raise typer.Exit(4)


def _kayako(config: Config) -> list[Finding]:
    kayako = connect_kayako(config)
    try:
        seen = kayako.check()
    except MigrateError as error:
        return [Finding(Level.ERROR, "Login", str(error), error.advice)]
    finally:
        kayako.close()
    return [
        Finding(Level.OK, "Kayako", f"{seen['url']} answers, logged in as {seen['name']}"),
        Finding(Level.OK, "Role", f"{seen['role']}: sees everything"),
        Finding(Level.OK, "Account", f"language {seen['language']}, time zone {seen['timezone']}"),
    ]


def _zammad(config: Config) -> list[Finding]:
    zammad = Zammad(config.zammad)
    try:
        return check_zammad(zammad, is_known=_is_known(config))
    except MigrateError as error:
        return [Finding(Level.ERROR, "Access", str(error), error.advice)]
    finally:
        zammad.close()


def _is_known(config: Config) -> bool:
    """Say whether a run of this workdir ever opened this Zammad; a damaged ledger says yes."""
    try:
        with reading(config.ledger_file) as ledger:
            return bool(ledger.target)
    except StoreUnreadable:
        return True


def _row(row: Finding) -> dict[str, str]:
    return {
        "level": str(row.level),
        "subject": row.subject,
        "text": row.text,
        "steps": row.steps,
    }
