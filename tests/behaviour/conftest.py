from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runner.sandbox.both import Sandbox, start
from runner.sandbox.data import Helpdesk, hard_cases
from tests.behaviour.support import Place, Seen


class Stage:
    """A sandbox, a folder for it, and a view on its Zammad."""

    def __init__(self, sandbox: Sandbox, place: Place) -> None:
        self.sandbox = sandbox
        self.place = place
        self.zammad = Seen(sandbox.zammad_url)

    @property
    def writes(self) -> int:
        """How many requests that change something Zammad has carried out (searches do not)."""
        return sum(
            1
            for request in self.sandbox.zammad.requests
            if request.method != "GET" and not request.path.endswith(("/search", "/init"))
        )

    @property
    def helpdesk(self) -> Helpdesk:
        return self.sandbox.kayako.helpdesk


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    """Return a factory of stages; each has servers and a folder of its own."""
    started: list[Sandbox] = []

    def make(helpdesk: Helpdesk | None = None, **switches: Any) -> Stage:
        sandbox = start(helpdesk or hard_cases(), **switches)
        started.append(sandbox)
        folder = tmp_path / f"place-{len(started)}"
        return Stage(sandbox, Place.make(folder, sandbox.kayako_url, sandbox.zammad_url))

    yield make
    # Closing connections takes a moment; the next test need not wait for it.
    for sandbox in started:
        threading.Thread(target=sandbox.stop).start()
