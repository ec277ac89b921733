"""Which conversations are left behind for good: the block ``scope`` of the config file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

NONE = "none"
"""Stands among teams for conversations that no team has."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names that are taken, or left out; an empty ``only`` takes all."""

    only: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Days:
    """From the midnight (UTC) at which ``since`` begins to the one at which ``before`` does."""

    since: date | None = None
    before: date | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """What a conversation must be to be moved; without values every one is."""

    teams: Names = Names()
    states: Names = Names()
    created: Days = Days()
    updated: Days = Days()
    closed: Days = Days()


def filters_of(data: dict[str, Any]) -> Filters:
    """Return the block ``scope`` of a config file that fits its schema."""
    return Filters(
        teams=_names(data.get("teams", {})),
        states=_names(data.get("states", {})),
        created=_days(data.get("created", {})),
        updated=_days(data.get("updated", {})),
        closed=_days(data.get("closed", {})),
    )


def _names(data: dict[str, list[str]]) -> Names:
    return Names(**{key: tuple(values) for key, values in data.items()})


def _days(data: dict[str, str]) -> Days:
    return Days(**{key: date.fromisoformat(value) for key, value in data.items()})


DATED = ("created", "updated", "closed")
"""The blocks of ``scope`` that hold days."""
