"""Watchers of tickets (Zammad's mentions, reference §b14): agents who were in copy in Kayako.

They are written in the ticket's POST. Who comes later is added on his own behalf, the only way
that there is; nobody is taken away, since agents also watch of their own accord.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine.change import plain
from runner.errors import OutcomeUnknown
from runner.mapping.model import Reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runner.engine.world import World
    from runner.zammad.client import Zammad

FIELD = "mentions"
_ATTEMPTS = 4


def keep_only_agents(world: World, payload: dict[str, Any]) -> None:
    """Leave out who cannot watch: customers in copy stand in the mails, see articles.yaml."""
    people = payload.pop(FIELD, None) or []
    agents = [who for who in people if isinstance(who, Reference) and world.is_agent(who)]
    if agents:
        payload[FIELD] = agents


def added(applied: Mapping[str, Any], payload: Mapping[str, Any]) -> list[Reference]:
    """Return who watches now and did not when the ticket was written last."""
    before = applied.get(FIELD) or []
    return [who for who in payload.get(FIELD) or [] if plain(who) not in before]


def of_ticket(zammad: Zammad, ticket_id: int) -> set[int]:
    """Return the ids of the users who watch a ticket."""
    answer = zammad.get("/mentions", {"mentionable_type": "Ticket", "mentionable_id": ticket_id})
    return {int(row["user_id"]) for row in answer["mentions"]}


def add(zammad: Zammad, ticket_id: int, wanted: Iterable[int]) -> None:
    """Let users watch a ticket unless they do: 5.2 refuses a second time, 6.5 answers ``true``.

    Raises:
        OutcomeUnknown: one was sent, no answer came, and it is not there.
        Refused: somebody may not.
    """
    there = of_ticket(zammad, ticket_id)
    body = {"mentionable_type": "Ticket", "mentionable_id": ticket_id}
    for user_id in wanted:
        if user_id in there:
            continue
        for attempt in range(_ATTEMPTS):
            try:
                zammad.create("/mentions", body, headers={"From": str(user_id)})
            except OutcomeUnknown:
                if user_id in of_ticket(zammad, ticket_id):
                    break
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                break
