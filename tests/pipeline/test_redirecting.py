from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from runner.cli.main import app
from runner.config.model import Config
from runner.ledger import Ledger
from runner.pipeline import kayako_addresses, moved_conversations
from runner.snapshot import Snapshot
from runner.snapshot.writing import Writer


def test_brands_have_addresses_of_their_own_once_they_are_known(config: Config) -> None:
    config = replace(config, kayako=replace(config.kayako, url="https://acme.kayako.com"))
    assert kayako_addresses(config) == ["https://acme.kayako.com"]
    snapshot = Snapshot.open(config.snapshot_folder)
    Writer(snapshot).listed("brand", [{"id": 1, "alias": "help.acme.example"}])
    snapshot.close()
    assert kayako_addresses(config) == ["https://acme.kayako.com", "https://help.acme.example"]


def test_only_what_is_in_zammad_is_led_there(config: Config) -> None:
    with Ledger.open(config.ledger_file) as ledger:
        table = ledger.table("tickets")
        table.put({"source_id": "1", "target_id": 7, "applied": {"number": "1"}})
        table.put({"source_id": "2", "target_id": None, "status": "skipped"})
        table.put({"source_id": "3", "target_id": 9, "applied": {"number": "a/b"}})
        assert list(moved_conversations(ledger)) == [
            ("1", "ticket/zoom/number/1"),
            ("3", "ticket/zoom/number/a%2Fb"),
        ]


def test_the_command_writes_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("K", "password-of-kayako")
    monkeypatch.setenv("T", "token-of-zammad")
    (tmp_path / "config.yaml").write_text(
        'kayako: {url: https://acme.kayako.example, email: a@b.example, password: "${K}"}\n'
        'zammad: {url: https://zammad.example, token: "${T}"}\n'
    )
    line = ["-c", str(tmp_path / "config.yaml"), "redirects", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, [*line, "--json"])
    told = json.loads(done.stdout)
    assert (done.exit_code, told["pages"]) == (0, 0)
    assert [Path(file).exists() for file in told["files"]] == [True] * 3
