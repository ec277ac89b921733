"""What every verb needs: the config, one way for errors to end, Ctrl-C."""

from __future__ import annotations

import contextlib
import functools
import os
import shlex
import signal
import sqlite3
import sys
import tempfile
import threading
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import typer

from runner.config import load as config_file
from runner.errors import Interrupted, InvalidFiles, MigrateError, TooManyErrors, UsageError
from runner.ledger.files import make_folder
from runner.report import problems, screen
from runner.report.terminal import clean, console, print_json
from runner.scrubbing import scrubbed
from runner.snapshot.database import unreadable

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.config.model import Config

P = ParamSpec("P")
R = TypeVar("R")

_state: dict[str, Any] = {"config": None, "secrets": (), "workdir": None}


def remember_config_option(option: Path | None) -> None:
    """Keep ``--config`` for the verb that follows it."""
    _state["config"] = option


def config_path() -> Path:
    """Return the config file that the command line, the environment or habit names."""
    return config_file.locate(_state["config"])


def load_config() -> Config:
    """Read the config file."""
    config = config_file.load(config_path())
    _state["secrets"] = config.secrets
    _state["workdir"] = config.workdir
    for url in config.in_the_clear:
        console(to_errors=True).print(
            f"[yellow]warning:[/] {clean(url)} is asked without encryption (allow_plain_http):"
            " whoever stands between reads the login and every message"
        )
    return config


def guarded(command: Callable[P, R]) -> Callable[P, R]:
    """End every error of a verb as a clear message and its documented exit code."""

    @functools.wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except MigrateError as error:
            tell(error, as_json=bool(kwargs.get("as_json")))
            raise typer.Exit(error.exit_code) from None
        except sqlite3.Error as error:
            # Many places read the snapshot; which of them met the damage does not matter.
            problem = unreadable((_state["workdir"] or Path()) / "snapshot", error)
            tell(problem, as_json=bool(kwargs.get("as_json")))
            raise typer.Exit(problem.exit_code) from None
        except KeyboardInterrupt:
            console(to_errors=True).print(f"interrupted; to go on: {clean(this_command())}")
            raise typer.Exit(130) from None
        except (typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except Exception:
            file = _log_traceback()
            console(to_errors=True).print(
                f"[red]error:[/] something unexpected happened; the details are in {file}\n"
                "  → what was done so far is written down; please report this with that file"
            )
            raise typer.Exit(1) from None

    return wrapper


def tell(error: MigrateError, *, as_json: bool) -> None:
    """Say what went wrong, where, and what to do about it."""
    if as_json:
        found = error.problems if isinstance(error, InvalidFiles) else []
        print_json(
            {
                "error": scrub(str(error)),
                "advice": scrub(error.advice),
                "exit_code": error.exit_code,
                "problems": problems.as_json(found),
            }
        )
        return
    out = console(to_errors=True)
    if isinstance(error, InvalidFiles):
        problems.problems(out, error.problems, secret=_files_with_secrets())
        return
    out.print(f"[red]error:[/] {clean(scrub(str(error)))}")
    if error.advice:
        out.print(f"  → {clean(scrub(error.advice))}")
    if isinstance(error, Interrupted | TooManyErrors):
        out.print(f"    [bold]{clean(this_command())}[/]")


def this_command() -> str:
    """Return the command line that was given, to be given again."""
    return scrub(shlex.join(["migrate", *sys.argv[1:]]))


def _files_with_secrets() -> list[Path]:
    """Return the files of which no line is shown: the config, and the .env beside it."""
    config = config_path()
    return [config, config.absolute().parent / ".env"]


def scrub(text: str) -> str:
    """Take the config's secrets out of a text."""
    return scrubbed(text, _state["secrets"])


def _log_traceback() -> Path:
    """Write the current traceback to a file and return its path."""
    text = scrub(traceback.format_exc())
    name = f"error-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}.log"
    with contextlib.suppress(OSError):
        if _state["workdir"] is not None:
            return _private(_state["workdir"] / "logs", name, text)
    return _private(Path(tempfile.mkdtemp(prefix="migrate-")), name, text)


def _private(folder: Path, name: str, text: str) -> Path:
    """Write a file that only its owner can read."""
    make_folder(folder)
    folder.chmod(0o700)
    file = folder / name
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8", errors="backslashreplace")
    return file


def stop_on_signals() -> threading.Event:
    """Return an event that the first Ctrl-C or SIGTERM sets; the second ends the process."""
    stop = threading.Event()

    again = f"\nstopped at once; to go on: {this_command()}\n".encode(errors="replace")

    def handle(_signal: int, _frame: object) -> None:
        shown = screen.current()
        if stop.is_set():
            screen.give_back_terminal()
            os.write(2, again)
            os._exit(130)
        stop.set()
        if shown is not None:
            shown.announce_stop()
        else:
            os.write(2, b"\nfinishing what is in flight; press again to stop at once\n")

    signal.signal(signal.SIGINT, handle)
    signal.signal(signal.SIGTERM, handle)
    return stop


def confirm(question: str, *, yes: bool) -> None:
    """Ask; without a terminal nothing can be asked.

    Raises:
        UsageError: declined, or there is nobody to ask.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("this has to be confirmed, and there is no terminal", advice="add --yes")
    if not typer.confirm(question, err=True):
        raise UsageError("declined; nothing was done")
