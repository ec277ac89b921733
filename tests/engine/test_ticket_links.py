from __future__ import annotations

from collections.abc import Iterator

import pytest

from runner.engine import reset, ticket_links, tickets, verify_ticket
from runner.engine.apply import Run, ticket_stream
from runner.engine.change import Action
from runner.engine.verified import Kind, Verified
from runner.engine.world import World
from runner.errors import Interrupted, Refused
from runner.snapshot.beside import MERGED
from runner.zammad import links as zammad_links
from tests.engine.support import HOST, Notes, Small, case, fill, looked, record, run_of
from tests.zammad.support import Desk, Port, desk

PARENT, CHILD, OTHER = 3, 2, 1
PAST = "2021-08-27T10:49:56.000Z"


BOTH = pytest.mark.parametrize("there", ["5.2", "6.5"], indirect=True)


@pytest.fixture
def there(request: pytest.FixtureRequest, zammad_port: Port) -> Iterator[Desk]:
    with desk(zammad_port, version=getattr(request, "param", "6.5")) as made:
        yield made


@pytest.fixture
def world(small: Small, there: Desk) -> World:
    """Return a world where case 2 was merged into case 3, which comes later."""
    rows = [case(OTHER), case(CHILD, is_merged=True), case(PARENT)]
    made = small(cases=rows)
    made.snapshot.beside.keep(MERGED, CHILD, PARENT)
    group_id, customer = there.group("Kayako unassigned"), there.user("customer-7@example.org")
    looked(made, there)
    there.set(system_init_done=True)
    common = {"status": "done", "action": "create", "notes": []}
    ids = {"groups": ("=Kayako unassigned", group_id), "users": ("7", customer)}
    for entity, (source_id, target_id) in ids.items():
        made.ledger.table(entity).put({"source_id": source_id, "target_id": target_id, **common})
    return made


def apply(world: World) -> tuple[Run, Notes]:
    run, notes = run_of(world)
    ids = list(world.snapshot.case_ids())
    ticket_stream(run, tickets.changes(world, ids), ready=lambda: True)
    ticket_links.write(run)
    return run, notes


def refused(*_: object, **__: object) -> None:
    raise Refused("Zammad answered 403", status=403)


def ticket(world: World, number: int) -> int:
    return int((world.ledger.table("tickets").get(str(number)) or {})["target_id"])


def parents(world: World, number: int = CHILD) -> list[int]:
    assert world.zammad is not None
    return zammad_links.parents(world.zammad, ticket(world, number))


def moments(world: World, there: Desk) -> set[str]:
    numbers = (CHILD, PARENT)
    return {there.zammad.get(f"/tickets/{ticket(world, n)}")["updated_at"] for n in numbers}


def merge_into(world: World, survivor: int | None) -> None:
    """Let Kayako's history tell something else, as a later pull may find."""
    world.snapshot.beside.keep(MERGED, CHILD, survivor)


@BOTH
def test_a_merged_ticket_hangs_under_its_survivor_and_neither_has_moved(
    world: World, there: Desk
) -> None:
    planned = ticket_links.planned(
        world.ledger, tickets.of_case(world, record(world, "cases", CHILD))
    )
    assert planned is Action.CREATE
    run, notes = apply(world)
    assert parents(world) == [ticket(world, PARENT)]
    assert moments(world, there) == {PAST}
    assert notes.begun == [("links", 1)]
    assert run.counts.done["links"]["created"] == 1
    assert not list(ticket_links.pending(world.ledger))


def test_a_second_run_writes_nothing(world: World, there: Desk) -> None:
    apply(world)
    there.fake.requests.clear()
    run, _ = apply(world)
    assert there.writes() == []
    assert not run.target.is_open
    change = tickets.of_case(world, record(world, "cases", CHILD))
    assert ticket_links.planned(world.ledger, change) is Action.UNCHANGED


def test_where_the_console_sets_times_a_link_costs_one_request(world: World, there: Desk) -> None:
    world.dates_by_console = True
    apply(world)
    assert there.writes()[-1] == "POST /links/add"


@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "500_after"])
def test_a_lost_answer_makes_no_second_link(world: World, there: Desk, fault: str) -> None:
    there.fake.faults.fail("POST", "/links/add$", fault)
    run, _ = apply(world)
    assert parents(world) == [ticket(world, PARENT)]
    assert moments(world, there) == {PAST}
    assert run.counts.failed() == 0


