"""What every handler works on: the store, the settings, the clock and what happened."""

from __future__ import annotations

import random
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.sandbox.zammad import moments
from runner.sandbox.zammad.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.sandbox.zammad.dialect import Dialect
    from runner.sandbox.zammad.settings import Settings
    from runner.sandbox.zammad.store import Row

_REMEMBERED = 20_000


@dataclass(slots=True)
class Logged:
    """One request that was carried out: its time is ``time.monotonic()``."""

    method: str
    path: str
    status: int
    at: float


@dataclass
class State:
    """The whole server.

    Attributes:
        dialect: the version it plays.
        settings: Zammad's settings, each process with its own view.
        hosted: whether it plays the hosted product, where some settings are out of reach.
        clock: seconds since 1970.
        privacy_seconds: how long an erasure task stays "in process".
        restart_seconds: how long the server is down after attribute migrations.
        workers: how many processes answer, in turn.
        tokens: API tokens and the id of their user.
        token_permissions: what a token may do; a token that is not listed may do all its user may.
        passwords: by user id, in clear.
        mails_sent: what would have gone out to people, one dict each: kind, to, ticket_id.
        triggers_fired: trigger name and ticket id.
        requests: the latest requests.
        told_today: event, ticket, user and day of reminders and escalations that were mailed.
        not_indexed: tickets written while ``es_url`` was empty; no search by words shows them
            where it is set, until ``rebuild_index``.
        privacy_due: when (monotonic seconds) each erasure task is carried out.
        background_jobs: how many jobs wait; shown by the monitoring endpoints.
        added_attributes: migrated custom attributes by model.
        column_workers: which processes know the column ``Model.name``.
        down: from and until (monotonic seconds) the server refuses connections.
        chance: chooses the process of each new connection; None: they answer in turn.
        on_request: called with method and path before a request is carried out, under the lock:
            the place to change something in the middle of a run.
    """

    dialect: Dialect
    settings: Settings
    hosted: bool = False
    clock: Callable[[], float] = time.time
    privacy_seconds: float = 0.1
    restart_seconds: float = 0.0
    workers: int = 1
    store: Store = field(default_factory=Store)
    tokens: dict[str, int] = field(default_factory=dict)
    token_permissions: dict[str, set[str]] = field(default_factory=dict)
    passwords: dict[int, str] = field(default_factory=dict)
    mails_sent: list[Row] = field(default_factory=list)
    triggers_fired: list[Row] = field(default_factory=list)
    requests: deque[Logged] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    told_today: set[tuple[str, int, int, str]] = field(default_factory=set)
    not_indexed: set[int] = field(default_factory=set)
    background_jobs: int = 0
    privacy_due: dict[int, float] = field(default_factory=dict)
    added_attributes: dict[str, list[Row]] = field(default_factory=dict)
    column_workers: dict[str, set[int]] = field(default_factory=dict)
    down: tuple[float, float] = (0.0, 0.0)
    chance: random.Random | None = None
    on_request: Callable[[str, str], object] | None = None

    def now(self) -> str:
        """Return the present moment as Zammad writes it."""
        return moments.stamp(self.clock())

    def row(self, table: str, identifier: Any) -> Row | None:
        """Return a row by id; None when there is none."""
        return self.store.tables.named(table).get(identifier)

    def login(self, identifier: int | None) -> str | None:
        """Return the login of a user id."""
        row = self.store.tables.users.get(identifier or 0)
        return row["login"] if row else None


def stamps(
    state: State, params: Row, *, importing: bool, user_id: int, created: bool = True
) -> Row:
    """Return the columns about when and by whom for a row that is written now.

    Dates of the client count in import mode only; people never do (API reference §0, facts 2
    and 3).
    """
    now = state.now()
    kept = params if importing else {}
    columns: Row = {"updated_by_id": user_id}
    if created:
        columns["created_by_id"] = user_id
        columns["created_at"] = moments.read(kept.get("created_at")) or now
    columns["updated_at"] = moments.read(kept.get("updated_at")) or now
    return columns
