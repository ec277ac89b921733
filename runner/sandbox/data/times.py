"""Moments as seconds since 1970 and as Kayako writes them."""

from __future__ import annotations

from datetime import UTC, datetime


def text(moment: int) -> str:
    """``2021-08-27T10:49:56+00:00``: the form in all recorded answers."""
    return datetime.fromtimestamp(moment, UTC).isoformat()


def moment(value: str | int) -> int:
    """Seconds since 1970 of an ISO timestamp with any offset, or of a Unix integer."""
    return value if isinstance(value, int) else int(datetime.fromisoformat(value).timestamp())
