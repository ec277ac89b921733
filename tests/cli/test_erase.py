"""``migrate erase``: lists without being asked for more, erases nobody without a yes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from runner.cli.main import app
from tests.cli.test_purge import CONFIG
from tests.snapshot.support import case, filled, user


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("K", "password-of-kayako")
    monkeypatch.setenv("T", "token-of-zammad")
    (tmp_path / "config.yaml").write_text(CONFIG.replace("acme.kayako.example", "kayako.example"))
    place = tmp_path / "work" / "snapshot"
    snapshot, writer = filled(place, users=[user(7), user(8)], cases=[case(1)])
    writer.mark_gone("users", 7)
    snapshot.close()
    return tmp_path


def erase(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["-c", str(folder / "config.yaml"), "erase", *options])


def test_those_who_are_gone_are_listed(folder: Path) -> None:
    done = erase(folder)
    assert "7 Customer 7: gone; not in Zammad" in done.stdout
    assert "Customer 8" not in done.stdout
    (row,) = json.loads(erase(folder, "--json").stdout)["people"]
    assert row == {"id": 7, "name": "Customer 7", "reason": "gone"} | {
        "target_id": None,
        "adopted": False,
    }


@pytest.mark.parametrize("number", ["7", "8", "99"])
def test_nobody_is_erased_without_a_yes_or_without_a_reason(folder: Path, number: str) -> None:
    done = erase(folder, "--user", number, *([] if number == "7" else ["--yes"]))
    assert done.exit_code == 2
    assert "Customer 7" in erase(folder).stdout
