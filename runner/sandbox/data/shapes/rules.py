"""What agents and administrators set up: macros, hours, SLAs, triggers, monitors (§10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.sandbox.data.shapes.basics import dated, reference, typed
from runner.sandbox.data.shapes.definitions import BORN

if TYPE_CHECKING:
    from runner.sandbox.data.table import Record

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Conditions = tuple[tuple[str, str, str], ...]
"""Each of field, operator, value."""


def macro(key: int, title: str, *, agent: int = 1, **more: Any) -> Record:
    """A macro that does nothing unless ``more`` says so: what it does not touch is null."""
    return {
        "id": key,
        "title": title,
        "reply_type": None,
        "reply_contents": None,
        "agent": reference("user", agent),
        "assignee": None,
        "type": None,
        "status": None,
        "priority_action": None,
        "priority": None,
        "visibility": {"type": "ALL", "team": None, "resource_type": "macro_visibility"},
        "add_tags": [],
        "remove_tags": [],
        "usage_count": 0,
        "last_used_at": None,
        **dated(BORN),
        **typed("macro", f"cases/macros/{key}"),
        **more,
    }


def assignee(kind: str, *, team: int | None = None, agent: int | None = None) -> Record:
    """To whom a macro gives a conversation: CURRENT_AGENT, UNASSIGNED, or a TEAM and an AGENT."""
    return {
        "type": kind,
        "team": reference("team", team),
        "agent": reference("user", agent),
        "resource_type": "macro_assignee",
    }


def business_hour(
    key: int, title: str, zones: dict[str, list[int]], *, is_default: bool = False, **more: Any
) -> Record:
    """Business hours; a zone is the list of whole hours in which a day's work goes on."""
    return {
        "id": key,
        "title": title,
        "zones": {day: zones.get(day, []) for day in DAYS},
        "holidays": [],
        "is_default": is_default,
        **dated(BORN),
        **typed("business_hour", f"businesshours/{key}"),
        **more,
    }


def holiday(key: int, title: str, date: str, open_hours: list[int] | None = None) -> Record:
    """A day with hours of its own, none as a rule; its shape was never recorded."""
    return {
        "id": key,
        "title": title,
        "date": date,
        "open_hours": open_hours or [],
        "resource_type": "holiday",
    }


def sla(key: int, title: str, conditions: Conditions, **more: Any) -> Record:
    """A service level agreement with a goal for first replies and one for solving."""
    goals = (("FIRST_REPLY_TIME", 3600), ("RESOLUTION_TIME", 86_400))
    return {
        "id": key,
        "title": title,
        "description": "",
        "execution_order": key,
        "predicate_collections": [predicates(key, conditions)],
        "targets": [
            {
                "id": key * 10 + at,
                "priority": reference("case_priority", 3),
                "type": kind,
                "goal_in_seconds": seconds,
                "operational_hours": "BUSINESS_HOURS",
                "resource_type": "sla_version_target",
            }
            for at, (kind, seconds) in enumerate(goals)
        ],
        "is_enabled": True,
        "is_deleted": False,
        **dated(BORN),
        **typed("sla", f"slas/{key}"),
        **more,
    }


def automation(
    kind: str,
    key: int,
    title: str,
    conditions: Conditions,
    actions: tuple[tuple[str, str, str], ...],
    **more: Any,
) -> Record:
    """A ``trigger``, which acts on an event, or a ``monitor``, which acts as time goes by."""
    return {
        "id": key,
        "title": title,
        "channel": None,
        "event": "case_updated" if kind == "trigger" else None,
        "predicate_collections": [predicates(key, conditions)],
        "actions": [
            {
                "id": key * 10 + at,
                "name": name,
                "option": option,
                "value": value,
                "resource_type": "automation_action",
            }
            for at, (name, option, value) in enumerate(actions)
        ],
        "execution_order": key,
        "is_enabled": True,
        "is_deleted": False,
        **dated(BORN),
        **typed(kind, f"{kind}s/{key}"),
        **more,
    }


def predicates(key: int, conditions: Conditions) -> Record:
    """Conditions that must hold together."""
    return {
        "id": key,
        "propositions": [
            {
                "id": key * 100 + at,
                "field": field,
                "operator": operator,
                "value": value,
                "resource_type": "proposition",
            }
            for at, (field, operator, value) in enumerate(conditions)
        ],
        "resource_type": "predicate_collection",
    }
