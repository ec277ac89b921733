"""Conversations that were merged into others."""

from __future__ import annotations

from runner.sandbox.data import Helpdesk
from tests.behaviour.truth.source import Record


def survivor(helpdesk: Helpdesk, case: Record) -> int | None:
    """Return the conversation that one was merged into, as its history says."""
    for line in helpdesk.sides.activities.get(case["id"], []):
        target = (line["original"].get("target") or {}).get("original")
        if case["is_merged"] and target:
            return int(target["id"])
    return None


def links(helpdesk: Helpdesk) -> set[tuple[str, str]]:
    """Return the numbers of every survivor with each conversation that went into it."""
    found = ((survivor(helpdesk, case), case["id"]) for case in helpdesk.cases.values())
    return {(str(parent), str(child)) for parent, child in found if parent is not None}
