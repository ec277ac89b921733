"""What plan says that Zammad's importer loses is what the recording of its outcome shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from runner.engine.importer import losses
from runner.sandbox.data import recorded
from runner.snapshot import Snapshot
from runner.snapshot.census import take
from tests.behaviour.conftest import Stage
from tests.contract.test_builtin_import_outcome import KAYAKO, OUTCOME, pytestmark

__all__ = ["pytestmark"]

IMPORTED = "2026-11-23"


def test_the_recorded_outcome_lacks_what_plan_says_that_it_would_lack(
    stage: Callable[..., Stage],
) -> None:
    s = stage(recorded(KAYAKO), zammad_version="5.2")
    s.place.succeed("pull")
    snapshot = Snapshot.open(s.place.folder / ".migrate" / "snapshot", read_only=True)
    found = {loss.what: loss.number for loss in losses(take(snapshot))}
    snapshot.close()
    outcome: dict[str, Any] = json.loads(OUTCOME.read_text())
    tickets = outcome["tickets"]
    articles = [article for ticket in tickets for article in ticket["articles"]]

    empty = [article for article in articles if article["body_length"] == 0]
    assert found["chat messages"] == len(empty) == 1
    moved = [ticket for ticket in tickets if ticket["updated_at"][:10] == IMPORTED]
    assert found["dates of last changes"] == len(moved) == len(tickets)
    assert found["closing dates"] >= 1
    assert all(ticket["close_at"] is None for ticket in tickets)
    for what, kind in (
        ("links of merged conversations", "links"),
        ("people in copy", "mentions"),
        ("Help Center articles", "knowledge_bases"),
    ):
        assert outcome["counts"][kind] == 0, what
