from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from runner.ledger import Ledger

from .support import elsewhere, is_now

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
    assert (first, second) == (1, 2)


def test_moments_are_in_utc_wherever_the_run_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with elsewhere(monkeypatch), Ledger.open(path) as ledger:
        ledger.start_run("apply")
        (run,) = ledger.runs()
    assert is_now(run["started_at"])


def test_an_unknown_run_cannot_be_finished(path: Path) -> None:
    with Ledger.open(path) as ledger, pytest.raises(KeyError):
        ledger.finish_run(1, "done")


def test_a_run_keeps_how_fast_it_went_and_how_long_requests_took(path: Path) -> None:
    requests = {"workers": 4, "kinds": {"articles": [12, 3.5]}}
    with Ledger.open(path) as ledger:
        first, second = (
            ledger.start_run("apply", scope="teams: Sales", plan="digest"),
            ledger.start_run("finish"),
        )
        ledger.note_pace(first, {"tickets": [[0.0, 1.0], [2.0, 9.0]]})
        ledger.note_pace(first, {"tickets": [[0.0, 1.0], [4.0, 20.0]], "users": []})
        ledger.note_requests(second, requests)
    with crashed(path) as ledger:
        one, other = ledger.runs()
    assert one["pace"] == {"tickets": [[0.0, 1.0], [4.0, 20.0]], "users": []}
    assert one["scope"] == "teams: Sales"
    assert one["plan"] == "digest"
    assert other["requests"] == requests
    assert not {"pace", "scope", "plan"} & other.keys()
    assert "requests" not in one


def test_the_same_word_gives_the_same_table_and_none_that_is_not_ours(path: Path) -> None:
    with Ledger.open(path) as ledger:
        assert ledger.table("users") is ledger.table("users")
        assert ledger.table("users") is not ledger.table("tickets")
        assert ledger.torn == 0


def test_figures_of_a_run_wait_with_the_results_and_its_end_does_not(path: Path) -> None:
    ledger = Ledger.open(path)
    run_id = ledger.start_run("apply")
    ledger.update_run(run_id, COUNTS)
    ledger.note_pace(run_id, {"users": []})
    ledger.note_requests(run_id, {"workers": 1})
    (run,) = crashed(path).runs()
    assert run["counts"] == {}
    assert not {"pace", "requests"} & run.keys()
    ledger.note_run(run_id, {"backup": "yes"})
    (run,) = crashed(path).runs()
    assert (run["counts"], run["backup"]) == (COUNTS, "yes")
    assert {"pace", "requests"} <= run.keys()


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
