"""How fast a run went: a few points a step, kept in the ledger for the report.

However long a step takes, it has at most ``MOST`` points: when there are more, every second one
goes and the distance between them doubles.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from runner.engine.apply import Watcher
    from runner.engine.change import Change
    from runner.errors import MigrateError

MOST = 60
"""So many points a step are kept."""

_SECONDS = 1.0


class Pace:
    """A watcher that passes everything on, and hands what it measured to ``keep`` now and then.

    What is kept is ``{"tickets": [[seconds since the run began, records through], …], …}``.
    Records of another step (placeholders that tickets need) are not counted.
    """

    def __init__(
        self,
        watcher: Watcher,
        keep: Callable[[Mapping[str, list[list[float]]]], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._watcher = watcher
        self._keep = keep
        self._clock = clock
        self._began = clock()
        self._lock = threading.Lock()
        self._points: dict[str, list[list[float]]] = {}
        self._step = ""
        self._done = 0
        self._distance = _SECONDS

    def begin(self, entity: str, total: int) -> None:
        """A step begins."""
        self.close()
        with self._lock:
            self._step, self._done, self._distance = entity, 0, _SECONDS
            self._points[entity] = [[self._seconds(), 0]]
        self._watcher.begin(entity, total)

    def record(self, change: Change, problem: MigrateError | None) -> None:
        """One record is through."""
        with self._lock:
            if change.entity == self._step:
                self._done += 1
                points = self._points[self._step]
                if self._seconds() - points[-1][0] >= self._distance:
                    self._add(points)
                    self._keep(self._points)
        self._watcher.record(change, problem)

    def say(self, text: str) -> None:
        """Something worth a line happened."""
        self._watcher.say(text)

    def close(self) -> None:
        """Note how the last step ended."""
        with self._lock:
            if self._step:
                self._add(self._points[self._step])
                self._keep(self._points)
                self._step = ""

    def _add(self, points: list[list[float]]) -> None:
        points.append([self._seconds(), self._done])
        if len(points) > MOST:
            del points[1:-1:2]
            self._distance *= 2

    def _seconds(self) -> float:
        return round(self._clock() - self._began, 1)
