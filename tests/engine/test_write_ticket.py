from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from runner.engine import results, tickets, write_ticket
from runner.engine.change import Action, Change
from runner.engine.world import World
from runner.errors import OutcomeUnknown, PreflightError, RecordError, Refused
from tests.engine.support import HOST, Small, case, fill, looked, post, read, record
from tests.zammad.support import Desk

POSTS = [post(10), post(11), post(12)]
MESSAGE_IDS = [f"<kayako-post-{number}@{HOST}>" for number in (10, 11, 12)]


@pytest.fixture
def world(small: Small, zammad_desk: Desk) -> World:
    """Return a world with one case of three posts whose group and customer are there."""
    tags = [{"id": 1, "name": "one", "resource_type": "tag"}]
    rows = [case(1, post_count=3, tags=tags)]
    made = small(cases=rows, threads={1: POSTS})
    group_id = zammad_desk.group("Kayako unassigned")
    customer = zammad_desk.user("customer-7@example.org")
    looked(made, zammad_desk)
    common = {"target_id": group_id, "status": "done"}
    made.ledger.table("groups").put({"source_id": "=Kayako unassigned", **common})
    made.ledger.table("users").put({"source_id": "7", "target_id": customer, "status": "done"})
    return made


def of(world: World) -> Change:
    return tickets.of_case(world, record(world, "cases", 1))


def write(world: World, change: Change | None = None) -> dict[str, Any]:
    """Write case 1 and return its ledger document."""
    assert world.zammad is not None
    write_ticket.write(world, world.zammad, change or of(world))
    return dict(world.ledger.table("tickets").get("1") or {})


def articles(desk: Desk, ticket_id: int) -> list[str]:
    rows = desk.zammad.get(f"/ticket_articles/by_ticket/{ticket_id}")
    return [row["message_id"] for row in rows]


def tags(desk: Desk, ticket_id: int) -> list[str]:
    answer = desk.zammad.get("/tags", {"object": "Ticket", "o_id": ticket_id})
    return sorted(answer["tags"])


def test_a_ticket_costs_one_request_an_article_and_one_more(
    world: World, zammad_desk: Desk
) -> None:
    zammad_desk.fake.requests.clear()
    document = write(world)
    asked = [(request.method, request.path) for request in zammad_desk.fake.requests]
    assert [method for method, _ in asked] == ["POST", "POST", "POST", "PUT"]
    assert articles(zammad_desk, document["target_id"]) == MESSAGE_IDS
    assert tags(zammad_desk, document["target_id"]) == ["one"]
    row = zammad_desk.zammad.get(f"/tickets/{document['target_id']}")
    assert row["updated_at"] == row["created_at"] == "2021-08-27T10:49:56.000Z"
    assert set(document["children"]["posts"]) == {"10", "11", "12"}
    assert document["status"] == "done"


def test_where_the_console_dates_the_last_change_no_request_does(
    world: World, zammad_desk: Desk
) -> None:
    world.dates_by_console = True
    zammad_desk.fake.requests.clear()
    ticket_id = write(world)["target_id"]
    assert [request.method for request in zammad_desk.fake.requests] == ["POST", "POST", "POST"]
    zammad_desk.fake.requests.clear()
    document = write(world, later(world, [*POSTS, post(13)], subject="New"))
    asked = [(request.method, request.path) for request in zammad_desk.fake.requests]
    assert asked[-1] == ("PUT", f"/api/v1/tickets/{ticket_id}")
    row = zammad_desk.zammad.get(f"/tickets/{ticket_id}")
    assert row["title"] == "New"
    assert not row["updated_at"].startswith("2021-")
    assert document["applied"]["updated_at"] == "2021-09-02T08:00:00Z"
    assert of(world).action is Action.UNCHANGED


@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "500_after"])
@pytest.mark.parametrize("path", ["/tickets$", "/ticket_articles$"])
def test_a_lost_answer_never_doubles_anything(
    world: World, zammad_desk: Desk, path: str, fault: str
) -> None:
    zammad_desk.fake.faults.fail("POST", path, fault)
    document = write(world)
    assert articles(zammad_desk, document["target_id"]) == MESSAGE_IDS
    assert len(zammad_desk.fake.tables.tickets) == 2
    ids = {entry[0] for entry in document["children"]["posts"].values()}
    assert len(ids) == 3


@pytest.mark.parametrize("path", ["/tickets$", "/ticket_articles$"])
def test_four_lost_answers_leave_the_outcome_open(
    world: World, zammad_desk: Desk, path: str
) -> None:
    for _ in range(4):
        zammad_desk.fake.faults.fail("POST", path, "reset_before")
    with pytest.raises(OutcomeUnknown):
        write(world)


