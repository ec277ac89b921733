from __future__ import annotations

from typing import Any

import pytest

from runner.engine import results
from runner.engine.change import Action, Change, Difference
from runner.errors import OutcomeUnknown, RecordError
from runner.mapping.model import Note, Reference

TEAM = {"ref": "groups/1"}


def change(action: Action = Action.CREATE, **more: Any) -> Change:
    payload = {"login": "customer-7", "organization": Reference("organizations", "5"), "note": "n"}
    return Change("users", "7", action, payload=payload, fingerprint="f" * 64, **more)


def test_an_intent_holds_the_keys_by_which_it_is_found_again() -> None:
    document = results.intent(change(), None)
    assert (document["status"], document["target_id"]) == ("intended", None)
    assert document["applied"] == {"login": "customer-7"}


def test_a_result_holds_what_was_written_and_what_is_left_for_finish() -> None:
    document = results.done(change(deferred={"groups": [Reference("groups", "1")]}), 40)
    assert (document["status"], document["target_id"], document["adopted"]) == ("done", 40, False)
    assert document["applied"]["organization"] == {"ref": "organizations/5"}
    assert document["deferred"] == {"values": {"groups": [TEAM]}, "written": False}
    assert document["before"] == {}
    assert "children" not in document
    assert results.done(change(), 40)["deferred"]["written"] is True


def test_a_field_in_conflict_keeps_what_was_written_before() -> None:
    clash = Difference("note", "first", "n")
    document = results.done(change(conflicts=(clash,)), 40)
    assert document["applied"]["note"] == "first"
    ((kind, field, text),) = document["notes"]
    assert (kind, field) == ("conflict", "note")
    assert text.endswith("in Kayako it is n")


def test_an_update_keeps_how_the_record_came_to_be_and_what_it_was() -> None:
    first = results.done(change(adopted=True, before={"note": None}), 40)
    known = {**first, "before": {"note": None}, "action": "unchanged"}
    again = results.done(change(Action.UPDATE, before={"phone": "1"}), 40, known=known)
    assert (again["action"], again["adopted"]) == ("unchanged", True)
    assert again["before"] == {"note": None, "phone": "1"}


def test_what_finish_wrote_stays_written_until_it_changes() -> None:
    teams = {"groups": [Reference("groups", "1")]}
    known = results.done(change(deferred=teams), 40)
    known["deferred"]["written"] = True
    assert results.done(change(deferred=teams), 40, known=known)["deferred"]["written"]
    more = {"groups": [Reference("groups", "2")]}
    assert not results.done(change(deferred=more), 40, known=known)["deferred"]["written"]
    assert not results.done(change(), 40, known=known)["deferred"]["written"]


def test_an_intent_that_arrived_takes_its_result_from_the_change() -> None:
    known = results.intent(change(), None)
    document = results.done(change(resume=True), 40, known=known)
    assert (document["action"], document["adopted"], document["before"]) == ("create", False, {})


def test_a_tickets_articles_are_its_children() -> None:
    posts = {"10": [100, "d"]}
    assert results.done(change(), 40, posts=posts)["children"] == {"posts": posts, "time": {}}
    document = results.partial(change(), 40, posts)
    assert (document["status"], document["target_id"]) == ("partial", 40)
    assert document["children"]["posts"] == posts


def test_a_failure_says_why_and_what_to_do() -> None:
    document = results.failed(change(), RecordError("no", advice="do this"), known=None)
    assert (document["status"], document["target_id"]) == ("failed", None)
    assert document["notes"][0] == ["failed", "", "no (do this)"]
    assert results.failed(change(), "plain", known=None)["notes"][0][2] == "plain"


@pytest.mark.parametrize(
    ("known", "error", "status"),
    [
        ({"status": "done", "target_id": 40}, RecordError("x"), "done"),
        ({"status": "partial", "target_id": 40}, RecordError("x"), "partial"),
        ({"status": "intended", "target_id": None}, OutcomeUnknown("x"), "intended"),
        ({"status": "intended", "target_id": None}, RecordError("x"), "failed"),
        ({"status": "skipped", "target_id": None}, RecordError("x"), "failed"),
    ],
)
def test_what_is_there_of_a_failed_record_stays_known(
    known: dict[str, object], error: RecordError, status: str
) -> None:
    document = results.failed(change(), error, known={"source_id": "7", **known})
    assert document["status"] == status
    assert document["notes"][0] == ["failed", "", "x"]


@pytest.mark.parametrize(
    "left", [change(resume=True), change(Action.FAIL), change(Action.SKIP, reason="not wanted")]
)
def test_an_intent_of_an_earlier_run_stays_one(left: Change) -> None:
    known = {"source_id": "7", "status": "intended", "target_id": None}
    if left.action is Action.SKIP:
        document = results.skipped(left, known=known)
    else:
        document = results.failed(left, RecordError("x"), known=known)
    assert document["status"] == "intended"
    assert document["notes"][0][0] in {"failed", "skipped"}


def test_a_skip_gives_its_reason_and_notes_are_limited() -> None:
    notes = tuple(Note("cut", "note", str(number)) for number in range(50))
    document = results.skipped(change(Action.SKIP, reason="not wanted", notes=notes), known=None)
    assert document["status"] == "skipped"
    assert document["notes"][0] == ["skipped", "", "not wanted"]
    assert document["notes"][1] == ["cut", "note", "0"]
    assert document["notes"][-2:] == [
        ["cut", "note", "19"],
        ["more", "", "30 more; migrate explain shows all of them"],
    ]
    assert len(document["notes"]) == 22
