"""Redirects: what is where now, as far as the ledger knows."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from runner.engine.links import answer_page, ticket_page
from runner.ledger import Ledger
from runner.mapping.links import hosts_of
from runner.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from runner.config.model import Config


def kayako_addresses(config: Config) -> list[str]:
    """Return scheme and host of Kayako and, once it was pulled, of its brands; its own first."""
    own = f"{urlsplit(config.kayako.url).scheme}://{urlsplit(config.kayako.url).netloc}".lower()
    brands = []
    if Snapshot.exists(config.snapshot_folder):
        snapshot = Snapshot.open(config.snapshot_folder, read_only=True)
        try:
            brands = snapshot.definitions("brand")
        finally:
            snapshot.close()
    scheme = urlsplit(own).scheme
    others = {f"{scheme}://{host}" for host in hosts_of(own, brands)} - {own}
    return [own, *sorted(others)]


def reading_ledger(config: Config) -> AbstractContextManager[Ledger]:
    """Open the target's ledger for reading."""
    return Ledger.open(config.ledger_file, read_only=True)


def moved_conversations(ledger: Ledger) -> Iterator[tuple[str, str]]:
    """Yield id and page in Zammad of every conversation that moved."""
    for document in ledger.table("tickets"):
        page = ticket_page(document)
        if page is not None:
            yield document["source_id"], page


def moved_articles(ledger: Ledger) -> Iterator[tuple[str, str]]:
    """Yield id and page in Zammad of every Help Center article that moved."""
    for document in ledger.table("kb_answers"):
        page = answer_page(ledger, document["source_id"])
        if page is not None:
            yield document["source_id"], page
