"""Expands what agents and administrators set up: macros, business hours, and readable lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.snapshot.cut import reference_id
from runner.snapshot.values import Json, distinct, timestamp, with_timestamps

if TYPE_CHECKING:
    from runner.snapshot.lookup import Lookup

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MACRO = ("title", "reply_type", "reply_contents", "priority_action", "usage_count")
_NAMES = ("title", "label", "name", "full_name", "address")


def macro(stored: Json, lookup: Lookup) -> Json:
    """Expand a macro: what it sets by name, who may use it."""
    record: Json = {"id": stored["id"], **dict.fromkeys(_MACRO)} | with_timestamps(stored)
    assignee, visibility = stored.get("assignee") or {}, stored.get("visibility") or {}
    return record | {
        "agent": lookup.person(stored.get("agent")),
        "assignee": {
            "type": assignee.get("type"),
            "team": lookup.titled(assignee.get("team"), "title"),
            "agent": lookup.person(assignee.get("agent")),
        }
        if assignee
        else None,
        "visibility": {
            "type": visibility.get("type"),
            "team": lookup.titled(visibility.get("team"), "title"),
        },
        "type": _of(stored.get("type"), lookup, ("id", "label", "type")),
        "status": _of(stored.get("status"), lookup, ("id", "label", "type")),
        "priority": _of(stored.get("priority"), lookup, ("id", "label", "level")),
        "add_tags": _tags(stored.get("add_tags")),
        "remove_tags": _tags(stored.get("remove_tags")),
        "last_used_at": timestamp(stored.get("last_used_at")),
        "created_at": timestamp(stored.get("created_at")),
        "updated_at": timestamp(stored.get("updated_at")),
    }


def business_hour(stored: Json, _lookup: Lookup) -> Json:
    """Expand business hours: every day of the week is there, hours are numbers in order."""
    record: Json = {"id": stored["id"], "title": None} | with_timestamps(stored)
    zones = stored.get("zones") if isinstance(stored.get("zones"), dict) else {}
    return record | {
        "zones": {day: _hours((zones or {}).get(day)) for day in DAYS},
        "holidays": [_holiday(item) for item in stored.get("holidays") or []],
        "is_default": bool(stored.get("is_default")),
        "created_at": timestamp(stored.get("created_at")),
        "updated_at": timestamp(stored.get("updated_at")),
    }


def readable(stored: Json, lookup: Lookup) -> Json:
    """Return an SLA, trigger, monitor or view with names at all references, however deep."""
    record: Json = _named(with_timestamps(stored), lookup)
    return record


def rating(stored: Json, lookup: Lookup) -> Json:
    """Expand a rating."""
    record: Json = {"id": stored["id"], "score": None, "comment": None} | with_timestamps(stored)
    return record | {
        "creator": lookup.person(stored.get("creator") or stored.get("user")),
        "created_at": timestamp(stored.get("created_at")),
        "updated_at": timestamp(stored.get("updated_at")),
    }


def _of(reference: object, lookup: Lookup, keys: tuple[str, ...]) -> Json | None:
    # Docs show plain values where others show references: a label then stands for itself.
    if isinstance(reference, str | int):
        return dict.fromkeys(keys) | {"label": str(reference)}
    found = lookup.resolved(reference)
    return {key: found.get(key) for key in keys} if found else None


def _tags(items: object) -> list[str]:
    found = items if isinstance(items, list) else []
    return distinct(
        str(item.get("name") or "") if isinstance(item, dict) else str(item) for item in found
    )


def _hours(items: object) -> list[int]:
    found = items if isinstance(items, list) else []
    hours = {int(item) for item in found if str(item).isdigit()}
    return sorted(hour for hour in hours if hour < 24)


def _holiday(item: Any) -> Json:
    """Return a holiday; nothing tells its shape for sure, so the usual names are tried."""
    body = item if isinstance(item, dict) else {"date": item}
    date = next((body[key] for key in ("date", "holiday_date", "day") if body.get(key)), None)
    return {
        "title": body.get("title") or body.get("name"),
        "date": (timestamp(date) or str(date))[:10] if date else None,
        "open_hours": _hours(body.get("open_hours")),
    }


def _named(value: Any, lookup: Lookup) -> Any:
    if isinstance(value, list):
        return [_named(item, lookup) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) <= {"id", "uuid", "resource_type"} and reference_id(value) is not None:
        found = lookup.resolved(value) or {}
        name = next((found[key] for key in _NAMES if found.get(key)), None)
        return {"type": value.get("resource_type"), "id": reference_id(value), "name": name}
    return {key: _named(item, lookup) for key, item in value.items()}
