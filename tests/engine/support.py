"""A small world: a snapshot of a few records, a ledger, and a Zammad where one is asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from runner.engine import target
from runner.engine.apply import Run
from runner.engine.change import Change
from runner.engine.counts import Counts
from runner.engine.world import World
from runner.errors import MigrateError
from runner.ledger import Ledger
from runner.mapping.model import Mappings
from runner.snapshot import Snapshot
from runner.snapshot.writing import Writer
from tests.mapping.support import shipped
from tests.snapshot.support import case, email, post, reference, user
from tests.zammad.support import Desk

HOST = "acme.kayako.example"
GO_LIVE = date(2026, 12, 5)
Edit = Callable[[str, str, str], Mappings]
"""Loads the shipped mappings with one edit: file, what stands there, what shall stand."""
ROLES = {"ADMIN": 1, "AGENT": 2, "CUSTOMER": 4}


@lru_cache(maxsize=1)
def shipped_mappings() -> Mappings:
    return shipped()


def team(number: int = 1, title: str = "General") -> dict[str, Any]:
    moment = "2021-08-01T08:00:00+00:00"
    times = {"created_at": moment, "updated_at": moment}
    return {"id": number, "title": title, "resource_type": "team", **times}


def organization(number: int = 5, name: str = "Acme", **changes: Any) -> dict[str, Any]:
    moment = "2021-08-01T08:00:00+00:00"
    times = {"created_at": moment, "updated_at": moment}
    common = {"resource_type": "organization", "domains": [], "is_shared": False}
    return {"id": number, "name": name, **common, **times, **changes}


def role(kind: str) -> dict[str, Any]:
    return {"id": ROLES[kind], "title": kind.title(), "type": kind, "resource_type": "role"}


def agent(number: int = 2, **changes: Any) -> dict[str, Any]:
    address = email(number, f"agent-{number}@acme.example", primary=True)
    common = {"full_name": f"Agent {number}", "role": role("AGENT"), "emails": [address]}
    return user(number, **{**common, "teams": [team()], **changes})


def record(world: World, resource: str, number: int) -> dict[str, Any]:
    found = world.snapshot.record(resource, number)
    assert found is not None
    return found


@dataclass
class Notes:
    """A watcher that keeps what it is told."""

    begun: list[tuple[str, int]] = field(default_factory=list)
    records: list[tuple[Change, MigrateError | None]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def begin(self, entity: str, total: int) -> None:
        self.begun.append((entity, total))

    def record(self, change: Change, problem: MigrateError | None) -> None:
        self.records.append((change, problem))

    def say(self, text: str) -> None:
        self.said.append(text)


@dataclass
class Small:
    """What ``small`` makes worlds of."""

    folder: Path
    opened: list[Callable[[], None]] = field(default_factory=list)

    def __call__(
        self,
        *,
        mappings: Mappings | None = None,
        teams: list[dict[str, Any]] | None = None,
        organizations: list[dict[str, Any]] | None = None,
        users: list[dict[str, Any]] | None = None,
        cases: list[dict[str, Any]] | None = None,
        threads: dict[int, list[dict[str, Any]]] | None = None,
    ) -> World:
        """Return a world; each of ``cases`` has the posts in ``threads``, by default one."""
        folder = self.folder / str(len(self.opened))
        snapshot = Snapshot.open(folder / "snapshot", kayako_url=f"https://{HOST}")
        ledger = Ledger.open(folder / "ledger.json")
        self.opened += [snapshot.close, ledger.close]
        fill(snapshot, "teams", [team()] if teams is None else teams)
        fill(
            snapshot, "organizations", [organization()] if organizations is None else organizations
        )
        fill(snapshot, "users", [user(), agent()] if users is None else users)
        fill(snapshot, "cases", cases or [])
        for found in cases or []:
            number = found["id"]
            read(snapshot, number, (threads or {}).get(number, [post(number * 10)]))
        return World(mappings or shipped_mappings(), snapshot, ledger, HOST, GO_LIVE)


def fill(snapshot: Snapshot, resource: str, rows: list[dict[str, Any]]) -> None:
    Writer(snapshot).page(resource, rows, sweep=1)


def read(snapshot: Snapshot, case_id: int, posts: list[dict[str, Any]]) -> None:
    writer = Writer(snapshot)
    writer.thread(case_id, writer.header(case_id), posts, [], missing=0)


def looked(world: World, desk: Desk) -> World:
    """Let the world look at a Zammad that is in import mode already."""
    desk.importing()
    target.look(world, desk.zammad)
    target.take_access(desk.zammad)
    return world


def run_of(world: World, *, workers: int = 2) -> tuple[Run, Notes]:
    notes = Notes()
    door = target.Target(world, settle_seconds=0, tell=notes.say)
    run = Run(world, door, Counts(), notes, threading.Event(), workers)
    return run, notes


__all__ = [
    "GO_LIVE",
    "HOST",
    "Edit",
    "Notes",
    "Small",
    "agent",
    "case",
    "email",
    "fill",
    "looked",
    "organization",
    "post",
    "read",
    "record",
    "reference",
    "role",
    "run_of",
    "team",
    "user",
]
