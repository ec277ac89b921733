"""What a history has to say for a merger to be known; no recording shows one."""

from __future__ import annotations

from typing import Any

import pytest

from runner.kayako.mergers import survivor

CASE = {"id": 3, "resource_type": "case"}


def line(**changes: Any) -> dict[str, Any]:
    return {
        "activity": "merge_case",
        "verb": "MERGED",
        "summary": "merged",
        "created_at": "2024-01-01T00:00:00Z",
        **changes,
    }


@pytest.mark.parametrize(
    "found",
    [
        {"target": CASE},
        {"target": {"name": "case", "original": CASE}},
        {"target": {"url": "https://acme.kayako.com/api/v1/cases/3"}},
        {"object": {"original": {"id": 9, "resource_type": "case"}}, "result": CASE},
        {"actions": [{"action": "UPDATED", "field": "merge", "new_object": CASE}]},
        {"summary": "merged into <https://acme.kayako.com/agent/conversations/3|Printer>"},
    ],
)
def test_one_other_conversation_is_the_survivor(found: dict[str, Any]) -> None:
    assert survivor([line(**found)], 9) == 3


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [line()],
        [line(target={"id": 9, "resource_type": "case"})],
        [line(target=[CASE, {"id": 4, "resource_type": "case"}])],
        [{"activity": "update_case", "verb": "UPDATED", "summary": "", "target": CASE}],
        [line(target="case 3", actions="none", object=None)],
    ],
)
def test_anything_else_is_not_known(lines: list[dict[str, Any]]) -> None:
    assert survivor(lines, 9) is None


def test_the_last_merger_counts() -> None:
    earlier = line(target={"id": 2, "resource_type": "case"}, created_at="2023-01-01T00:00:00Z")
    assert survivor([earlier, line(target=CASE)], 9) == 3
    assert survivor([line(target=CASE), earlier], 9) == 3
