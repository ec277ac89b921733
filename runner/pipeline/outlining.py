"""What a runbook knows of one installation: from config, snapshot and ledger, asking nobody."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from runner.engine import inventory
from runner.engine.lasting import Sizes, Span, spans
from runner.ledger import reading
from runner.mapping.load import load_mappings
from runner.pipeline.keeping import any_verification
from runner.pipeline.opening import is_pulled
from runner.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from runner.config.model import Config
    from runner.engine.inventory import Mailbox
    from runner.mapping.model import Mappings

_LOOKED_AT = 20_000
"""So many of the newest conversations tell which mailbox leads to which group."""


@dataclass(frozen=True, slots=True)
class Outline:
    """Of one installation; everything but the config is empty before the first pull.

    ``records`` are counts by Kayako's word (``cases``, ``users``, ``posts``…), ``titles`` what is
    to be switched off or built anew by kind (``triggers``, ``slas``…: title, is it on),
    ``own_groups`` the teams that no line of ``teams.yaml`` names, ``spans`` durations by step.
    """

    pulled_at: str | None = None
    records: Mapping[str, int] = field(default_factory=dict)
    titles: Mapping[str, tuple[tuple[str, bool], ...]] = field(default_factory=dict)
    mailboxes: tuple[Mailbox, ...] = ()
    own_groups: tuple[str, ...] = ()
    spans: Mapping[str, Span] = field(default_factory=dict)


def outline(config: Config) -> Outline:
    """Return what is known of this installation.

    Raises:
        InvalidFiles: a mapping file has a mistake.
        StoreUnreadable: snapshot, ledger or the last verification cannot be read.
    """
    mappings = load_mappings(config.mappings)
    if not is_pulled(config):
        return Outline()
    with ExitStack() as stack:
        snapshot = Snapshot.open(config.snapshot_folder, read_only=True)
        stack.callback(snapshot.close)
        records = _records(snapshot)
        routes = _routes(snapshot, mappings)
        found = inventory.of_snapshot(snapshot, config.kayako.host, routes)
        titles = {
            kind: tuple((one.title, one.enabled) for one in found.rebuild if one.kind == kind)
            for kind in inventory.REBUILT
        }
        return Outline(
            pulled_at=snapshot.pulled_at,
            records=records,
            titles=titles,
            mailboxes=tuple(found.mailboxes),
            own_groups=tuple(_own_groups(snapshot, mappings)),
            spans=spans(_sizes(config, records), _runs(config), _checked(config)),
        )


def _records(snapshot: Snapshot) -> dict[str, int]:
    words = ("cases", "users", "organizations", "teams", "ratings", "articles")
    posts, files = snapshot.announced()
    return {
        **{word: snapshot.count(word) for word in words},
        "posts": posts,
        "files": files,
        "unread": snapshot.count_needing_bodies(),
    }


def _sizes(config: Config, records: Mapping[str, int]) -> Sizes:
    return Sizes(
        cases=records["cases"],
        unread=records["unread"],
        users=records["users"],
        organizations=records["organizations"],
        posts=records["posts"],
        files=records["files"],
        requests_per_minute=config.kayako.requests_per_minute,
    )


def _routes(snapshot: Snapshot, mappings: Mappings) -> inventory.Routes:
    """Count the newest conversations by mailbox, team and group."""
    routes = inventory.Routes()
    group_of = _groups(mappings)
    skipped = max(snapshot.count("cases") - _LOOKED_AT, 0)
    ways = Counter(
        way
        for case_id in islice(snapshot.case_ids(), skipped, None)
        if (way := snapshot.came_in(case_id)) is not None
    )
    for (address, team), number in ways.items():
        routes.count(address, team, group_of(team), number)
    return routes


def _groups(mappings: Mappings) -> Callable[[str], str]:
    """Return what tells the group of a team: that of the table, else one of its own name.

    Without a team it is what the rule of tickets says, where it says so in plain words.
    """
    table = mappings.vocabularies.get("teams")
    entries = {} if table is None else table.entries
    named = {
        key.strip().casefold(): str(entry.new or entry.value) for key, entry in entries.items()
    }
    rule = mappings.entities["tickets"].fields.get("group")
    without = str(rule.if_empty or "") if rule is not None else ""
    return lambda team: named.get(team.strip().casefold(), team) if team else without


def _own_groups(snapshot: Snapshot, mappings: Mappings) -> Iterator[str]:
    """Yield the teams that nobody decided on."""
    table = mappings.vocabularies.get("teams")
    decided = {key.strip().casefold() for key in table.entries} if table is not None else set()
    for team in snapshot.records("teams"):
        title = str(team.get("title") or "").strip()
        if title and title.casefold() not in decided:
            yield title


def _runs(config: Config) -> list[Any]:
    """Return the runs on this Zammad; before the first apply on it, those of a rehearsal."""
    for file in _ledgers(config):
        with reading(file) as ledger:
            runs = ledger.runs()
        if any((run.get("pace") or {}).get("tickets") for run in runs):
            return runs
    return []


def _ledgers(config: Config) -> Iterator[Path]:
    yield config.ledger_file
    others = config.ledger_file.parent.glob("*.json")
    yield from sorted(
        (file for file in others if file != config.ledger_file),
        key=lambda file: -file.stat().st_mtime,
    )


def _checked(config: Config) -> dict[str, Any] | None:
    document = any_verification(config)
    if document is None:
        return None
    began, ended = (
        datetime.fromisoformat(document[word]) for word in ("started_at", "finished_at")
    )
    tickets = (document.get("checked") or {}).get("tickets")
    return {"tickets": tickets, "seconds": (ended - began).total_seconds()}
