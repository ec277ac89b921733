"""Conversations in which every known trap occurs (kayako-api.md §16.11 and §17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.data.hard import (
    beside,
    bodies,
    channels,
    fields,
    helpcenter,
    lifecycle,
    people,
    rules,
    uploads,
)
from runner.sandbox.data.hard.drafting import Desk

if TYPE_CHECKING:
    from runner.sandbox.data.helpdesk import Helpdesk


def fill(helpdesk: Helpdesk) -> None:
    """Add the hard people and conversations to a furnished helpdesk; their ids are below 1000."""
    people.fill(helpdesk)
    fields.fill(helpdesk)
    desk = Desk(helpdesk)
    for chapter in (
        channels,
        lifecycle,
        people,
        bodies,
        uploads,
        beside,
        helpcenter,
        rules,
        fields,
    ):
        chapter.write(desk)
