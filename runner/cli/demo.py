"""``migrate demo``: the whole road on the sandbox, in a temporary folder."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from runner.cli.common import guarded
from runner.cli.sandbox import check_version, require_sandbox
from runner.errors import MigrateError
from runner.report.terminal import console

if TYPE_CHECKING:
    from rich.console import Console

    from runner.sandbox.both import Sandbox

_EDIT = (
    "vocabularies/states.yaml",
    "  PENDING: pending reminder\n",
    "  PENDING: open\n",
)


@guarded
def command(
    *,
    zammad_version: Annotated[str, typer.Option(help="6.5 or 5.2.")] = "6.5",
    folder: Annotated[
        Path | None, typer.Option(help="Work here instead of in a new temporary folder.")
    ] = None,
) -> None:
    """Move a small, nasty helpdesk from a fake Kayako to a fake Zammad and show every step.

    Example: [bold]migrate demo[/]
    """
    require_sandbox()
    check_version(zammad_version)
    from runner.sandbox import both
    from runner.sandbox.data import hard_cases

    out = console()
    place = folder or Path(tempfile.mkdtemp(prefix="migrate-demo-"))
    sandbox = both.start(hard_cases(), zammad_version=zammad_version)
    try:
        steps = _Steps(out, place)
        steps.run(
            "Write a config file and the mappings",
            "init",
            str(place),
            *("--kayako-url", sandbox.kayako_url, "--zammad-url", sandbox.zammad_url),
            *("--kayako-email", both.EMAIL, "--kayako-password", both.PASSWORD),
            *("--zammad-token", both.TOKEN),
            configured=False,
        )
        _hurry(place / "config.yaml")
        steps.run("Look at both systems", "check")
        steps.run("Copy Kayako", "pull")
        steps.run("See what would happen", "plan")
        steps.run("Do it", "apply", "--yes")
        steps.run("Where do things stand?", "status")
        steps.run("Is all of it there, field by field?", "verify")
        steps.run("Do it again: nothing is left to do", "apply", "--yes")
        out.rule("An edit in a mapping: pending conversations shall be open", align="left")
        _edit(place / "mappings", out)
        steps.run("See what that edit changes", "plan", "--show", "1")
        steps.run("Do that too", "apply", "--yes")
        steps.run("Go live", "finish", "--accept", "--yes")
        _sum_up(out, sandbox, place)
    finally:
        sandbox.stop()


class _Steps:
    """Runs commands as a user would, and stops at the first that fails."""

    def __init__(self, out: Console, place: Path) -> None:
        self._out = out
        self._place = place

    def run(self, title: str, *arguments: str, configured: bool = True) -> None:
        """Show a command, run it, and let its output through."""
        before = ("-c", str(self._place / "config.yaml")) if configured else ()
        self._out.rule(title, align="left")
        self._out.print(f"[bold]$ migrate {' '.join(arguments[:1])}[/]")
        line = [sys.executable, "-m", "runner", *before, *arguments]
        done = subprocess.run(line, check=False, stdin=subprocess.DEVNULL)
        self._out.print()
        if done.returncode:
            raise MigrateError(
                f"migrate {arguments[0]} ended with {done.returncode}",
                advice=f"look into {self._place}",
            )


def _hurry(config: Path) -> None:
    """The sandbox caches no settings and limits no requests: the demo need not wait for it."""
    text = config.read_text(encoding="utf-8")
    text = text.replace("zammad:\n", "zammad:\n  settle_seconds: 0\n", 1)
    text = text.replace("requests_per_minute: 300", "requests_per_minute: 6000", 1)
    config.write_text(text, encoding="utf-8")


def _edit(mappings: Path, out: Console) -> None:
    name, before, after = _EDIT
    file = mappings / name
    text = file.read_text(encoding="utf-8")
    if before not in text:
        raise MigrateError(f"{file} has no line {before.strip()!r} to edit")
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    out.print(f"mappings/{name}\n  [red]-{before.rstrip()}[/]\n  [green]+{after.rstrip()}[/]\n")


def _sum_up(out: Console, sandbox: Sandbox, place: Path) -> None:
    tables = sandbox.zammad.tables
    out.rule("What is in the fake Zammad now", align="left")
    for name in ("groups", "organizations", "users", "macros", "tickets", "articles"):
        out.print(f"  {len(getattr(tables, name)):>6,} {name}")
    mails = len(sandbox.zammad.mails_sent)
    out.print(f"  {mails:>6,} mails sent to anybody")
    out.print(f"\nLook into [bold]{place}[/]: config.yaml, mappings/, .migrate/ledgers/")
    out.print("Play with it yourself: [bold]migrate sandbox[/]")
