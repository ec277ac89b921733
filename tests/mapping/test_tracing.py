from __future__ import annotations

from typing import Any

import pytest

from runner.mapping.model import Reference
from runner.mapping.tracing import trace
from runner.mapping.transform import transform
from tests.mapping.support import GO_LIVE, STATES, case, mapping, post, shipped

CASES: list[dict[str, Any]] = [
    case(),
    case(status={"id": 9, "label": "Vendor", "type": "CUSTOM"}, tags=["a,b"], subject=None),
    case(requester=None, assigned_team=None, priority=None),
]


@pytest.mark.parametrize("record", CASES)
def test_a_trace_ends_with_what_transform_gives(record: dict[str, Any]) -> None:
    mappings = shipped()
    payload = transform(mappings, "tickets", record, go_live=GO_LIVE).payload
    steps = trace(mappings, "tickets", record, go_live=GO_LIVE)
    outputs = {step.field: step.output for step in steps if step.output is not None}
    assert [step.field for step in steps] == list(mappings.entities["tickets"].fields)
    assert {**payload, "tags": None} == {**outputs, "tags": None}


def test_a_step_says_what_was_read_written_and_lost() -> None:
    made = mapping(
        "state:\n  from: status\n  vocabulary: states\nowner:\n  person: assigned_agent\n"
        "close_at:\n  only_if:\n    zammad.state: [closed]\n  from: [last_closed_at, updated_at]\n",
        tables=STATES,
    )
    status = {"id": 9, "label": "Odd", "type": "CUSTOM"}
    state, owner, close = trace(made, "tickets", case(status=status), go_live=GO_LIVE)
    assert (state.rule, state.inputs) == ("from status, by vocabulary states", {"status": status})
    assert (state.output, [note.kind for note in state.notes]) == ("open", ["dropped"])
    assert owner.output == Reference("users", "2")
    assert close.inputs["zammad.state"] == "open"
    assert (close.output, close.place) == (None, ("zammad_fields", "close_at"))


def test_a_rule_of_a_variant_is_found_at_its_own_place() -> None:
    steps = trace(shipped(), "articles", post(), parent=case(), go_live=GO_LIVE)
    places = {step.field: step.place for step in steps}
    assert places["to"] == ("variants", "MAIL", "to")
    assert places["body"] == ("zammad_fields", "body")


def test_a_value_that_cannot_be_carried_over_is_a_failure_of_its_step() -> None:
    made = mapping("state:\n  from: status.type\n  kayako_to_zammad:\n    NEW: new\n")
    (step,) = trace(made, "tickets", case(), go_live=GO_LIVE)
    assert step.output is None
    assert "OPEN" in str(step.failure)


def test_a_record_that_is_left_out_has_no_steps() -> None:
    assert trace(shipped(), "tickets", case(state="TRASH"), go_live=GO_LIVE) == []
