"""Timestamps as Zammad writes them: ``2019-01-02T03:04:05.000Z``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def stamp(epoch: float) -> str:
    """Write seconds since 1970 as a timestamp with milliseconds."""
    moment = datetime.fromtimestamp(epoch, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def read(value: Any) -> str | None:
    """Normalise what a client sent; None when it is no date, as Rails does silently."""
    if not isinstance(value, str) or not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def read_date(value: Any) -> str | None:
    """Normalise a date to ``YYYY-MM-DD``; None when it is none."""
    moment = read(value)
    return moment[:10] if moment else None
