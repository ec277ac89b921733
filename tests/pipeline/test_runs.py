from __future__ import annotations

from typing import Any

import pytest

from runner.pipeline.runs import cut_off, in_import_mode, live_since

WROTE = {"Groups": {"created": 1}}


def run(kind: str, outcome: str | None = "done", counts: Any = WROTE) -> dict[str, Any]:
    ended = None if outcome is None else "2026-12-05T08:00:00Z"
    return {"kind": kind, "finished_at": ended, "outcome": outcome, "counts": counts}


@pytest.mark.parametrize(
    ("runs", "live", "import_mode"),
    [
        ([], False, None),
        ([run("apply", counts={})], False, None),
        ([run("apply")], False, True),
        ([run("apply"), run("finish")], True, False),
        ([run("apply"), run("finish"), run("apply", counts={})], True, False),
        ([run("apply"), run("finish"), run("apply")], False, True),
        ([run("apply"), run("finish", "failed records")], False, False),
        ([run("apply"), run("finish", None)], False, True),
        ([run("apply", "interrupted", {})], False, True),
    ],
)
def test_whether_zammad_is_live(
    runs: list[dict[str, Any]], *, live: bool, import_mode: bool | None
) -> None:
    assert (live_since(runs) is not None) is live
    assert in_import_mode(runs) is import_mode


def test_only_the_last_run_of_a_kind_can_be_cut_off() -> None:
    runs = [run("apply", None), run("apply"), run("finish", None)]
    assert [each["kind"] for each in cut_off(runs)] == ["finish"]
