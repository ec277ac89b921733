"""Is there a way back? Asked once a Zammad, kept with the run, refused where nobody is there."""

from __future__ import annotations

import getpass
import io
from dataclasses import replace

import pytest

from runner.cli import backup
from runner.cli.backup import confirm_writing
from runner.config.model import Config
from runner.errors import UsageError
from runner.ledger import Ledger
from runner.pipeline import backups
from tests.pipeline.conftest import config, config_of

__all__ = ["config"]


class Terminal(io.StringIO):
    """Somebody who answers."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def known_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "admin-7")


def answers(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("".join(f"{line}\n" for line in lines)))


def applied(config: Config, said: dict[str, str]) -> None:
    with Ledger.open(config.ledger_file) as ledger:
        run_id = ledger.start_run("apply")
        ledger.note_run(run_id, {"backup": said})
        ledger.finish_run(run_id, "done", {"Groups": {"created": 1}})


def test_the_first_time_it_asks_what_backup_there_is_and_only_then(
    config: Config, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(monkeypatch, "y", "y", "", " snapshot \x1b[31mfive ")
    said = confirm_writing(config, None, yes=False)
    assert said is not None
    assert (said["text"], said["by"]) == ("snapshot \N{REPLACEMENT CHARACTER}[31mfive", "admin-7")
    assert said["at"].endswith("Z")
    asked = capsys.readouterr().err
    assert "Write to https://zammad.example?" in asked
    assert "Is there a backup" in asked
    applied(config, said)
    answers(monkeypatch, "y")
    assert confirm_writing(config, None, yes=False) is None
    assert "backup" not in capsys.readouterr().err


def test_after_a_reset_and_for_another_zammad_it_is_asked_again(config: Config) -> None:
    applied(config, backups.statement("snapshot 5"))
    assert not backups.is_asked_for(config)
    other = replace(config, zammad=replace(config.zammad, url="https://other.example"))
    assert backups.is_asked_for(other)
    with Ledger.open(config.ledger_file) as ledger:
        ledger.discard()
    assert backups.is_asked_for(config)


def test_without_a_backup_nothing_is_written(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(monkeypatch, "y", "n")
    with pytest.raises(UsageError, match="no backup; nothing was done") as refused:
        confirm_writing(config, None, yes=False)
    assert "--backup" in refused.value.advice


def test_without_a_terminal_it_is_said_or_passed_over(config: Config) -> None:
    with pytest.raises(UsageError, match="no terminal") as refused:
        confirm_writing(config, None, yes=False)
    assert "--backup" in refused.value.advice
    assert "--yes" in refused.value.advice
    said = confirm_writing(config, "nightly dump", yes=False)
    assert said is not None
    assert said["text"] == "nightly dump"
    passed = confirm_writing(config, None, yes=True)
    assert passed is not None
    assert passed["text"] == ""
    applied(config, passed)
    assert backups.is_asked_for(config), "passing over it is no answer"


def test_of_a_zammad_on_this_machine_nothing_is_asked(config: Config) -> None:
    here = config_of(config.workdir, "http://127.0.0.1:1", "http://127.0.0.1:2")
    assert confirm_writing(here, None, yes=True) is None


@pytest.mark.parametrize("text", ["", " \n", "x" * 201])
def test_an_answer_that_says_nothing_or_too_much_is_refused(config: Config, text: str) -> None:
    with pytest.raises(UsageError, match="--backup"):
        confirm_writing(config, text, yes=True)


def test_a_user_without_a_name_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert backups.statement("x")["by"] == "unknown"
    assert backup._told("x") == "x"
