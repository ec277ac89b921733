"""Erase: who vanished from Kayako, and taking one of them away on request."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from runner.engine import erase, target
from runner.engine.remembered import forget
from runner.pipeline.opening import open_ledger
from runner.snapshot import Snapshot
from runner.zammad.client import Zammad

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.config.model import Config
    from runner.ledger import Ledger


def erasable(config: Config) -> list[erase.Person]:
    """Return everybody who may have been erased in Kayako since they were pulled."""
    with _opened(config, write=False) as (ledger, snapshot):
        return erase.people(ledger, snapshot)


def erasable_person(config: Config, user_id: int) -> erase.Person:
    """Return one of them.

    Raises:
        UsageError: nobody is known by that id, or they are still in Kayako.
    """
    with _opened(config, write=False) as (ledger, snapshot):
        return erase.person(ledger, snapshot, user_id)


def run_erase(config: Config, user_id: int) -> erase.Erasure:
    """Erase one person from Zammad, snapshot and ledger.

    Raises:
        UsageError: nobody is known by that id, or they are still in Kayako.
        PreflightError: they were in Zammad before the move.
        Refused: Zammad does not erase them.
    """
    with _opened(config, write=True) as (ledger, snapshot):
        zammad = Zammad(config.zammad)
        try:
            target.recognise(ledger, zammad)
            who = erase.person(ledger, snapshot, user_id)
            return erase.erase(ledger, snapshot, zammad, who)
        finally:
            # Plans remember records; whatever became of this, they begin anew.
            forget(config.plan_cache)
            zammad.close()


@contextmanager
def _opened(config: Config, *, write: bool) -> Iterator[tuple[Ledger, Snapshot]]:
    with ExitStack() as stack:
        ledger = stack.enter_context(open_ledger(config, write=write, command="erase"))
        snapshot = Snapshot.open(
            config.snapshot_folder, kayako_url=config.kayako.url, read_only=not write
        )
        stack.callback(snapshot.close)
        yield ledger, snapshot
