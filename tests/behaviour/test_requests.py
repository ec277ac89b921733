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
LISTED = ("users", "organizations", "groups", "roles", "ticket_states", "ticket_priorities")


def plain() -> Helpdesk:
    """Conversations without time entries, which cost requests of their own."""
    helpdesk = generate(TICKETS, POSTS, users=USERS)
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
    # One ticket more is there to prove that new attributes survive, and gone again.
    proof = 1
    table = {
        "POST tickets": TICKETS + proof,
        "POST ticket_articles": ARTICLES - TICKETS,
        "PUT tickets/N": last_puts + PROBES,
        "DELETE tickets/N": proof,
        "GET tickets/N": 0,
        "POST tickets/search": 0,
        "POST tags/add": 0,
        "POST mentions": 0,
        "GET ticket_articles/by_ticket/N": 0,
    }
    assert {kind: counts[kind] for kind in table} == table
    print(counts)
    assert 0
