from __future__ import annotations

import threading
from collections.abc import Callable

from runner import pipeline
from runner.config.model import ENTITIES, Config
from runner.ledger import Ledger
from runner.pipeline import Scope
from tests.pipeline.conftest import Site


def test_before_anything_was_done_there_is_a_row_for_every_entity(config: Config) -> None:
    standing = pipeline.status(config)
    assert set(standing["result"]) == {name.capitalize() for name in ENTITIES}
    assert standing["snapshot"] is None
    assert standing["started_at"] is standing["finished_at"] is standing["outcome"] is None
    assert standing["runs"] == standing["failed"] == []


def test_the_last_apply_counts_whatever_ran_after_it(config: Config) -> None:
    with Ledger.open(config.ledger_file) as ledger:
        for kind, created in (("apply", 1), ("apply", 2), ("finish", 3)):
            run_id = ledger.start_run(kind)
            ledger.finish_run(run_id, "done", {"Groups": {"created": created}})
    standing = pipeline.status(config)
    assert standing["result"] == {"Groups": {"created": 2}}
    assert standing["outcome"] == "done"
    assert [run["kind"] for run in standing["runs"]] == ["apply", "apply", "finish"]


def test_what_failed_is_listed_with_its_reason(config: Config) -> None:
    with Ledger.open(config.ledger_file) as ledger:
        done = {"target_id": 4, "status": "done"}
        ledger.table("users").put({"source_id": "7", "notes": [["cut", "note", "x"]], **done})
        failed = [["cut", "", "x"], ["failed", "", "number taken"]]
        ledger.table("tickets").put({"source_id": "1", "notes": failed, "status": "failed"})
    assert pipeline.status(config)["failed"] == [
        {"entity": "tickets", "source_id": "1", "reason": "number taken"}
    ]


def test_it_tells_import_mode_what_was_cut_off_and_the_backup(config: Config) -> None:
    said = {"text": "snapshot 5", "at": "2026-12-05T07:00:00Z", "by": "admin-7"}
    assert pipeline.status(config)["import_mode"] is None
    with Ledger.open(config.ledger_file) as ledger:
        ledger.save_target({"identity": "x"})
        run_id = ledger.start_run("apply")
        ledger.note_run(run_id, {"backup": said})
        ledger.finish_run(run_id, "done", {"Groups": {"created": 1}})
        ledger.start_run("finish")
    standing = pipeline.status(config)
    assert (standing["import_mode"], standing["live_since"]) == (True, None)
    assert standing["cut_off"] == ["finish"]
    assert standing["backup"] == said


def test_what_was_pulled_is_counted(site: Callable[..., Site]) -> None:
    made = site()
    assert pipeline.snapshot_counts(made.config) is None
    pipeline.make_plan(
        made.config,
        Scope(("groups",)),
        show=0,
        pull=False,
        progress=lambda *_: None,
        seen=lambda _: None,
        stop=threading.Event(),
    )
    counts = pipeline.snapshot_counts(made.config) or {}
    assert counts["cases"] == 6
    assert counts["teams"] > 0
    assert counts["pulled_at"]
