"""``migrate purge``: asked for, said, done; or told when it is due."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from runner.cli.main import app
from runner.ledger import Ledger

CONFIG = """\
kayako: {url: https://acme.kayako.example, email: a@b.example, password: "${K}"}
zammad: {url: https://zammad.example, token: "${T}"}
workdir: work
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("K", "password-of-kayako")
    monkeypatch.setenv("T", "token-of-zammad")
    (tmp_path / "config.yaml").write_text(CONFIG)
    with Ledger.open(tmp_path / "work" / "ledgers" / "zammad.example.json") as ledger:
        ledger.finish_run(ledger.start_run("apply"), "done")
    (tmp_path / "work" / "mine.txt").write_text("x")
    return tmp_path


def purge(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["-c", str(folder / "config.yaml"), "purge", *options])


def ledgers(folder: Path) -> list[Path]:
    return list((folder / "work").rglob("*.json"))


def test_without_a_yes_nothing_is_removed(folder: Path) -> None:
    assert purge(folder).exit_code == 2
    assert ledgers(folder)


def test_before_its_time_nothing_is_removed_and_the_day_is_told(folder: Path) -> None:
    done = purge(folder, "--after", "90d", "--yes", "--json")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert (told["removed"], len(told["due"])) == (0, len("2026-12-05"))
    assert ledgers(folder)


def test_a_dry_run_lists_the_files(folder: Path) -> None:
    done = purge(folder, "--dry-run")
    assert "ledgers/zammad.example.json" in done.stdout
    assert "Files that would be removed" in done.stdout
    assert ledgers(folder)


def test_with_a_yes_ours_go_and_others_stay(folder: Path) -> None:
    done = purge(folder, "--after", "0d", "--yes")
    assert done.exit_code == 0
    assert "not ours, left alone:" in done.stdout
    assert [path.name for path in (folder / "work").iterdir()] == ["mine.txt"]


def test_a_wrong_number_of_days_is_refused(folder: Path) -> None:
    assert purge(folder, "--after", "a year", "--yes").exit_code == 2
    assert ledgers(folder)
