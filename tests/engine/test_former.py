from __future__ import annotations

from typing import Any

import pytest

from runner.engine import former
from runner.engine.change import Action, Change
from runner.engine.world import World
from runner.mapping.model import Reference
from tests.engine.support import Small, user

WRITTEN = {"firstname": "Customer", "lastname": "7", "email": "customer-7@example.org"}


def changed(entity: str = "users", **payload: Any) -> Change:
    return Change(entity, "7", Action.UPDATE, payload=payload)


def test_what_a_user_was_called_is_kept_once() -> None:
    renamed = {**WRITTEN, "firstname": "Renamed"}
    first = former.kept(changed(**renamed), {"applied": WRITTEN})
    assert first == {"former": ["customer"]}
    assert former.kept(changed(**renamed), {"applied": renamed, **first}) == first
    assert former.kept(changed(**WRITTEN), {"applied": WRITTEN}) == {}


def test_whose_conversation_a_ticket_was_is_kept() -> None:
    before = {"applied": {"customer": {"ref": "users/7"}}}
    now = changed("tickets", customer=Reference("users", "8"))
    assert former.kept(now, before) == {"former": ["users/7"]}
    same = changed("tickets", customer=Reference("users", "7"))
    assert former.kept(same, before) == {}


@pytest.fixture
def world(small: Small) -> World:
    """Return a world where user 7 is called Renamed 7 now, and Customer 7 when it was written."""
    made = small(users=[user(7, full_name="Renamed 7"), user(8)])
    applied = {**WRITTEN, "firstname": "Renamed"}
    document = {"source_id": "7", "status": "done", "applied": applied, "former": ["customer"]}
    made.ledger.table("users").put(document)
    return made


@pytest.mark.parametrize(
    ("there", "explained"),
    [
        ("Customer 7 <customer-7@example.org>", True),
        ("Customer 9 <customer-7@example.org>", False),
        ("Customer 7 <stranger@example.org>", False),
        ("7 <customer-7@example.org>", False),
    ],
)
def test_only_what_somebody_was_called_explains_a_name(
    world: World, there: str, *, explained: bool
) -> None:
    wanted = "Renamed 7 <customer-7@example.org>"
    people = [Reference("users", "7")]
    assert former.explains(world, people, {}, wanted, there) is explained
