"""Zammad's settings, as each of its processes sees them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from runner.sandbox.zammad import access
from runner.sandbox.zammad.wire import Call, Failure, Reply, forbidden, missing

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row


class Settings:
    """The rows, and for a while after a change what the other processes still believe.

    Zammad caches settings per process (API reference §0, fact 13): the process that made the
    change knows at once, every other one after ``settle_seconds``.
    """

    def __init__(self, rows: dict[int, Row], *, workers: int, settle_seconds: float) -> None:
        self.rows = rows
        self.by_name = {row["name"]: row for row in rows.values()}
        self._workers = workers
        self._settle_seconds = settle_seconds
        self._stale: dict[tuple[str, int], tuple[Any, float]] = {}

    def value(self, name: str, worker: int = 0) -> Any:
        """Return what process ``worker`` believes; None for an unknown setting."""
        if self._stale:
            believed = self._stale.get((name, worker))
            if believed is not None:
                if time.monotonic() < believed[1]:
                    return believed[0]
                del self._stale[(name, worker)]
        row = self.by_name.get(name)
        return row["state_current"]["value"] if row else None

    def write(self, name: str, value: Any, worker: int = 0) -> None:
        """Change a setting through process ``worker``."""
        if self._settle_seconds:
            until = time.monotonic() + self._settle_seconds
            for other in range(self._workers):
                if other != worker:
                    self._stale[(name, other)] = (self.value(name, other), until)
            self._stale.pop((name, worker), None)
        self.by_name[name]["state_current"] = {"value": value}


def _visible(state: State, row: Row) -> bool:
    return not (state.hosted and row["preferences"].get("online_service_disable"))


def _index(state: State, call: Call) -> Reply:
    access.require_admin(state, call)
    return Reply([row for row in state.settings.rows.values() if _visible(state, row)])


def _show(state: State, call: Call) -> Reply:
    access.require_admin(state, call)
    row = state.settings.rows.get(call.ids[0])
    if row is None or not _visible(state, row):
        raise missing("Setting", call.ids[0])
    return Reply(row)


def _update(state: State, call: Call) -> Reply:
    access.require_admin(state, call)
    row = state.settings.rows.get(call.ids[0])
    if row is None:
        raise missing("Setting", call.ids[0])
    if not _visible(state, row):
        raise forbidden()
    current = call.params.get("state_current")
    if isinstance(current, dict) and "value" in current:
        state.settings.write(row["name"], current["value"], call.worker)
        row["updated_at"] = state.now()
    return Reply(row)


def _refuse(state: State, call: Call) -> Reply:
    del state, call
    raise Failure(403, "Not authorized (feature not possible)")


ROUTES: dict[tuple[str, str], Callable[[State, Call], Reply]] = {
    ("GET", "settings"): _index,
    ("GET", "settings/:id"): _show,
    ("PUT", "settings/:id"): _update,
    ("POST", "settings"): _refuse,
    ("DELETE", "settings/:id"): _refuse,
}
