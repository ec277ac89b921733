from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from runner.cli import common
from runner.errors import (
    InvalidFiles,
    Locked,
    MigrateError,
    PreflightError,
    Problem,
    UsageError,
)
from tests.mapping.support import ROOT


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path) -> Iterator[None]:
    """Give each test a state of its own, with a secret and a folder for logs."""
    before = dict(common._state)
    common._state.update(config=None, secrets=("hunter2", ""), workdir=tmp_path)
    yield
    common._state.update(before)


def ended(error: BaseException, **options: Any) -> int:
    """Raise an error in a verb and return the exit code."""

    @common.guarded
    def verb(**_: Any) -> None:
        raise error

    with pytest.raises(typer.Exit) as stopped:
        verb(**options)
    return stopped.value.exit_code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MigrateError("x"), 1),
        (UsageError("x"), 2),
        (PreflightError("x"), 4),
        (Locked("x"), 8),
        (sqlite3.DatabaseError("x"), 12),
        (KeyboardInterrupt(), 130),
        (RuntimeError("x"), 1),
    ],
)
def test_every_error_ends_with_its_code(error: BaseException, code: int) -> None:
    assert ended(error) == code


def test_what_a_verb_returns_comes_through() -> None:
    assert common.guarded(lambda: 7)() == 7


@pytest.mark.parametrize("error", [typer.Exit(3), typer.Abort(), BrokenPipeError()])
def test_endings_of_the_command_line_itself_pass(error: Exception) -> None:
    def verb() -> None:
        raise error

    with pytest.raises(type(error)):
        common.guarded(verb)()


def test_a_message_comes_with_advice_on_standard_error_and_without_secrets(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ended(PreflightError("refused hunter2 [/x]", advice="do not use hunter2"))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "error: refused *** [/x]\n  → do not use ***\n"


def test_machines_get_one_document_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    error = PreflightError("refused hunter2", advice="not hunter2")
    assert ended(error, as_json=True) == 4
    captured = capsys.readouterr()
    assert captured.err == ""
    assert json.loads(captured.out) == {
        "error": "refused ***",
        "advice": "not ***",
        "exit_code": 4,
        "problems": [],
    }


def test_mistakes_in_files_are_lines_and_a_count(capsys: pytest.CaptureFixture[str]) -> None:
    problems = [Problem("b.yaml", 2, 3, "[no]"), Problem("a.yaml", 0, 0, "missing")]
    assert ended(InvalidFiles(problems)) == 3
    assert capsys.readouterr().err.splitlines() == [
        "a.yaml: missing",
        "b.yaml:2:3: [no]",
        "2 mistakes; nothing was done",
    ]
    ended(InvalidFiles(problems[:1]))
    assert "1 mistake;" in capsys.readouterr().err
    ended(InvalidFiles(problems), as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert [problem["line"] for problem in told["problems"]] == [0, 2]
    assert told["problems"][1]["message"] == "[no]"


def test_the_unexpected_goes_into_a_private_file_without_secrets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(RuntimeError("hunter2 broke")) == 1
    (file,) = (tmp_path / "logs").iterdir()
    captured = capsys.readouterr()
    assert str(file) in captured.err
    assert "Traceback" not in captured.err + captured.out
    text = file.read_text()
    assert "RuntimeError: *** broke" in text
    assert "Traceback" in text
    assert file.stat().st_mode & 0o777 == 0o600


def test_before_the_config_is_read_the_file_lies_in_a_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    common._state.update(workdir=None)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ended(RuntimeError("x"))
    (folder,) = tmp_path.glob("migrate-*")
    assert len(list(folder.iterdir())) == 1
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_config_gives_secrets_and_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("KAYAKO_EMAIL", "KAYAKO_PASSWORD", "ZAMMAD_TOKEN"):
        monkeypatch.setenv(name, f"secret-{name}")
    file = tmp_path / "config.yaml"
    file.write_text((ROOT / "sample-config.yaml").read_text())
    common.remember_config_option(file)
    config = common.load_config()
    assert config.file == file
    assert common.scrub("a secret-ZAMMAD_TOKEN b") == "a *** b"
    assert common._state["workdir"] == config.workdir


def test_yes_asks_nothing_and_without_a_terminal_nothing_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    common.confirm("Sure?", yes=True)
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(UsageError, match="no terminal") as error:
        common.confirm("Sure?", yes=False)
    assert error.value.advice == "add --yes"


@pytest.mark.parametrize(("answer", "declined"), [("y\n", False), ("n\n", True)])
def test_a_person_is_asked(answer: str, *, declined: bool) -> None:
    lines = [
        "import sys; from runner.cli.common import confirm; sys.stdin.isatty = lambda: True",
        "confirm('Sure?', yes=False); print('went on')",
    ]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        input=answer,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert ("went on" in done.stdout) is not declined
    assert ("declined; nothing was done" in done.stderr) is declined


@pytest.fixture
def handlers() -> Iterator[None]:
    """Put the signal handlers back."""
    before = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
    yield
    for name, handler in before.items():
        signal.signal(name, handler)


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_to_stop(
    name: signal.Signals, capfd: pytest.CaptureFixture[str]
) -> None:
    stop = common.stop_on_signals()
    assert not stop.is_set()
    os.kill(os.getpid(), name)
    assert stop.is_set()
    assert "press again" in capfd.readouterr().err


def test_the_second_signal_ends_the_process() -> None:
    lines = [
        "import os, signal; from runner.cli.common import stop_on_signals",
        "stop_on_signals()",
        "for _ in range(2): os.kill(os.getpid(), signal.SIGINT)",
        "print('never')",
    ]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 130
    assert "never" not in done.stdout
    assert "stopped at once" in done.stderr
