"""Sample helpdesks by size."""

from __future__ import annotations

from runner.sandbox.data import common, library
from runner.sandbox.data.hard import fill
from runner.sandbox.data.helpdesk import Helpdesk
from runner.sandbox.data.making import FIRST_ENTRY, FIRST_ORGANIZATION, FIRST_USER, Making
from runner.sandbox.data.posting import source
from runner.sandbox.data.table import Table


def hard_cases(seed: int = 7) -> Helpdesk:
    """A small helpdesk in which every trap of kayako-api.md §16 and §17 occurs at least once."""
    return generate(0, seed=seed, with_hard_cases=True)


def generate(
    conversations: int,
    posts_each: float = 6,
    users: int | None = None,
    seed: int = 7,
    *,
    with_hard_cases: bool = False,
) -> Helpdesk:
    """A helpdesk of any size; the same arguments give the same one, byte for byte.

    With a hundred conversations or more it has a Help Center, macros, hours and an SLA as well.

    Args:
        conversations: how many, with ids from 1001; none of them is built before it is read.
        posts_each: posts in each of them, on average: 3.6 gives three or four.
        users: customers, with ids from 1001; a quarter of the conversations if left out.
        seed: chooses texts, people and states.
        with_hard_cases: whether the conversations of ``hard_cases`` are there too.
    """
    count = users if users is not None else (conversations + 3) // 4
    making = Making(conversations, posts_each, max(count, 1), seed)
    helpdesk = Helpdesk(source(making))
    helpdesk.tables |= _tables(making, count)
    common.furnish(helpdesk)
    library.fill(helpdesk, making)
    if with_hard_cases:
        fill(helpdesk)
    return helpdesk


def _tables(making: Making, users: int) -> dict[str, Table]:
    people = range(FIRST_USER, FIRST_USER + users)
    organizations = range(FIRST_ORGANIZATION, FIRST_ORGANIZATION + (users + 9) // 10)
    entries = range(FIRST_ENTRY, FIRST_ENTRY + making.count // 3)
    return {
        "user": Table(span=people, make=making.user),
        "identity_email": Table(span=people, make=making.email),
        "organization": Table(span=organizations, make=making.organization),
        "timetracking_log": Table(span=entries, make=making.entry),
    }
