"""A fake Zammad that behaves as recorded on real ones (5.2 and 6.5), for imports over REST."""

from __future__ import annotations

import json
import random
import time
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Mount

from runner.sandbox.faults import Faults
from runner.sandbox.zammad import attributes, moments, scheduler, seeds, setting_rows
from runner.sandbox.zammad.dialect import DIALECTS
from runner.sandbox.zammad.endpoint import Endpoint
from runner.sandbox.zammad.settings import Settings
from runner.sandbox.zammad.state import Logged, State

if TYPE_CHECKING:
    import threading
    from collections import deque
    from collections.abc import Callable, Collection

    from starlette.types import ASGIApp

    from runner.sandbox.zammad.store import Row, Tables

__all__ = ["TOKEN", "FakeZammad"]

TOKEN = "sandbox-token"
"""The API token of the administrator, unless another one is asked for."""


class FakeZammad:
    """A pristine Zammad after its set-up wizard.

    Users: 1 the system (login ``-``), 2 ``nicole.braun@zammad.org``, 3 ``admin@example.com``
    (roles Admin and Agent, full access to the group "Users", owner of the token). One welcome
    ticket.

    Attributes:
        app: the application to serve; faults are in front of it.
        faults: switches for latency, limits and failures.
        state: everything inside, for tests that need more than ``tables``.
        lock: held while a request is carried out; take it to look at several things at once.
    """

    def __init__(
        self,
        *,
        version: str = "6.5",
        workers: int = 1,
        worker_seed: int | None = None,
        clock: Callable[[], float] = time.time,
        hosted: bool = False,
        faults: Faults | None = None,
        token: str = TOKEN,
        token_permissions: Collection[str] | None = None,
        auto_restart_seconds: float = 0.0,
        settle_seconds: float = 0.0,
        privacy_seconds: float = 0.1,
    ) -> None:
        """Make a server; serve its ``app`` with ``runner.sandbox.serving.serve``.

        Args:
            version: ``5.2`` or ``6.5``.
            workers: processes that answer in turn, each with its own view of settings.
            worker_seed: let chance choose a process for each connection instead, repeatably.
            clock: seconds since 1970.
            hosted: play the hosted product, where some settings are out of reach.
            faults: switches; they can be changed later, too.
            token: the administrator's API token.
            token_permissions: what that token may do, such as ``admin.group``; without it
                everything that the administrator may.
            auto_restart_seconds: how long 6.5 is down after attribute migrations.
            settle_seconds: how long the other processes keep the old value of a setting.
            privacy_seconds: how long an erasure task stays "in process".
        """
        dialect = DIALECTS[version]
        settings = Settings(
            setting_rows.make(dialect, moments.stamp(clock())),
            workers=workers,
            settle_seconds=settle_seconds,
        )
        self.state = State(
            dialect=dialect,
            settings=settings,
            hosted=hosted,
            clock=clock,
            privacy_seconds=privacy_seconds,
            restart_seconds=auto_restart_seconds,
            workers=workers,
            chance=None if worker_seed is None else random.Random(worker_seed),
        )
        self.state.store.tables.settings = settings.rows
        if hosted:
            settings.write("system_online_service", value=True)
        seeds.fill(self.state)
        self.state.tokens[token] = seeds.ADMIN_ID
        if token_permissions is not None:
            self.state.token_permissions[token] = set(token_permissions)
        self.faults = faults or Faults()
        self.faults.error_body = _error_body
        endpoint = Endpoint(self.state)
        self.lock: threading.RLock = endpoint.lock
        inner = Starlette(routes=[Mount("/", app=endpoint)])
        self.app: ASGIApp = self.faults.wrap(inner)

    @property
    def tables(self) -> Tables:
        """All rows: ``tables.tickets[3]["number"]``; see ``Tables``."""
        return self.state.store.tables

    @property
    def mails_sent(self) -> list[Row]:
        """What would have reached people: dicts with kind, to and ticket_id."""
        return self.state.mails_sent

    @property
    def triggers_fired(self) -> list[Row]:
        """Triggers that ran: dicts with trigger and ticket_id."""
        return self.state.triggers_fired

    @property
    def requests(self) -> deque[Logged]:
        """The latest requests that were carried out."""
        return self.state.requests

    def setting(self, name: str) -> object:
        """Return the value of a setting, as the process that changed it sees it."""
        return self.state.settings.by_name[name]["state_current"]["value"]

    def tick(self) -> None:
        """Let the scheduler go round once: reminders, escalations, jobs, and their mails."""
        with self.lock:
            scheduler.tick(self.state)

    def rebuild_index(self) -> None:
        """Do what ``rake zammad:searchindex:rebuild`` does: searches show every ticket again."""
        with self.lock:
            self.state.not_indexed.clear()

    def restart(self) -> None:
        """Restart all processes: all of them know all columns then."""
        with self.lock:
            attributes.learn(self.state)


def _error_body(status: int, message: str) -> tuple[str, bytes]:
    """Write an injected error as Zammad (500) or the limiter in front of it (429) would."""
    if status == 429:
        return "text/plain", b"Retry later\n"
    return "application/json; charset=utf-8", json.dumps({"error": message}).encode()
