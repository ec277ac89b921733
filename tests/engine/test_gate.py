"""What speaks against going live, as far as the ledger knows."""

from __future__ import annotations

from runner.engine.gate import obstacles, open_ends, unverified
from runner.ledger import Ledger
from tests.engine.support import Small
from tests.zammad.support import Desk


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


def verification(**values: object) -> dict[str, object]:
    return {"started_at": "2999-01-01T00:00:00Z", "ok": True, "sample": None, **values}


def test_what_verify_did_not_prove_is_told(small: Small) -> None:
    ledger = small().ledger
    assert unverified(ledger, None) == ""
    run_id = ledger.start_run("apply")
    ledger.finish_run(run_id, "done", {"Tickets": {"created": 1}})
    assert unverified(ledger, None) == "migrate verify was never run"
    assert unverified(ledger, verification()) == ""
    assert "before the last apply" in unverified(
        ledger, verification(started_at="2001-01-01T00:00:00Z")
    )
    assert unverified(ledger, verification(ok=False, differences_total=1200)).endswith(": 1,200")
    assert "a sample of 25 conversations" in unverified(ledger, verification(sample=25))


def test_an_apply_that_found_nothing_to_do_takes_nothing_from_a_verification(small: Small) -> None:
    ledger = small().ledger
    run_id = ledger.start_run("apply", started_at="2998-01-01T00:00:00Z")
    ledger.finish_run(
        run_id, "done", {"Tickets": {"created": 1}}, finished_at="2998-01-02T00:00:00Z"
    )
    run_id = ledger.start_run("apply", started_at="2999-02-01T00:00:00Z")
    counts = {"Tickets": {"unchanged": 1}}
    ledger.finish_run(run_id, "done", counts, finished_at="2999-02-02T00:00:00Z")
    assert unverified(ledger, verification()) == ""


def test_while_import_mode_is_on_all_of_it_is_asked_afterwards_only_the_move(
    small: Small, zammad_desk: Desk
) -> None:
    ledger = small().ledger
    zammad_desk.importing()
    kinds = [row.kind for row in obstacles(ledger, zammad_desk.zammad, None)]
    assert kinds == ["unfinished", "triggers", "addresses"]
    zammad_desk.set(import_mode=False)
    kinds = [row.kind for row in obstacles(ledger, zammad_desk.zammad, None)]
    assert kinds == ["unfinished"]
