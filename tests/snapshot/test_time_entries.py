from __future__ import annotations

from pathlib import Path

from runner.sandbox.data import hard_cases
from tests.kayako.support import pulling
from tests.snapshot.support import filled, reference


def test_entries_come_by_case_with_their_seconds(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        world.headers()
        snapshot = world.snapshot
        case = next(
            record for record in snapshot.records("cases") if record["subject"] == "Much beside it"
        )
        entries = snapshot.time_entries(case["id"])
        assert [(entry["log_type"], entry["seconds"]) for entry in entries] == [
            ("VIEWED", 90),
            ("WORKED", 3780),
            ("WORKED", 59),
        ]
        assert {entry["agent"]["name"] for entry in entries} == {"Agent 3"}
        assert {entry["created_at"] for entry in entries} == {"2024-05-02T10:00:00Z"}
        assert snapshot.dangling_time_entries() == 1
        gone = snapshot.time_entries(1)[0]["agent"]
        assert (gone["id"], gone["known"]) == (91, False)


def test_an_entry_that_vanished_is_no_longer_there(tmp_path: Path) -> None:
    entry = {
        "id": 1,
        "case": reference("case", 1),
        "agent": reference("user", 7),
        "log_type": "WORKED",
        "time_spent": 59,
        "created_at": 1_714_644_000,
    }
    snapshot, writer = filled(tmp_path)
    writer.page("timetracking", [entry, {**entry, "id": 2, "case": None}], sweep=1)
    assert [item["id"] for item in snapshot.time_entries(1)] == [1]
    assert snapshot.dangling_time_entries() == 1
    first = snapshot.time_entries(1)[0]
    writer.page("timetracking", [{**entry, "time_spent": 60}], sweep=2)
    assert snapshot.time_entries(1)[0]["digest"] != first["digest"]
    writer.page("timetracking", [{**entry, "updated_at": 1_714_644_999}], sweep=2)
    assert snapshot.time_entries(1)[0]["digest"] == first["digest"]
    writer.mark_gone("timetracking", 1)
    assert snapshot.time_entries(1) == []
    writer.mark_gone("cases", 1)
    assert snapshot.dangling_time_entries() == 1
    snapshot.close()
