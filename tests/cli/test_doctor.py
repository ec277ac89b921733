"""``migrate doctor``: what people and scripts see of it, and how it ends."""

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
        ledger.table("users").put({"source_id": "7", "target_id": 8, "status": "done"})
    (tmp_path / "work").chmod(0o700)
    return tmp_path


def doctor(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["-c", str(folder / "config.yaml"), "doctor", *options])


def test_health_is_one_line(folder: Path) -> None:
    done = doctor(folder)
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "Looked at: 1 ledgers",
        "Healthy (contents of files only with --deep)",
    ]


def test_a_finding_says_what_where_harm_and_help_and_then_what_was_done(folder: Path) -> None:
    ledger = folder / "work" / "ledgers" / "zammad.example.json"
    ledger.write_bytes(ledger.read_bytes().replace(b'"source_id"', b'"source_id~', 1))
    found = doctor(folder)
    assert found.exit_code == 12
    for words in ("damage ledger unreadable", f"where: {ledger}", "harm:  no run can", "--repair"):
        assert words in found.stdout.replace("\n", " "), words
    assert "Left to see to: 1; --repair helps with 1" in found.stdout
    healed = doctor(folder, "--repair")
    assert "done:  0 documents saved" in healed.stdout
    assert "look at migrate plan" in healed.stdout
    assert healed.exit_code == 12
    assert doctor(folder).exit_code == 0


def test_scripts_get_all_of_it(folder: Path) -> None:
    (folder / "work" / "ledgers").chmod(0o755)
    found = doctor(folder, "--json")
    assert found.exit_code == 11
    told = json.loads(found.stdout)
    assert (told["healthy"], told["looked_at"]) == (False, {"ledgers": 1})
    (row,) = told["findings"]
    assert (row["kind"], row["grade"], row["repairable"]) == ("open to others", "care", True)
    healed = doctor(folder, "--json", "--repair")
    assert healed.exit_code == 0
    told = json.loads(healed.stdout)
    assert (told["healthy"], told["findings"][0]["healed"]) == (True, True)