def test_what_an_interrupted_run_sent_is_found_and_completed(
    world: World, zammad_desk: Desk
) -> None:
    first = of(world)
    write(world, replace(first, children=first.children[:2]))
    world.ledger.table("tickets").put({"source_id": "1", "target_id": None, "status": "intended"})
    resumed = of(world)
    assert resumed.resume
    document = write(world, resumed)
    assert articles(zammad_desk, document["target_id"]) == MESSAGE_IDS
    assert document["status"] == "done"


def test_what_was_interrupted_before_it_was_sent_is_sent(world: World, zammad_desk: Desk) -> None:
    world.ledger.table("tickets").put({"source_id": "1", "target_id": None, "status": "intended"})
    assert len(articles(zammad_desk, write(world)["target_id"])) == 3


def test_a_ticket_of_ours_that_nobody_remembers_is_found_by_its_number(
    world: World, zammad_desk: Desk
) -> None:
    change = of(world)
    first = write(world)
    assert write(world, change)["target_id"] == first["target_id"]
    assert articles(zammad_desk, first["target_id"]) == MESSAGE_IDS


def test_a_number_that_a_stranger_has_is_refused_with_a_way_out(
    world: World, zammad_desk: Desk
) -> None:
    zammad_desk.ticket("1")
    with pytest.raises(RecordError, match="number taken: ticket 1 ") as error:
        write(world)
    assert "prefix" in error.value.advice


def test_other_refusals_are_told_as_they_are(world: World, zammad_desk: Desk) -> None:
    del zammad_desk
    change = of(world)
    with pytest.raises(Refused) as refused:
        write(world, replace(change, payload={**change.payload, "state": "No such state"}))
    assert refused.value.status in {400, 404, 422}


def test_a_server_error_is_no_number_that_is_taken(world: World, zammad_desk: Desk) -> None:
    zammad_desk.fake.tables.users[3]["role_ids"] = [1]
    with pytest.raises(Refused) as refused:
        write(world)
    assert refused.value.status == 403


def test_an_article_that_is_refused_is_named_and_the_rest_is_kept(
    world: World, zammad_desk: Desk
) -> None:
    change = of(world)
    broken = replace(change.children[1], payload={**change.children[1].payload, "type": "pigeon"})
    change = replace(change, children=(change.children[0], broken, change.children[2]))
    with pytest.raises(Refused, match="post 11: "):
        write(world, change)
    document = world.ledger.table("tickets").get("1") or {}
    assert document["status"] == "partial"
    assert set(document["children"]["posts"]) >= {"10"}
    assert len(articles(zammad_desk, document["target_id"])) == 1


def test_todays_date_stops_the_run_before_the_next_article(world: World, zammad_desk: Desk) -> None:
    zammad_desk.set(import_mode=False)
    with pytest.raises(PreflightError, match="case 1 was sent with"):
        write(world)
    assert zammad_desk.writes().count("POST /ticket_articles") == 0


@pytest.mark.fault(
    "import mode ends while an answer is lost, or just before a ticket's last change",
    does="what is looked up and the answer to the last change are compared, too; the run stops",
    side="people",
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/tickets$"), ("POST", "/ticket_articles$"), ("PUT", "/tickets/")]
)
def test_import_mode_that_ends_shows_in_what_is_looked_up_and_in_the_last_change(
    world: World, zammad_desk: Desk, method: str, path: str
) -> None:
    fake = zammad_desk.fake

    def switch(asked: str, at: str) -> None:
        if asked == method and re.search(path, at):
            zammad_desk.set(import_mode=False)

    fake.state.on_request = switch
    if method == "POST":
        fake.faults.fail(method, path, "500_after")
    with pytest.raises(PreflightError, match="import mode is off"):
        write(world)
    assert zammad_desk.zammad.halted is not None
    sent = [each for each in zammad_desk.writes() if re.search(f"^{method} .*{path}", each)]
    assert len(sent) == 1


@pytest.mark.fault("a deadlock in Zammad's database (422, in words that differ by version)")
@pytest.mark.parametrize("fault", ["422_before", "422_after"])
@pytest.mark.parametrize("path", ["/tickets$", "/ticket_articles$"])
def test_a_deadlock_neither_loses_nor_doubles_anything(
    world: World, zammad_desk: Desk, path: str, fault: str
) -> None:
    zammad_desk.fake.faults.fail("POST", path, fault)
    document = write(world)
    assert articles(zammad_desk, document["target_id"]) == MESSAGE_IDS
    assert len(zammad_desk.fake.tables.tickets) == 2