def test_what_a_run_was_cut_off_in_is_finished_and_not_repeated(world: World, there: Desk) -> None:
    run, _ = run_of(world)
    ticket_stream(run, tickets.changes(world, [CHILD, PARENT]), ready=lambda: True)
    # As if killed after the link was made and before the tickets got their times back.
    zammad_links.add_parent(there.zammad, parent_number="3", child_id=ticket(world, CHILD))
    ids = {"child": ticket(world, CHILD), "parent": ticket(world, PARENT)}
    document = {"source_id": str(CHILD), "target_id": None, "status": "intended", "notes": []}
    world.ledger.table("links").put({**document, "applied": ids})
    there.fake.requests.clear()
    apply(world)
    assert "POST /links/add" not in there.writes()
    assert moments(world, there) == {PAST}
    assert not list(ticket_links.pending(world.ledger))


@BOTH
def test_a_link_that_somebody_made_is_left_as_it_is(world: World, there: Desk) -> None:
    run, _ = run_of(world)
    ticket_stream(run, tickets.changes(world, [CHILD, PARENT]), ready=lambda: True)
    zammad_links.add_parent(there.zammad, parent_number="3", child_id=ticket(world, CHILD))
    run, _ = apply(world)
    assert run.counts.failed() == 0
    assert parents(world) == [ticket(world, PARENT)]


def test_a_refused_link_is_told_and_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(zammad_links, "add_parent", refused)
        run, notes = apply(world)
    assert run.counts.done["links"]["failed"] == 1
    assert notes.records[-1][1] is not None
    run, _ = apply(world)
    assert parents(world) == [ticket(world, PARENT)]
    assert run.counts.failed() == 0


def test_another_survivor_takes_the_place_of_the_first(world: World, there: Desk) -> None:
    apply(world)
    merge_into(world, OTHER)
    apply(world)
    assert parents(world) == [ticket(world, OTHER)]
    assert moments(world, there) == {PAST}
    merge_into(world, None)
    change = tickets.of_case(world, record(world, "cases", CHILD))
    assert change.action is Action.UPDATE
    apply(world)
    assert parents(world) == []
    assert ticket_links.planned(world.ledger, change) is None
    assert moments(world, there) == {PAST}


def test_a_former_parent_is_removed_even_if_the_run_was_cut_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(world)
    merge_into(world, OTHER)
    with monkeypatch.context() as patch:
        patch.setattr(zammad_links, "remove_parent", refused)
        apply(world)
    assert parents(world) == [ticket(world, PARENT)]
    apply(world)
    assert parents(world) == [ticket(world, OTHER)]


def test_a_link_waits_for_a_survivor_that_failed(world: World) -> None:
    run, _ = run_of(world)
    ticket_stream(run, tickets.changes(world, [CHILD]), ready=lambda: True)
    ticket_links.write(run)
    assert not world.ledger.table("links").get(str(CHILD))
    apply(world)
    assert parents(world) == [ticket(world, PARENT)]


def test_an_interrupted_run_goes_on_later(world: World) -> None:
    run, _ = run_of(world)
    ticket_stream(run, tickets.changes(world, [CHILD, PARENT]), ready=lambda: True)
    run.stop.set()
    with pytest.raises(Interrupted):
        ticket_links.write(run)
    apply(world)
    assert parents(world) == [ticket(world, PARENT)]


def test_verify_names_a_link_that_somebody_removed(world: World, there: Desk) -> None:
    apply(world)
    change = tickets.of_case(world, record(world, "cases", CHILD), whole=True)
    known = world.ledger.table("tickets").get(str(CHILD))
    assert known is not None
    right, wrong = Verified("", None), Verified("", None)
    verify_ticket.compare(world, there.zammad, right, change, known)
    ends = {"parent_id": ticket(world, PARENT), "child_id": ticket(world, CHILD)}
    zammad_links.remove_parent(there.zammad, **ends)
    verify_ticket.compare(world, there.zammad, wrong, change, known)
    assert right.deviations == []
    (deviation,) = wrong.deviations
    assert (deviation.field, deviation.kind) == ("parent", Kind.CHANGED)


def test_a_ticket_that_was_made_anew_is_linked_anew(world: World, there: Desk) -> None:
    apply(world)
    there.zammad.delete(f"/tickets/{ticket(world, PARENT)}")
    world.ledger.table("tickets").remove(str(PARENT))
    apply(world)
    assert parents(world) == [ticket(world, PARENT)]
    assert moments(world, there) == {PAST}


@BOTH
def test_reset_takes_links_away_with_their_tickets(world: World, there: Desk) -> None:
    apply(world)
    assert there.fake.tables.links
    reset.reset(
        world.ledger,
        there.zammad,
        kayako_host=HOST,
        discard_changes=False,
        settle_seconds=0,
        tell=lambda _: None,
        stopped=lambda: False,
    )
    assert not there.fake.tables.links
    assert len(world.ledger.table("links")) == 0


def test_what_the_mapping_leaves_out_is_not_linked(world: World) -> None:
    fill(world.snapshot, "cases", [case(CHILD, is_merged=True, state="TRASH")])
    apply(world)
    assert not list(ticket_links.pending(world.ledger))
    assert not world.ledger.table("links").get(str(CHILD))
