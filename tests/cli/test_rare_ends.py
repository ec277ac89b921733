"""Ends of commands that a good day does not show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from runner import pipeline
from runner.cli import demo
from runner.cli.main import app
from runner.engine import made_from
from runner.engine.erase import Erasure, Person
from runner.errors import MigrateError
from runner.ledger import Ledger
from runner.sandbox.both import start
from runner.sandbox.data import generate
from runner.snapshot import asides
from tests.cli.test_purge import CONFIG
from tests.report.support import Paper


def test_a_demo_whose_edit_finds_no_line_says_so(tmp_path: Path) -> None:
    name, before, after = demo._EDIT
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"# a heading\n{before}")
    paper = Paper()
    demo._edit(tmp_path, paper.console)
    assert file.read_text() == f"# a heading\n{after}"
    assert f"-{before.rstrip()}" in paper.text
    if before not in after:
        with pytest.raises(MigrateError, match="to edit"):
            demo._edit(tmp_path, paper.console)


def test_a_demo_counts_what_came_of_it(tmp_path: Path) -> None:
    paper = Paper()
    with start(generate(1, posts_each=1, users=1)) as sandbox:
        demo._sum_up(paper.console, sandbox, tmp_path)
    assert "0 mails sent to anybody" in paper.text
    assert "3 users" in paper.text


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_an_erasure_tells_what_was_asked_and_what_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.setenv("K", "password-of-kayako")
    monkeypatch.setenv("T", "token-of-zammad")
    (tmp_path / "config.yaml").write_text(CONFIG)
    who = Person(7, "Customer 7", "gone", 40, adopted=False)
    done = Erasure()
    done.asked_zammad, done.tickets, done.remain = True, 2, [99]
    monkeypatch.setattr(pipeline, "erasable_person", lambda *_: who)
    monkeypatch.setattr(pipeline, "run_erase", lambda *_: done)
    arguments = ["-c", str(tmp_path / "config.yaml"), "erase", "--user", "7", "--yes", *options]
    said = CliRunner().invoke(app, arguments, env={"COLUMNS": "300"}).stdout
    words = '"remain": [' if options else "ticket 99 is another customer's in Zammad now"
    assert words in said
    assert options or "Zammad will delete user 40 and 2 of our tickets" in said


def test_stamps_of_two_states_tell_what_is_new_changed_and_gone() -> None:
    before = [("cases", 1, "a"), ("cases", 2, "a"), ("users", 1, "a")]
    now = [("cases", 0, "a"), ("cases", 2, "b"), ("users", 1, "a"), ("users", 9, "a")]
    found: Any = made_from._compared(iter(before), iter(now))
    assert list(found) == [
        ("new", "cases", 0),
        ("removed", "cases", 1),
        ("changed", "cases", 2),
        ("new", "users", 9),
    ]


def test_a_ledger_that_was_emptied_or_changed_by_hand_is_told(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.json") as ledger:
        before = made_from.of_ledger(ledger)
        ledger.table("users").put({"source_id": "7", "target_id": 1, "status": "done"})
        assert list(made_from._ledger(before, ledger)) == [
            "ledger: its users were changed without a run"
        ]
        emptied = list(made_from._ledger({**before, "runs": 3}, ledger))
        assert emptied == ["ledger: it was emptied (migrate reset)"]


def test_what_an_activity_changed_is_told_value_by_value() -> None:
    actions = [
        {"field": "status", "old_value": None, "new_value": "OPEN"},
        {"field": "priority", "old_value": "HIGH", "new_value": ""},
        {"action": "without a field"},
        "of a shape that nobody expected",
    ]
    assert list(asides._changes({"actions": actions})) == [
        "(status: nothing → OPEN)",
        "(priority: HIGH → nothing)",
    ]
    assert list(asides._changes({})) == []
