from __future__ import annotations

from typing import Any

from runner.snapshot.replies import first_agent_reply

CUSTOMER = {"type": "user", "id": 7, "role": "CUSTOMER"}
AGENT = {"type": "user", "id": 2, "role": "AGENT"}


def post(minute: int, creator: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "creator": creator or AGENT,
        "is_requester": creator is CUSTOMER,
        "source_channel": {"type": "MAIL"},
        "original": {"resource_type": "case_message"},
        "interleaved": False,
        "created_at": f"2024-01-01T10:{minute:02}:00Z",
        **changes,
    }


def test_it_is_the_first_public_post_of_an_agent_after_the_question() -> None:
    posts = [post(0), post(1, CUSTOMER), post(2), post(3)]
    assert first_agent_reply(posts) == "2024-01-01T10:02:00Z"


def test_without_a_question_or_an_answer_there_is_none() -> None:
    assert first_agent_reply([]) is None
    assert first_agent_reply([post(0), post(1)]) is None
    assert first_agent_reply([post(0, CUSTOMER), post(1, CUSTOMER)]) is None


def test_notes_and_logs_and_what_came_over_no_channel_are_no_answer() -> None:
    silent = [
        post(1, source_channel={"type": "NOTE"}),
        post(2, source_channel=None),
        post(3, interleaved=True),
        post(4, original={"resource_type": "activity"}),
    ]
    assert first_agent_reply([post(0, CUSTOMER), *silent]) is None


def test_triggers_and_other_customers_are_no_agents_and_people_who_are_gone_are() -> None:
    others = [post(1, {"type": "trigger", "id": 7, "role": None}), post(2, {**CUSTOMER, "id": 8})]
    gone = post(3, {"type": "user", "id": 99, "role": None})
    assert first_agent_reply([post(0, CUSTOMER), *others]) is None
    assert first_agent_reply([post(0, CUSTOMER), *others, gone]) == "2024-01-01T10:03:00Z"
