"""Calendars: when a support team works, and which days it does not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runner.sandbox.zammad import access, named
from runner.sandbox.zammad.wire import Call, Reply, unprocessable

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row

_TIME = re.compile(r"(?:[01]?\d|2[0-3]):[0-5]\d|24:00")


def _check(state: State, call: Call, row: Row, before: Row | None) -> None:
    """Refuse a calendar that is never open; any time zone will do (recording 6.5)."""
    del state, call, before
    frames = [
        frame
        for day in (row["business_hours"] or {}).values()
        if day.get("active")
        for frame in day.get("timeframes") or ()
    ]
    if not frames:
        raise unprocessable("There are no business hours configured.")
    for first, last in frames:
        if not (_TIME.fullmatch(first) and _TIME.fullmatch(last) and first < last):
            raise unprocessable(f"invalid time frame {first} to {last}")
    for day in (row["public_holidays"] or {}).values():
        day["active"] = bool(day.get("active"))


def _one_default(state: State, call: Call, row: Row, before: Row | None) -> None:
    """A calendar that becomes the default one takes the place of the other."""
    del call, before
    if row["default"]:
        for other in state.store.tables.calendars.values():
            if other is not row:
                other["default"] = False


CALENDAR = named.Kind(
    table="calendars",
    model="Calendar",
    read=("admin.calendar",),
    write=("admin.calendar",),
    defaults={
        "name": "",
        "timezone": None,
        "business_hours": {},
        "default": False,
        "ical_url": None,
        "public_holidays": {},
        "last_log": None,
        "last_sync": None,
    },
    check=_check,
    stored=_one_default,
)


def routes() -> dict[tuple[str, str], Callable[[State, Call], Reply]]:
    """Return the endpoints of calendars."""
    found = named.routes("calendars", CALENDAR)
    for place in (("POST", "calendars"), ("PUT", "calendars/:id"), ("DELETE", "calendars/:id")):
        found[place] = _with_a_default(found[place])
    found["GET", "calendars/timezones"] = _timezones
    return found


def _with_a_default(
    handler: Callable[[State, Call], Reply],
) -> Callable[[State, Call], Reply]:
    """Let Zammad see to it that one calendar is the default one.

    It does so after the answer is made: the first calendar ever says ``default: false`` and is
    the default one when it is read again (recording 6.5, "calendar").
    """

    def handle(state: State, call: Call) -> Reply:
        reply = handler(state, call)
        rows = state.store.tables.calendars
        if rows and not any(row["default"] for row in rows.values()):
            first = min(rows.values(), key=lambda row: (row["created_at"], row["id"]))
            state.store.change(first, {"default": True, "updated_at": state.now()})
        return reply

    return handle


def _timezones(state: State, call: Call) -> Reply:
    access.require(state, call, "admin.calendar")
    return Reply({"timezones": {"Europe/Berlin": 1, "Europe/London": 0, "America/New_York": -5}})
