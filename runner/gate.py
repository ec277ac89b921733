"""One gate for all workers of a host: shut for as long as its server asks for a pause (429)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

Sleep = Callable[[float], object]
"""Waits so many seconds."""


class Gate:
    """Holds every worker of one host back while the server asks for a pause."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0

    def hold(self, seconds: float) -> None:
        """Let nobody through for ``seconds`` from now; a longer hold that exists stays."""
        with self._lock:
            self._until = max(self._until, time.monotonic() + seconds)

    def remaining(self) -> float:
        """Return for how many seconds nobody is let through."""
        with self._lock:
            return max(self._until - time.monotonic(), 0.0)

    def wait(self, sleep: Sleep) -> None:
        """Return when the gate is open, spending the time in ``sleep``."""
        with self._lock:
            until = self._until
        remaining = until - time.monotonic()
        if remaining <= 0:
            return
        sleep(remaining)
        with self._lock:
            if self._until == until:
                self._until = 0.0
