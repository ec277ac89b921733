"""What speaks against going live, as far as the ledger knows."""

from __future__ import annotations

from runner.engine.gate import open_ends
from runner.ledger import Ledger
from tests.engine.support import Small


def ended(ledger: Ledger, outcome: str | None) -> None:
    run_id = ledger.start_run("apply")
    if outcome is not None:
        ledger.finish_run(run_id, outcome, {})


def document(status: str, *notes: list[str]) -> dict[str, object]:
    return {"source_id": "1", "target_id": 1, "status": status, "notes": list(notes)}


def test_before_the_first_apply_there_is_nothing_to_go_live_with(small: Small) -> None:
    assert open_ends(small().ledger) == ["nothing was moved yet: migrate apply was never run"]


def test_after_an_apply_that_went_to_its_end_nothing_is_open(small: Small) -> None:
    ledger = small().ledger
    ended(ledger, "interrupted")
    ended(ledger, "done")
    ledger.table("tickets").put(document("done"))
    assert open_ends(ledger) == []


def test_an_apply_that_was_stopped_or_cut_off_is_open(small: Small) -> None:
    ledger = small().ledger
    ended(ledger, "too many errors")
    assert open_ends(ledger) == [
        "the last apply ended early (too many errors): run migrate apply again"
    ]
    ended(ledger, None)
    assert open_ends(ledger) == ["the last apply was cut off: run migrate apply again"]


def test_failed_and_half_written_records_are_open(small: Small) -> None:
    ledger = small().ledger
    ended(ledger, "failed records")
    ledger.table("tickets").put(document("failed", ["failed", "", "refused"]))
    ledger.table("users").put(document("partial"))
    assert open_ends(ledger) == [
        "users that are only begun: 1 (migrate apply completes them)",
        "tickets that failed: 1 (migrate status lists them)",
    ]
