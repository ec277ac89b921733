from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from runner.ledger import Ledger

if TYPE_CHECKING:
    from pathlib import Path

COUNTS = {"Groups": {"skipped": 0, "created": 3, "updated": 0, "sum": 3, "total": 4}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.json"


def crashed(path: Path) -> Ledger:
    """Return what a reader finds while the writer has closed nothing."""
    return Ledger.open(path, read_only=True)


def test_the_target_is_kept_at_once(path: Path) -> None:
    ledger = Ledger.open(path)
    assert ledger.target == {}
    ledger.save_target({"url": "http://127.0.0.1", "settings": {"import_mode": False}})
    ledger.save_target({"url": "http://127.0.0.1:1"})
    assert ledger.target == crashed(path).target == {"url": "http://127.0.0.1:1"}


def test_a_run_is_known_from_its_start(path: Path) -> None:
    Ledger.open(path).start_run("apply", started_at="2026-11-23T10:00:00Z")
    assert crashed(path).runs() == [
        {
            "kind": "apply",
            "started_at": "2026-11-23T10:00:00Z",
            "finished_at": None,
            "outcome": None,
            "counts": {},
        }
    ]


def test_a_run_keeps_its_counts_and_its_end(path: Path) -> None:
    ledger = Ledger.open(path)
    first = ledger.start_run("apply")
    ledger.update_run(first, COUNTS)
    ledger.finish_run(first, "done", finished_at="2026-11-23T11:00:00Z")
    second = ledger.start_run("reset")
    ledger.update_run(second, {"Groups": {"sum": 1}})
    ledger.finish_run(second, "interrupted", COUNTS)
    runs = crashed(path).runs()
    assert [run["kind"] for run in runs] == ["apply", "reset"]
    assert [run["outcome"] for run in runs] == ["done", "interrupted"]
    assert [run["counts"] for run in runs] == [COUNTS, COUNTS]
    assert runs[0]["finished_at"] == "2026-11-23T11:00:00Z"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", runs[1]["finished_at"])
    assert runs[1]["started_at"] <= runs[1]["finished_at"]


def test_runs_go_on_counting_in_the_next_session(path: Path) -> None:
    with Ledger.open(path) as ledger:
        first = ledger.start_run("apply")
    with Ledger.open(path) as ledger:
        second = ledger.start_run("finish")
        ledger.finish_run(second, "done")
        assert [run["outcome"] for run in ledger.runs()] == [None, "done"]
    assert first != second


def test_an_unknown_run_cannot_be_finished(path: Path) -> None:
    with Ledger.open(path) as ledger, pytest.raises(KeyError):
        ledger.finish_run(1, "done")


def test_leaving_the_block_by_an_error_keeps_what_was_put(path: Path) -> None:
    def fail() -> None:
        with Ledger.open(path) as ledger:
            ledger.table("groups").put({"source_id": "1"})
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert list(crashed(path).table("groups")) == [{"source_id": "1"}]
    assert [file.name for file in path.parent.iterdir()] == ["ledger.json"]


def test_what_else_is_to_be_known_of_a_run_survives(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    with Ledger.open(path) as ledger:
        run_id = ledger.start_run("finish")
        ledger.note_run(run_id, {"accepted": [{"kind": "triggers", "text": "two"}]})
        ledger.finish_run(run_id, "done")
    with Ledger.open(path, read_only=True) as ledger:
        (run,) = ledger.runs()
    assert run["accepted"] == [{"kind": "triggers", "text": "two"}]
    assert (run["kind"], run["outcome"]) == ("finish", "done")
