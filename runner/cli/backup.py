"""``--backup``: is there a way back? Asked before Zammad is written to for the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from runner.cli.common import confirm
from runner.cli.questions import ask, can_ask
from runner.errors import UsageError
from runner.pipeline import backups
from runner.report.page.tame import tame

if TYPE_CHECKING:
    from runner.config.model import Config

_LONGEST = 200

BackupOption = Annotated[
    str | None,
    typer.Option(
        "--backup",
        metavar="TEXT",
        help="What Zammad can be put back from: a snapshot's name, a file. Nothing is asked then.",
    ),
]


def confirm_writing(config: Config, backup: str | None, *, yes: bool) -> dict[str, str] | None:
    """Ask whether to write, and the first time what backup there is.

    Args:
        config: Whose Zammad is written to.
        backup: ``--backup``: what there is to be said of it.
        yes: ``--yes``: nothing is asked.

    Returns:
        What is kept with the run; None where nothing was asked and nothing said.

    Raises:
        UsageError: declined, or there is nobody to ask.
    """
    if backup is not None:
        return backups.statement(_told(backup))
    first = backups.is_asked_for(config)
    if first and not yes and not can_ask():
        raise UsageError(
            f"nobody said yet what backup of {config.zammad.url} there is, and there is no terminal"
            " to ask at",
            advice='add --backup "snapshot before the move", or --yes to go on without a word',
        )
    confirm(
        f"Write to {config.zammad.url}? It goes into import mode, and nobody may work in it until"
        " migrate finish.",
        yes=yes,
    )
    if not first:
        return None
    return backups.statement("" if yes else _asked(config))


def _asked(config: Config) -> str:
    if not typer.confirm(f"Is there a backup to put {config.zammad.url} back from?", err=True):
        raise UsageError(
            "there is no backup; nothing was done",
            advice='take one first, or say why none is needed: --backup "none: a test system"',
        )
    return ask("What is it (a snapshot's name, a file; it stands in the report)?", _told)


def _told(text: str) -> str:
    """Return what was said on one line.

    Raises:
        UsageError: it says nothing, or too much.
    """
    line = tame(text).strip()
    if not line:
        raise UsageError("--backup says nothing", advice="name what Zammad can be put back from")
    if len(line) > _LONGEST:
        raise UsageError(f"--backup is longer than {_LONGEST} characters", advice="shorten it")
    return line
