from __future__ import annotations

from typing import Any

import pytest

from runner.engine.reset_time import STATED_SECONDS, expected, seconds_a_record
from tests.engine.support import Small


def run(step: str, seconds: float, created: int, **words: int) -> dict[str, Any]:
    through = created + sum(words.values())
    counts = {step.capitalize(): {"created": created, **words}}
    return {"kind": "apply", "counts": counts, "pace": {step: [[1.0, 0], [1.0 + seconds, through]]}}


def test_an_empty_ledger_has_nothing_to_remove(small: Small) -> None:
    assert expected(small().ledger, settle_seconds=20) is None


def test_it_counts_what_is_ours_and_what_is_given_back(small: Small) -> None:
    ledger = small().ledger
    for number in range(10):
        document = {"source_id": str(number), "target_id": number, "status": "done"}
        ledger.table("tickets").put(document)
        before = {"note": None} if number < 3 else {}
        ledger.table("users").put({**document, "adopted": True, "before": before})
    found = expected(ledger, settle_seconds=20)
    assert found is not None
    assert (found.records, found.requests, found.measured) == (13, 23, False)
    assert found.seconds == pytest.approx(23 * STATED_SECONDS + 40, abs=0.1)


def test_what_earlier_runs_took_counts_more_than_what_is_stated() -> None:
    assert seconds_a_record([run("users", 10, 100)]) == pytest.approx(0.1)
    assert seconds_a_record([run("users", 10, 100), run("groups", 20, 50)]) == pytest.approx(0.2)


@pytest.mark.parametrize(
    "one",
    [
        run("users", 1, 5),
        run("users", 10, 100, unchanged=900),
        run("tickets", 10, 100),
        {**run("users", 10, 100), "kind": "finish"},
        {"kind": "apply", "counts": {}},
    ],
)
def test_steps_that_tell_nothing_about_one_writer_are_left_out(one: dict[str, Any]) -> None:
    assert seconds_a_record([one]) is None
