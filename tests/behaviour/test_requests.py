"""How many requests a run sends, counted at the server: no kind is sent more often than needed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pytest

from runner.sandbox.data import generate
from runner.sandbox.data.helpdesk import Helpdesk
from runner.sandbox.data.table import Table
from tests.behaviour.conftest import Stage

Make = Callable[..., Stage]

TICKETS, POSTS, USERS = 20, 3.6, 8
ARTICLES = 72
PROBES = 20
LISTED = ("users", "ticket_states", "ticket_priorities")


def plain(conversations: int = TICKETS) -> Helpdesk:
    """Conversations without time entries, which cost requests of their own."""
    helpdesk = generate(conversations, POSTS, users=USERS)
    helpdesk.tables["timetracking_log"] = Table()
    return helpdesk


def asked(s: Stage) -> Counter[str]:
    """Count Zammad's requests by kind: ids are ``N``."""
    return Counter(
        f"{seen.method} {re.sub(r'/[0-9]+', '/N', seen.path.removeprefix('/api/v1/'))}"
        for seen in s.sandbox.zammad.requests
    )


@pytest.mark.parametrize(("dates", "last_puts"), [("rest", TICKETS), ("console", 0)])
def test_a_ticket_costs_its_articles_and_one_request(
    stage: Make, dates: str, last_puts: int
) -> None:
    s = stage(plain())
    with (s.place.folder / "config.yaml").open("a") as config:
        config.write(f"\noptions:\n  exact_updated_at: {dates}\n")
    s.place.succeed("pull")
    s.sandbox.zammad.requests.clear()
    s.place.succeed("apply", "--yes", "--no-pull")
    counts = asked(s)
    # One ticket more is there to prove that new attributes survive, and gone again; the search
    # is for one that an earlier run may have left.
    proof = 1
    table = {
        "POST tickets": TICKETS + proof,
        "POST ticket_articles": ARTICLES - TICKETS,
        "PUT tickets/N": last_puts + PROBES,
        "DELETE tickets/N": proof,
        "GET tickets/N": 0,
        "POST tickets/search": 1,
        "POST tags/add": 0,
        "POST mentions": 0,
        "GET ticket_articles/by_ticket/N": 0,
    }
    assert {kind: counts[kind] for kind in table} == table
    # Once: a page, and the empty one after it.
    assert {kind: counts[f"GET {kind}"] for kind in LISTED} == dict.fromkeys(LISTED, 2)


def test_a_longer_run_reads_nothing_more_of_zammad(stage: Make) -> None:
    """Whatever a run reads, it reads once: not once for each record."""
    read = []
    for conversations in (TICKETS // 2, TICKETS):
        s = stage(plain(conversations))
        s.place.succeed("apply", "--yes")
        read.append({k: n for k, n in asked(s).items() if k.startswith("GET") or "search" in k})
    assert read[0] == read[1]
