"""How many requests of each kind went out, and how long their answers took."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TypeAlias

Measured: TypeAlias = Mapping[str, tuple[int, float]]
"""By kind of request: how many were answered, and seconds that took in all."""

KindOf: TypeAlias = Callable[[str, str], str]
"""Names the kind of a request by its method and path."""


class Timings:
    """Counts requests and the seconds that they took; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[str, tuple[int, float]] = {}

    def note(self, kind: str, seconds: float) -> None:
        """Add one request that was answered after ``seconds``."""
        with self._lock:
            count, total = self._found.get(kind, (0, 0.0))
            self._found[kind] = (count + 1, total + seconds)

    def lengthen(self, kind: str, seconds: float) -> None:
        """Add seconds to a request that was noted already: its body was read later."""
        with self._lock:
            count, total = self._found.get(kind, (0, 0.0))
            self._found[kind] = (count, total + seconds)

    def measured(self) -> dict[str, tuple[int, float]]:
        """Return what was measured so far."""
        with self._lock:
            return dict(self._found)

    def as_json(self) -> dict[str, list[float]]:
        """Return the same as ``{kind: [requests, seconds]}``."""
        return {kind: [n, round(seconds, 3)] for kind, (n, seconds) in self.measured().items()}


def from_json(kept: Mapping[str, list[float]] | None) -> dict[str, tuple[int, float]]:
    """Read back what ``as_json`` wrote; nothing where there is nothing."""
    return {kind: (int(count), float(seconds)) for kind, (count, seconds) in (kept or {}).items()}
