"""``migrate status``: what it says of a ledger at each station, without asking either system."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from runner.cli.main import app
from runner.ledger import Ledger
from tests.cli.test_purge import CONFIG
from tests.report.support import done, stopped
from tests.snapshot.support import filled

WORDS = ("created", "updated", "unchanged", "skipped", "failed", "deactivated", "sum", "total")
COUNTS = {"Tickets": {word: int(word in {"created", "sum", "total"}) for word in WORDS}}
Edit = Callable[[Ledger], Any]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("K", "password-of-kayako")
    monkeypatch.setenv("T", "token-of-zammad")
    (tmp_path / "config.yaml").write_text(CONFIG.replace("acme.kayako.example", "kayako.example"))
    return tmp_path


def status(folder: Path, *options: str) -> Result:
    arguments = ["-c", str(folder / "config.yaml"), "status", *options]
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "300"})


def written(folder: Path, edit: Edit) -> None:
    with Ledger.open(folder / "work" / "ledgers" / "zammad.example.json") as ledger:
        ledger.save_target({"url": "https://zammad.example"})
        edit(ledger)


def applied(ledger: Ledger, outcome: str | None = "done", scope: str = "") -> None:
    run = ledger.start_run("apply", scope=scope)
    ledger.update_run(run, COUNTS)
    if outcome is not None:
        ledger.finish_run(run, outcome, COUNTS)


def finished(ledger: Ledger, outcome: str | None) -> None:
    applied(ledger)
    run = ledger.start_run("finish")
    if outcome is not None:
        ledger.finish_run(run, outcome)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (applied, "Zammad is in import mode: nobody works in it"),
        (lambda ledger: applied(ledger, None), "is still running, or was cut off"),
        (lambda ledger: applied(ledger, "interrupted"), "interrupted; run migrate apply again"),
        (lambda ledger: applied(ledger, "done", "--ids 1"), "Last apply of a part (--ids 1)"),
        (lambda ledger: finished(ledger, "done"), "Zammad is live since "),
        (lambda ledger: finished(ledger, "failed records"), "left records behind"),
        (lambda ledger: finished(ledger, None), "The last finish was cut off"),
    ],
)
def test_it_says_where_things_stand(folder: Path, edit: Edit, words: str) -> None:
    written(folder, edit)
    said = status(folder)
    assert said.exit_code == 0, said.output
    assert words in said.stdout


def test_before_anything_it_says_how_to_begin(folder: Path) -> None:
    said = status(folder).stdout
    assert "Snapshot: none yet (migrate pull)" in said
    assert "Apply: not run yet" in said


def test_a_pull_that_was_cut_off_is_told(folder: Path) -> None:
    snapshot, _ = filled(folder / "work" / "snapshot")
    snapshot.close()
    assert "pulled not to its end yet (migrate pull)" in status(folder).stdout


@pytest.mark.parametrize(("text", "shown"), [("snapshot 5", "snapshot 5"), ("", "nothing was")])
def test_what_was_said_of_a_backup_is_repeated(folder: Path, text: str, shown: str) -> None:
    def edit(ledger: Ledger) -> None:
        run = ledger.start_run("apply")
        said = {"text": text, "at": "2026-12-05T08:00:00Z", "by": "somebody"}
        ledger.note_run(run, {"backup": said})
        ledger.finish_run(run, "done")

    written(folder, edit)
    said = status(folder).stdout
    assert f"Backup: {shown}" in said
    assert "said on 2026-12-05T08:00:00Z by somebody" in said


def failing(ledger: Ledger) -> None:
    request = {"method": "POST", "path": "/tickets", "body": '{"title": "x"}'}
    answer = {"status": 422, "answer": "no [bold]such[/] group"}
    kept = {"attempts": 2, "since": "2026-12-05T08:00:00Z", "advice": "name another group"}
    rows = ledger.table("tickets")
    rows.put(done("1", 11, notes=[["cut", "title", "cut at 250 characters"]]))
    rows.put(
        stopped("2", "failed", "no group") | {"failure": {**kept, "request": request | answer}}
    )
    rows.put(stopped("3", "failed", "no title") | {"failure": {**kept, "attempts": 1}})
    rows.put(stopped("4", "failed", "of an older ledger"))
    run = ledger.start_run("apply")
    ledger.finish_run(run, "failed records", COUNTS)


def test_failures_are_told_with_their_requests_and_what_to_do(folder: Path) -> None:
    written(folder, failing)
    assert "failed tickets/2: no group" in status(folder).stdout
    said = status(folder, "--failed").stdout
    for words in (
        "tried 2 times since 2026-12-05T08:00:00Z",
        "sent: POST /tickets",
        "answer: 422 no [bold]such[/] group",
        "what to do: name another group",
        "tried once at 2026-12-05T08:00:00Z",
        "nothing was sent: it failed before",
        "tickets/4: of an older ledger",
        "3 failed; put right what they name",
    ):
        assert words in said
    rows = json.loads(status(folder, "--failed", "--json").stdout)["failed"]
    assert [row["source_id"] for row in rows] == ["2", "3", "4"]


def test_notes_are_told_record_by_record(folder: Path) -> None:
    written(folder, failing)
    assert "tickets/1  title cut: cut at 250 characters" in status(folder, "--notes").stdout
    rows = json.loads(status(folder, "--notes", "--json").stdout)["notes"]
    assert rows[0]["text"] == "cut at 250 characters"


def test_two_lists_at_once_are_refused(folder: Path) -> None:
    refused = status(folder, "--notes", "--failed")
    assert refused.exit_code == 2
    assert "ask for one of them" in refused.output
