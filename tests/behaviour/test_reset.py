"""Taking it back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.behaviour.conftest import Stage
from tests.behaviour.support import differences

Make = Callable[..., Stage]


@pytest.mark.parametrize("version", ["6.5", "5.2"])
def test_after_reset_zammad_is_as_it_was(stage: Make, version: str) -> None:
    s = stage(zammad_version=version)
    before = s.zammad.everything()
    s.place.succeed("apply", "--yes")
    outlook = s.place.ask("reset", "--dry-run")
    assert outlook["removed"]["tickets"] > 50
    removed = s.place.ask("reset", "--yes")
    assert removed["remains"] == []
    assert removed["removed"] == outlook["removed"]
    assert differences(s.zammad.everything(), before) == []
    assert s.zammad.setting("import_mode") is False
    assert s.sandbox.zammad.mails_sent == []
    assert s.place.ask("apply", "--yes")["result"]["Tickets"]["failed"] == 0


def test_a_ticket_that_was_answered_in_zammad_is_kept_unless_told_otherwise(stage: Make) -> None:
    s = stage()
    s.place.succeed("apply", "--yes", "--limit", "3")
    row = s.zammad.rows("/tickets")[-1]
    s.zammad.ask(
        "POST",
        "/ticket_articles",
        json={"ticket_id": row["id"], "type": "note", "body": "mine", "internal": True},
    )
    done = s.place.migrate("reset", "--yes")
    assert done.returncode == 5
    assert "1 articles that were written in Zammad" in done.stdout
    assert "Ticket.where(id: " in done.stdout
    assert row["id"] in s.sandbox.zammad.tables.tickets
    s.place.succeed("reset", "--yes", "--discard-changes")
    assert len(s.zammad.rows("/tickets")) == 1


def test_state_only_forgets_without_touching_zammad(stage: Make) -> None:
    s = stage()
    s.place.succeed("apply", "--yes", "--limit", "3")
    before = s.zammad.everything()
    s.place.succeed("reset", "--yes", "--state-only")
    assert differences(s.zammad.everything(), before) == []
    assert s.place.ask("reset", "--dry-run")["removed"] == {}
    # What is there is found again by our message ids and adopted: nothing is doubled.
    result = s.place.ask("apply", "--yes", "--limit", "3")["result"]["Tickets"]
    assert result["failed"] == 0
    assert len(s.zammad.rows("/tickets")) == 4
    assert s.zammad.everything()["tickets"] == before["tickets"]


def test_reset_asks_and_without_a_terminal_it_does_nothing(stage: Make) -> None:
    s = stage()
    s.place.succeed("apply", "--yes", "--only", "groups")
    assert s.place.migrate("reset").returncode == 2
    assert s.place.ask("reset", "--dry-run")["removed"]["groups"] > 1
