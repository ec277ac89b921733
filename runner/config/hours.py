"""Hours in which Kayako's agents are at work, and in which it is asked less."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WORKDAYS = DAYS[:5]
MARGIN = timedelta(seconds=60)
"""The lower rate holds a minute longer at both ends: so no minute that touches the hours exceeds
it, wherever that minute begins."""

_MOST_DAYS = 9


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """From when to when, on which days, and how many requests a minute then.

    ``end`` before ``begin`` is on the next day. ``timezone`` is a name such as ``Europe/Berlin``,
    None the time of this computer.
    """

    begin: time
    end: time
    requests_per_minute: int
    days: tuple[str, ...] = WORKDAYS
    timezone: str | None = None

    def applies(self, moment: datetime) -> bool:
        """Say whether the lower rate holds at a moment (with its time zone)."""
        return any(begin <= moment < end for begin, end in self._spans(moment))

    def next_change(self, moment: datetime) -> datetime | None:
        """Return when the rate changes next, None when it never does (in the coming week)."""
        now = self.applies(moment)
        edges = sorted({edge for span in self._spans(moment) for edge in span if edge > moment})
        return next((edge for edge in edges if self.applies(edge) != now), None)

    def _spans(self, moment: datetime) -> list[tuple[datetime, datetime]]:
        """Return the spans around a moment, a margin longer, in UTC."""
        zone = ZoneInfo(self.timezone) if self.timezone else None
        first = moment.astimezone(zone).date() - timedelta(days=1)
        found = []
        for number in range(_MOST_DAYS + 1):
            day = first + timedelta(days=number)
            if DAYS[day.weekday()] not in self.days:
                continue
            later = day + timedelta(days=1) if self.end <= self.begin else day
            # Without a zone, astimezone takes a naive moment for local time, summer time included.
            begin = datetime.combine(day, self.begin, tzinfo=zone).astimezone(UTC)
            end = datetime.combine(later, self.end, tzinfo=zone).astimezone(UTC)
            found.append((begin - MARGIN, end + MARGIN))
        return found
