"""Conversations as tickets; what is written in them is in ``messages``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from runner.sandbox.data import Helpdesk
from tests.behaviour.truth import Truth, mails, messages, people, source, time, values
from tests.behaviour.truth.source import Record

_STATES = {
    "NEW": "new",
    "OPEN": "open",
    "PENDING": "pending reminder",
    "COMPLETED": "closed",
    "CLOSED": "closed",
}
_PRIORITIES = {1: "1 low", 2: "2 normal", 3: "3 high", 4: "3 high"}
_TYPES = {"QUESTION", "TASK", "PROBLEM", "INCIDENT"}


def tickets(helpdesk: Helpdesk, go_live: str) -> Truth:
    """Tickets by number; what lies in the trash or is suspended is left out, and named."""
    truth = Truth()
    asking = people.users(helpdesk)
    for case in helpdesk.cases.values():
        key = str(case["id"])
        if case["state"] != "ACTIVE":
            truth.losses.add(("tickets", key, ""))
            continue
        truth.facts[key] = {
            **_head(helpdesk, case, truth, asking),
            **_vocabularies(helpdesk, case, truth),
            **_times(helpdesk, case, go_live),
            **values.of(helpdesk, "case_field", case, truth),
            "watchers": mails.watchers(helpdesk, case),
            "articles": messages.articles(helpdesk, case, truth),
        }
    return truth


def _head(helpdesk: Helpdesk, case: Record, truth: Truth, asking: Truth) -> dict[str, Any]:
    def lost(field: str) -> None:
        truth.losses.add(("tickets", str(case["id"]), field))

    title = source.words(case["subject"]) or "(no subject)"
    if len(title) > 250:
        lost("title")
    team = source.found(helpdesk, case["assigned_team"])
    if case["assigned_team"] and team is None:
        lost("group")
    agent = source.found(helpdesk, case["assigned_agent"])
    owns = agent is not None and source.role(helpdesk, agent) in source.STAFF
    if case["assigned_agent"] and not owns:
        lost("owner")
    who = case["requester"]
    customer = source.login(helpdesk, who["id"]) if who else people.UNKNOWN
    if who and who["id"] not in helpdesk.users:
        lost("customer")
    elif who and ("users", str(who["id"]), "organization") in asking.losses:
        lost("organization")
    return {
        "title": title[:250].strip(),
        "group": team["title"] if team else people.UNASSIGNED,
        "owner": source.login(helpdesk, agent["id"]) if agent and owns else "-",
        "customer": customer,
        "organization": asking.facts[customer]["organization"],
    }


def _vocabularies(helpdesk: Helpdesk, case: Record, truth: Truth) -> dict[str, Any]:
    """State, priority and type: a label that a team invented becomes a tag, and is named."""
    tags = _tags(case, truth)

    def dropped(field: str, label: str) -> None:
        slug = re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")
        tags.append(f"kayako-{field}-{slug}")
        truth.losses.add(("tickets", str(case["id"]), field))

    status = source.found(helpdesk, case["status"]) or {}
    state = _STATES.get(status.get("type", ""))
    if state is None:
        dropped("state", status.get("label") or str(case["status"]["id"]))
    priority = "2 normal"
    if case["priority"]:
        level = source.found(helpdesk, case["priority"]) or {}
        known = _PRIORITIES.get(level.get("level", -1))
        priority = known or priority
        if known is None:
            dropped("priority", level.get("label") or str(case["priority"]["id"]))
    kind = None
    if case["type"]:
        definition = source.found(helpdesk, case["type"]) or {}
        if definition.get("type") in _TYPES:
            kind = definition["type"].title()
        else:
            dropped("type", definition.get("label") or str(case["type"]["id"]))
    if case["is_merged"]:
        state = "closed"
    return {"state": state or "open", "priority": priority, "type": kind, "tags": sorted(tags)}


def _tags(case: Record, truth: Truth) -> list[str]:
    """Return a conversation's own tags; commas and asterisks are replaced, and that is named."""
    tags = ["kayako-merged"] if case["is_merged"] else []
    if case["rating"]:
        tags.append(f"rating-{case['rating'].lower()}")
    for tag in case["tags"]:
        plain = re.sub(r"\s*[,*]\s*", "-", tag["name"])
        if plain != tag["name"]:
            truth.losses.add(("tickets", str(case["id"]), "tags"))
        tags.append(plain)
    return tags


def _times(helpdesk: Helpdesk, case: Record, go_live: str) -> dict[str, Any]:
    times: dict[str, Any] = {
        "created_at": source.moment(case["created_at"]),
        "updated_at": source.moment(case["updated_at"]),
        "close_at": None,
        "first_response_at": time.first_response(helpdesk, case),
        "pending_time": None,
    }
    kind = (source.found(helpdesk, case["status"]) or {}).get("type")
    if kind in {"COMPLETED", "CLOSED"}:
        ended = case["last_closed_at"] or case["last_completed_at"] or case["updated_at"]
        times["close_at"] = source.moment(ended)
    if kind == "PENDING":
        waiting = datetime.fromisoformat(case["last_pending_at"] or case["updated_at"])
        until = (waiting + timedelta(days=14)).astimezone(UTC)
        times["pending_time"] = max(until.strftime("%Y-%m-%dT%H:%M:%S"), f"{go_live}T00:00:00")
    return times