@pytest.mark.parametrize("path", ["/tickets$", "/ticket_articles$"])
def test_a_second_refusal_is_final(world: World, zammad_desk: Desk, path: str) -> None:
    for nth in (1, 2):
        zammad_desk.fake.faults.fail("POST", path, "422_before", nth=nth)
    with pytest.raises(Refused, match="deadlock"):
        write(world)


def misdated(world: World, desk: Desk) -> int:
    """Write case 1 while import mode is off, and switch it on again; return the ticket's id."""
    change = of(world)
    world.ledger.table("tickets").put(results.intent(change, None))
    desk.set(import_mode=False)
    with pytest.raises(PreflightError):
        write(world, change)
    desk.importing()
    desk.zammad.halted = None  # the next run has a client of its own
    return max(desk.fake.tables.tickets)


def test_a_ticket_with_todays_date_is_made_anew(world: World, zammad_desk: Desk) -> None:
    wrong = misdated(world, zammad_desk)
    document = write(world)
    assert wrong not in zammad_desk.fake.tables.tickets
    assert articles(zammad_desk, document["target_id"]) == MESSAGE_IDS
    assert len(zammad_desk.fake.tables.tickets) == 2


def test_a_ticket_with_todays_date_in_which_people_wrote_is_left_to_them(
    world: World, zammad_desk: Desk
) -> None:
    wrong = misdated(world, zammad_desk)
    body = {"ticket_id": wrong, "type": "note", "body": "mine", "internal": True}
    zammad_desk.zammad.create("/ticket_articles", body)
    with pytest.raises(RecordError, match="while import mode was off") as error:
        write(world)
    assert "delete it" in error.value.advice
    assert wrong in zammad_desk.fake.tables.tickets


def test_a_ticket_that_was_removed_meanwhile_is_sent_again(world: World, zammad_desk: Desk) -> None:
    gone = write(world)["target_id"]
    zammad_desk.zammad.delete(f"/tickets/{gone}")
    known = world.ledger.table("tickets").get("1") or {}
    world.ledger.table("tickets").put({**known, "status": "partial"})
    assert len(articles(zammad_desk, write(world)["target_id"])) == 3


def later(world: World, posts: list[dict[str, Any]], **changes: Any) -> Change:
    moment = {"updated_at": "2021-09-02T08:00:00+00:00", "post_count": len(posts)}
    fill(world.snapshot, "cases", [case(1, **{**moment, **changes})])
    read(world.snapshot, 1, posts)
    return of(world)


def test_an_update_adds_new_articles_and_tags_and_takes_ours_away(
    world: World, zammad_desk: Desk
) -> None:
    ticket_id = write(world)["target_id"]
    zammad_desk.zammad.search("/tags/add", {"object": "Ticket", "o_id": ticket_id, "item": "own"})
    new = [{"id": 2, "name": "two", "resource_type": "tag"}]
    document = write(world, later(world, [*POSTS, post(13)], tags=new, subject="New"))
    assert articles(zammad_desk, ticket_id)[3:] == [f"<kayako-post-13@{HOST}>"]
    assert tags(zammad_desk, ticket_id) == ["own", "two"]
    row = zammad_desk.zammad.get(f"/tickets/{ticket_id}")
    assert (row["title"], row["updated_at"]) == ("New", "2021-09-02T08:00:00.000Z")
    assert set(document["children"]["posts"]) == {"10", "11", "12", "13"}
    assert of(world).action is Action.UNCHANGED


def test_tags_that_are_all_gone_are_taken_off(world: World, zammad_desk: Desk) -> None:
    ticket_id = write(world)["target_id"]
    write(world, later(world, POSTS, tags=[]))
    assert tags(zammad_desk, ticket_id) == []


def test_an_update_that_was_cut_off_goes_on_where_it_was(world: World, zammad_desk: Desk) -> None:
    ticket_id = write(world)["target_id"]
    change = later(world, [*POSTS, post(13), post(14)])
    zammad_desk.fake.faults.fail("PUT", f"/tickets/{ticket_id}", "503_html")
    before = dict(world.ledger.table("tickets").get("1") or {})
    write(world, change)
    world.ledger.table("tickets").put(before)
    document = write(world, change)
    assert len(articles(zammad_desk, ticket_id)) == 5
    assert len({entry[0] for entry in document["children"]["posts"].values()}) == 5


def test_a_change_of_fields_alone_asks_for_no_articles(world: World, zammad_desk: Desk) -> None:
    write(world)
    change = later(world, POSTS, subject="New", tags=[{"id": 1, "name": "one"}])
    zammad_desk.fake.requests.clear()
    write(world, change)
    assert [request.method for request in zammad_desk.fake.requests] == ["PUT"]
