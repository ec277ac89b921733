"""Do agents find what was moved? Three old tickets are searched for as an agent would."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from runner.errors import Refused
from runner.zammad import ticket_search

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.ledger import Ledger
    from runner.zammad.client import Zammad

_TICKETS = 3


@dataclass(slots=True)
class Searched:
    """Numbers of the tickets that were found, and of those that were not."""

    found: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def search(ledger: Ledger, zammad: Zammad) -> Searched:
    """Search for three moved tickets, from the first to the last, by number, else by title."""
    result = Searched()
    for target_id in _chosen(ledger):
        try:
            ticket = zammad.get(f"/tickets/{target_id}")
        except Refused as refusal:
            if refusal.status in {403, 404}:
                continue
            raise
        there = any(target_id in ticket_search.by_words(zammad, words) for words in _words(ticket))
        (result.found if there else result.missing).append(str(ticket["number"]))
    return result


def _words(ticket: dict[str, Any]) -> Iterator[str]:
    yield str(ticket["number"])
    if ticket.get("title"):
        yield str(ticket["title"])


def _chosen(ledger: Ledger) -> list[int]:
    number = sum(1 for _ in _moved(ledger))
    step = max(1, (number - 1) // (_TICKETS - 1)) if number else 1
    return list(islice(_moved(ledger), 0, None, step))[:_TICKETS]


def _moved(ledger: Ledger) -> Iterator[int]:
    for document in ledger.table("tickets"):
        if document["status"] == "done" and document.get("target_id") is not None:
            yield int(document["target_id"])
