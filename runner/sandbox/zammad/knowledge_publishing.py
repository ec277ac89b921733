"""Who may see an answer, and since when: draft, internal, published, archived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.zammad import moments
from runner.sandbox.zammad.wire import Call, unprocessable

if TYPE_CHECKING:
    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row

EVENTS = {
    "internal": ("draft",),
    "publish": ("draft", "internal"),
    "archive": ("internal", "published"),
    "unarchive": ("archived",),
}
"""What can be done now, and from which states; from any other one it does nothing (200)."""

_COLUMNS = ("archived_at", "internal_at", "published_at")


def dates(call: Call) -> Row:
    """Return the dates of a request; ``--now--`` is not read, an empty one clears."""
    return {name: moments.read(call.params[name]) for name in _COLUMNS if name in call.params}


def check(row: Row) -> None:
    """Look at the order of the dates.

    Raises:
        Failure: 422 when an answer is archived before it could be seen, or published before it
            was internal.
    """
    for later, earlier in (
        ("archived_at", "internal_at"),
        ("archived_at", "published_at"),
        ("published_at", "internal_at"),
    ):
        if row[later] and row[earlier] and row[later] < row[earlier]:
            words = earlier.removesuffix("_at")
            raise unprocessable(f"{later} date must be no earlier than {words} date")


def sign(row: Row, before: Row, user_id: int) -> None:
    """Note who set the dates that differ from ``before``; it is always who calls."""
    for name in _COLUMNS:
        if row[name] != before[name]:
            row[name.replace("_at", "_by_id")] = user_id if row[name] else None


def state_of(state: State, row: Row) -> str:
    """Return the state of an answer at this moment."""
    now = state.now()
    for name in ("archived", "published", "internal"):
        if row[f"{name}_at"] and row[f"{name}_at"] < now:
            return name
    return "draft"


def fire(state: State, row: Row, event: str, user_id: int) -> bool:
    """Do what ``event`` says; return whether anything changed.

    The date is cut to the minute (recording 6.5, "knowledge base answer archived"); what cannot
    be done from the present state is not an error ("knowledge base answer published now").
    """
    if state_of(state, row) not in EVENTS[event]:
        return False
    before = dict(row)
    minute = state.now()[:16] + ":00.000Z"
    if event == "unarchive":
        row["archived_at"] = None
        row["published_at" if row["published_at"] else "internal_at"] = minute
    else:
        row[{"publish": "published_at", "archive": "archived_at"}.get(event, "internal_at")] = (
            minute
        )
    sign(row, before, user_id)
    return True
