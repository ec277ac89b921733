"""Time that was worked, and when an agent first answered."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime

from runner.sandbox.data import Helpdesk
from tests.behaviour.truth import source
from tests.behaviour.truth.source import Record

Worked = dict[str, list[tuple[int, str]]]
"""Seconds and moment of each entry, by the ticket's number."""


def worked(helpdesk: Helpdesk) -> Worked:
    """Return what is work, of conversations that move: looking at one is none, nor is billing."""
    found: Worked = defaultdict(list)
    for row in helpdesk.table("timetracking_log").values():
        case = helpdesk.cases.get(row["case"]["id"])
        if case is None or case["state"] != "ACTIVE":
            continue
        if row["log_type"] == "WORKED" and row["time_spent"]:
            found[str(case["id"])].append((row["time_spent"], _moment(row["created_at"])))
    return dict(found)


def _moment(value: str | int) -> str:
    if isinstance(value, int):
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return str(source.moment(value))


def first_response(helpdesk: Helpdesk, case: Record) -> str | None:
    """Return when somebody who works here first answered in public what was asked."""
    asked = False
    for post in sorted(helpdesk.posts(case["id"]), key=lambda one: (one["created_at"], one["id"])):
        channel = (post["source_channel"] or {}).get("type")
        if channel in {None, "NOTE"}:
            continue
        asked = asked or post["is_requester"]
        by = post["creator"]
        if not asked or post["is_requester"] or not by or by["resource_type"] != "user":
            continue
        user = helpdesk.users.get(by["id"])
        if user is None or source.role(helpdesk, user) in source.STAFF:
            return source.moment(post["created_at"])
    return None
