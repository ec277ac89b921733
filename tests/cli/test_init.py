"""``migrate init`` at a terminal and without one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

from runner.cli.main import app

ADDRESSES = ("--kayako-url", "https://acme.kayako.com", "--zammad-url", "https://zammad.example")
Typed = Callable[[str], None]


def init(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["init", str(folder), *options], env={"COLUMNS": "200"})


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Typed]:
    """Put a terminal on standard input, and type into it."""
    keyboard, screen = os.openpty()
    with os.fdopen(screen, "r") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield lambda text: os.write(keyboard, text.encode()) and None
    os.close(keyboard)


def run(folder: Path, *options: str) -> None:
    app(["init", str(folder), *options], standalone_mode=False)


def config(folder: Path, name: str = "config.yaml") -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = yaml.safe_load((folder / name).read_text())
    return loaded


def test_what_is_missing_is_asked_for_until_it_can_be_read(
    tmp_path: Path, typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    typed("acme\nacme.kayako.com\nhttps://zammad.example/help\n5.12.2026\n2026-12-05\n\n")
    run(tmp_path)
    made = config(tmp_path)
    assert made["kayako"]["url"] == "https://acme.kayako.com"
    assert made["zammad"]["url"] == "https://zammad.example/help"
    assert str(made["go_live"]) == "2026-12-05"
    said = capsys.readouterr()
    assert "Address of your Kayako" in said.err
    assert "acme is no address; write it as https://acme.kayako.com" in said.err
    assert "5.12.2026 is no day; write it as year-month-day: 2026-12-05" in said.err
    assert f"cd {tmp_path}\n" in said.out
    assert "migrate check " in said.out


def test_a_rehearsal_is_one_answer(
    tmp_path: Path, typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    typed("https://test.example\n\nmaybe\nre\n")
    run(tmp_path, *ADDRESSES[:2])
    said = capsys.readouterr()
    assert "maybe is none of move, rehearsal" in said.err
    assert "migrate -c rehearsal.yaml check " in said.out
    made = config(tmp_path, "rehearsal.yaml")
    assert made["zammad"]["url"] == "https://test.example"
    assert "go_live" not in made


def test_options_answer_everything_also_at_a_terminal(tmp_path: Path, typed: Typed) -> None:
    del typed
    run(tmp_path, *ADDRESSES)
    assert "go_live" not in config(tmp_path)


def test_without_a_terminal_all_that_is_missing_is_named(tmp_path: Path) -> None:
    refused = init(tmp_path / "new")
    assert refused.exit_code == 2
    assert "--kayako-url and --zammad-url are missing" in refused.stderr
    assert "add --kayako-url https://… --zammad-url https://…" in refused.stderr
    assert "--zammad-url is missing" in init(tmp_path / "new", *ADDRESSES[:2]).stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--go-live", "soon", "soon is no day"),
        ("--for", "fun", "fun is none of move, rehearsal"),
        ("--kayako-url", "https://acme.kayako.com/agent", "without anything behind it"),
    ],
)
def test_options_that_cannot_be_read_are_refused(
    tmp_path: Path, option: str, value: str, said: str
) -> None:
    refused = init(tmp_path / "new", *ADDRESSES, option, value)
    assert refused.exit_code == 2
    assert said in refused.stderr
    assert not (tmp_path / "new").exists()


def test_what_is_there_stays_unless_it_is_forced(tmp_path: Path) -> None:
    init(tmp_path, *ADDRESSES)
    other = ("--kayako-url", "https://other.kayako.com", *ADDRESSES[2:])
    again = init(tmp_path, *other)
    assert "(as it is; --force replaces it)" in again.stdout
    assert config(tmp_path)["kayako"]["url"] == "https://acme.kayako.com"
    forced = init(tmp_path, *other, "--force")
    assert "config.yaml, the old one is config.yaml.old" in forced.stdout
    assert config(tmp_path)["kayako"]["url"] == "https://other.kayako.com"
    assert config(tmp_path, "config.yaml.old")["kayako"]["url"] == "https://acme.kayako.com"


def test_the_logins_are_a_step_only_where_they_are_not_known(tmp_path: Path) -> None:
    bare = init(tmp_path / "one", *ADDRESSES).stdout
    assert "cp .env.example .env" in bare
    assert "write into .env: KAYAKO_EMAIL, KAYAKO_PASSWORD, ZAMMAD_TOKEN" in bare
    token = ("--zammad-token", "sandbox-token")
    given = init(tmp_path / "two", *ADDRESSES, *token).stdout
    assert "cp .env.example .env" not in given
    assert "write into .env: KAYAKO_EMAIL, KAYAKO_PASSWORD\n" in given
    assert "sandbox-token" not in given
    logins = ("--kayako-email", "a@example.com", "--kayako-password", "p", *token)
    assert "write into .env" not in init(tmp_path / "three", *ADDRESSES, *logins).stdout
