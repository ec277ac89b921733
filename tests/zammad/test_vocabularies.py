from __future__ import annotations

import pytest

from runner.errors import RecordError
from runner.zammad import vocabularies
from tests.zammad.support import Desk


def test_a_state_behaves_like_the_one_it_is_like(zammad_desk: Desk) -> None:
    zammad = zammad_desk.zammad
    made = vocabularies.create(zammad, "ticket_state", "Escalated", "pending reminder")
    there = vocabularies.read(zammad, "ticket_state")
    assert there["Escalated"]["id"] == made
    assert there["Escalated"]["state_type_id"] == there["pending reminder"]["state_type_id"]
    assert there["Escalated"]["active"] is True


def test_a_priority_is_created(zammad_desk: Desk) -> None:
    made = vocabularies.create(zammad_desk.zammad, "ticket_priority", "4 urgent", "3 high")
    assert vocabularies.read(zammad_desk.zammad, "ticket_priority")["4 urgent"]["id"] == made


def test_what_is_there_is_not_created_again(zammad_desk: Desk) -> None:
    before = vocabularies.read(zammad_desk.zammad, "ticket_state")
    assert (
        vocabularies.create(zammad_desk.zammad, "ticket_state", "open", "new")
        == (before["open"]["id"])
    )
    assert zammad_desk.writes() == []


def test_a_state_like_nothing_is_refused_with_the_names_there_are(zammad_desk: Desk) -> None:
    with pytest.raises(RecordError, match="shall be like opened") as error:
        vocabularies.create(zammad_desk.zammad, "ticket_state", "Escalated", "opened")
    assert "pending reminder" in error.value.advice
    assert zammad_desk.writes() == []
