"""Opening what a run works with: mappings, snapshot, ledger, lock, clients."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from runner.engine.world import World
from runner.errors import UsageError
from runner.kayako.aside import Aside
from runner.kayako.client import Kayako
from runner.ledger import Ledger, RunLock
from runner.ledger.files import make_folder
from runner.mapping.load import load_mappings
from runner.snapshot import Snapshot
from runner.workdir import tighten

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator
    from datetime import date

    from runner.config.model import Config
    from runner.meter import Usage

    Connected = Callable[[str, Callable[[], Usage]], None]


def nobody(_side: str, _usage: Callable[[], Usage]) -> None:
    """Take no notice of who is asked, and how hard; the other ``Connected`` is ``Live.connect``."""


def connect_kayako(config: Config, stop: threading.Event | None = None) -> Kayako:
    """Return a client for the configured Kayako; nothing is asked yet."""
    return Kayako(
        config.kayako.url,
        config.kayako.email,
        config.kayako.password,
        requests_per_minute=config.kayako.requests_per_minute,
        workers=config.kayako.workers,
        ca_bundle=config.kayako.ca_bundle,
        file_hosts=config.kayako.file_hosts,
        office_hours=config.kayako.office_hours,
        stop=stop,
    )


def aside_of(config: Config) -> Aside:
    """Return what the configuration wants read beside conversations."""
    options = config.options
    return Aside(options.side_conversations, options.activities)


@contextmanager
def open_ledger(config: Config, *, write: bool, command: str) -> Iterator[Ledger]:
    """Open the ledger of the configured target; for a run that writes, under the run lock."""
    with ExitStack() as stack:
        if write:
            make_workdir(config)
            stack.enter_context(RunLock(config.workdir / "lock", command))
        ledger = Ledger.open(config.ledger_file, read_only=not write)
        stack.callback(ledger.close)
        yield ledger


def make_workdir(config: Config) -> None:
    """Make the folder of the working files, readable for its owner only, also what is there.

    Raises:
        UsageError: it cannot be made or written to.
    """
    try:
        make_folder(config.workdir)
        tighten(config.workdir)
        reachable = os.access(config.workdir, os.W_OK)
    except OSError:
        reachable = False
    if not reachable:
        raise UsageError(
            f"the workdir {config.workdir} cannot be written",
            advice="name another folder as workdir in the config file",
        )


@contextmanager
def open_world(config: Config, *, write: bool, command: str) -> Iterator[World]:
    """Open mappings, snapshot and ledger; for a run that writes, under the run lock."""
    mappings = load_mappings(config.mappings)
    with ExitStack() as stack:
        ledger = stack.enter_context(open_ledger(config, write=write, command=command))
        snapshot = Snapshot.open(
            config.snapshot_folder, kayako_url=config.kayako.url, read_only=not write
        )
        stack.callback(snapshot.close)
        yield World(
            mappings=mappings,
            snapshot=snapshot,
            ledger=ledger,
            kayako_host=config.kayako.host,
            go_live=config.go_live or go_live_of(snapshot),
            attribute_prefix=config.options.attribute_prefix,
            publish=config.options.publish,
            original_message_ids=config.options.original_message_ids,
            dates_by_console=config.options.exact_updated_at == "console",
            time_unit=config.options.time_unit,
            user_updated_at=config.options.user_updated_at,
            keep_since=config.options.keep_since,
            filters=config.filters,
            avatars=config.options.avatars,
            zammad_url=config.zammad.url if config.options.links == "rewrite" else None,
        )


def is_pulled(config: Config) -> bool:
    """Say whether Kayako's lists were ever read to their end."""
    if not Snapshot.exists(config.snapshot_folder):
        return False
    snapshot = Snapshot.open(config.snapshot_folder, read_only=True)
    try:
        return snapshot.pulled_at is not None
    finally:
        snapshot.close()


def go_live_of(snapshot: Snapshot) -> date:
    """Return the day of the first pull; before it, there is nothing whose date could matter."""
    return snapshot.go_live_default or datetime.now(UTC).date()
