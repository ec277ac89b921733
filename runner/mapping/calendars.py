"""Calendars: from hours of each day to the time frames that Zammad has (reference §b19)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from runner.mapping.conversions import moment
from runner.mapping.model import Note
from runner.mapping.running import FieldFailed, as_text, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.mapping.model import Outcome

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_COLUMNS = ("name", "timezone", "default", "created_at")
_LAST_HOUR = 24
_MIDNIGHT = "23:59"
"""The last minute of a day stands for its end: so Zammad's own editor writes it."""
_SHOWN_WHEN_CLOSED = [["09:00", "17:00"]]
"""What the editor offers once the day is switched on."""


def calendar(outcome: Outcome) -> Outcome:
    """Return what becomes of business hours: ``business_hours`` and ``public_holidays``."""
    fields, notes = outcome.payload, list(outcome.notes)
    payload = {name: fields[name] for name in _COLUMNS if name in fields}
    payload["business_hours"] = {day[:3]: _day(fields.get(day) or ()) for day in DAYS}
    payload["public_holidays"] = dict(_holidays(fields.get("holidays") or (), notes))
    return replace(outcome, payload=payload, notes=tuple(notes))


def _day(hours: Iterable[int]) -> dict[str, Any]:
    frames = [[f"{first:02}:00", _end(end)] for first, end in frames_of(hours)]
    return {"active": bool(frames), "timeframes": frames or _SHOWN_WHEN_CLOSED}


def frames_of(hours: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the first hour and the hour after the last of each unbroken stretch.

    Hours 9, 10, 13 are from 9 to 11 and from 13 to 14.
    """
    first = end = -1
    for hour in sorted(set(hours)):
        if hour != end:
            if end > first:
                yield first, end
            first = hour
        end = hour + 1
    if end > first:
        yield first, end


def _end(hour: int) -> str:
    return _MIDNIGHT if hour == _LAST_HOUR else f"{hour:02}:00"


def _holidays(
    days: Iterable[dict[str, Any]], notes: list[Note]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the whole days off by date; others leave a note."""
    for day in days:
        title = as_text(day.get("title"))
        name = shown(f"{as_text(day.get('date'))} {title}")
        try:
            date = moment(day.get("date")).date().isoformat()
        except FieldFailed:
            notes.append(Note("dropped", "holidays", f"{name} has no date"))
            continue
        if day.get("open_hours"):
            hours = ", ".join(f"{a}:00 to {b}:00" for a, b in frames_of(day["open_hours"]))
            text = (
                f"{name} is an ordinary day: Zammad cannot have hours of its own for it ({hours})"
            )
            notes.append(Note("dropped", "holidays", text))
            continue
        yield date, {"active": True, "summary": title}
