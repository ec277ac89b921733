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
    named = {
        name: Names(**{key: tuple(map(str, values)) for key, values in data[name].items()})
        for name in ("teams", "states")
        if name in data
    }
    dated = {
        name: Days(**{key: date.fromisoformat(value) for key, value in data[name].items()})
        for name in DATED
        if name in data
    }
    return Filters(**named, **dated)


DATED = ("created", "updated", "closed")
"""The blocks of ``scope`` that hold days."""
