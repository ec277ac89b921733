"""What becomes of a type that a team invented, end to end on both versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from runner.engine import attributes, reset, tickets
from runner.engine.apply import Run, ticket_stream
from runner.engine.change import Action
from runner.engine.world import World
from runner.mapping.model import Mappings
from tests.engine.support import HOST, Edit, Notes, Small, case, looked, record, run_of
from tests.zammad.support import Desk, Port, desk

FEATURE = {"id": 9, "label": "Feature", "type": "CUSTOM", "resource_type": "case_type"}
FILE = "vocabularies/types.yaml"
DROPPED = "custom:\n"
NEW = "custom:\n  Feature:\n    new: Feature\n    like: Incident\n"
MAPPED = "custom:\n  Feature: Request for Change\n"


BOTH = pytest.mark.parametrize("there", ["5.2", "6.5"], indirect=True)


@pytest.fixture
def there(request: pytest.FixtureRequest, zammad_port: Port) -> Iterator[Desk]:
    """Yield a Zammad that uses ticket types: they are switched off at first."""
    version = getattr(request, "param", "5.2")
    with desk(zammad_port, version=version) as made:
        listing(made)["active"] = True
        made.set(system_init_done=True)
        if version == "6.5":
            made.set(auto_shutdown=False)
        yield made


def listing(there: Desk) -> dict[str, Any]:
    rows = there.fake.tables.attributes.values()
    return next(row for row in rows if (row["object"], row["name"]) == ("Ticket", "type"))


def world_of(small: Small, there: Desk, mappings: Mappings) -> World:
    world = small(mappings=mappings, cases=[case(1, type=FEATURE)])
    ids = {"groups": ("=Kayako unassigned", there.group("Kayako unassigned"))}
    ids["users"] = ("7", there.user("customer-7@example.org"))
    looked(world, there)
    for entity, (source_id, target_id) in ids.items():
        document = {"source_id": source_id, "target_id": target_id, "status": "done", "notes": []}
        world.ledger.table(entity).put({**document, "action": "create", "adopted": True})
    return world


def apply(world: World) -> tuple[Run, Notes]:
    run, notes = run_of(world)
    run.target.open()
    ticket_stream(run, tickets.changes(world, [1]), ready=lambda: True)
    return run, notes


def arrived(world: World, there: Desk) -> dict[str, Any]:
    known = world.ledger.table("tickets").get("1") or {}
    path = known["target_id"]
    tags = there.zammad.get("/tags", {"object": "Ticket", "o_id": path})["tags"]
    articles = there.zammad.get(f"/ticket_articles/by_ticket/{path}")
    return {
        "type": there.zammad.get(f"/tickets/{path}")["type"],
        "tags": [tag for tag in tags if tag != "vip"],
        "notes": [row["body"] for row in articles if row["internal"]],
    }


@pytest.mark.parametrize(
    ("remember_as", "kept"),
    [
        ("tag", {"tags": ["kayako-type-feature"], "notes": []}),
        ("note", {"tags": [], "notes": ["Kayako type: Feature"]}),
        ("nothing", {"tags": [], "notes": []}),
    ],
)
def test_a_label_is_dropped_and_remembered(
    small: Small, there: Desk, edited: Edit, remember_as: str, kept: dict[str, list[str]]
) -> None:
    mappings = edited(FILE, "remember_as: tag", f"remember_as: {remember_as}")
    world = world_of(small, there, mappings)
    apply(world)
    assert arrived(world, there) == {"type": None, **kept}


@BOTH
@pytest.mark.parametrize(("after", "kept"), [(MAPPED, "Request for Change"), (NEW, "Feature")])
def test_a_label_is_mapped_or_created(
    small: Small, there: Desk, edited: Edit, after: str, kept: str
) -> None:
    world = world_of(small, there, edited(FILE, DROPPED, after))
    run, _ = apply(world)
    assert run.counts.failed() == 0
    assert arrived(world, there) == {"type": kept, "tags": [], "notes": []}


def test_a_new_type_is_planned_added_once_and_taken_away_again(
    small: Small, there: Desk, edited: Edit
) -> None:
    world = world_of(small, there, edited(FILE, DROPPED, NEW))
    options = dict(listing(there)["data_option"]["options"])
    assert attributes.outlook(world, ["tickets"]).names == {"update": ["Ticket.type"]}
    apply(world)
    assert listing(there)["data_option"]["options"] == {**options, "Feature": "Feature"}
    assert not attributes.outlook(world, ["tickets"]).has_changes
    assert attributes.outlook(world, ["users"]).names == {}
    reset.reset(
        world.ledger,
        there.zammad,
        kayako_host=HOST,
        discard_changes=False,
        settle_seconds=0,
        tell=lambda _: None,
        stopped=lambda: False,
    )
    assert listing(there)["data_option"]["options"] == options


def test_a_type_that_zammad_does_not_offer_is_named_before_anything_is_written(
    small: Small, there: Desk, edited: Edit
) -> None:
    world = world_of(small, there, edited(FILE, DROPPED, "custom:\n  Feature: Featur\n"))
    change = tickets.of_case(world, record(world, "cases", 1))
    assert change.action is Action.FAIL
    assert "type: Zammad has no type Featur; it has Incident, Problem" in change.reason


def test_a_list_of_types_that_is_switched_off_takes_any(
    small: Small, there: Desk, edited: Edit
) -> None:
    listing(there)["active"] = False
    world = world_of(small, there, edited(FILE, DROPPED, "custom:\n  Feature: Featur\n"))
    apply(world)
    assert arrived(world, there)["type"] == "Featur"
