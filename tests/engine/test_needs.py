from __future__ import annotations

from typing import Any

import pytest

from runner.engine import needs, plan, walk
from runner.engine.change import Action, Change, Child, TimeEntry
from runner.engine.needs import Counted
from runner.engine.plan import Plan
from runner.engine.world import World
from tests.engine.support import Small, case, fill, post, read

CLOSED = {"id": 5, "label": "Closed", "type": "CLOSED", "resource_type": "case_status"}
DATED = {"updated_at": "2021-08-27T10:49:56Z"}


def counted(*changes: Change, console: bool = False) -> Counted:
    found = Counted()
    for change in changes:
        found.take(change, console=console)
    return found


def children(number: int) -> tuple[Child, ...]:
    return tuple(Child(str(one), "digest", {"message_id": f"<{one}>"}) for one in range(number))


def ticket(action: Action = Action.CREATE, posts: int = 3, **more: Any) -> Change:
    return Change("tickets", "7", action, children=children(posts), payload=DATED, **more)


def test_a_ticket_is_written_with_its_first_article_and_dated_at_the_end() -> None:
    assert +counted(ticket()).writing == {"tickets": 1, "articles": 2, "ticket updates": 1}
    assert counted(ticket(), console=True).writing["ticket updates"] == 0


def test_an_update_writes_what_is_new() -> None:
    update = ticket(Action.UPDATE, 2, fields={"title": "New"})
    assert +counted(update).writing == {"articles": 2, "ticket updates": 1}
    assert +counted(ticket(Action.UPDATE, 0)).writing == {}


@pytest.mark.parametrize("action", [Action.UNCHANGED, Action.SKIP, Action.FAIL])
def test_what_is_not_written_needs_nothing(action: Action) -> None:
    found = counted(ticket(action), Change("users", "1", action))
    assert not +found.writing
    assert not +found.one_writer


def test_time_that_an_article_carries_costs_no_request() -> None:
    entries = (
        TimeEntry("1", "d", {}),
        TimeEntry("2", "d", {}, Action.UPDATE),
        TimeEntry("3", "d", {}, article="10"),
        TimeEntry("4", "d", {}, Action.UNCHANGED),
    )
    assert counted(ticket(times=entries)).writing["time entries"] == 2


def test_users_with_a_date_are_written_twice() -> None:
    found = counted(
        Change("users", "1", Action.CREATE),
        Change("users", "2", Action.CREATE, payload=DATED),
        Change("users", "3", Action.UPDATE, fields={"note": "x"}),
        Change("kb_answers", "4", Action.CREATE),
    )
    assert found.one_writer == {"users": 2, "user updates": 2, "knowledge_bases": 1}


def test_posts_that_are_not_read_are_read_by_pages_and_become_articles() -> None:
    found = counted(ticket(posts=0, bodies_unread=True, posts_unread=250, asks=2))
    assert +found.writing == {"tickets": 1, "articles": 249, "ticket updates": 1}
    assert found.reading == {"posts": 3, "beside": 2}
    assert (found.unread, found.unread_posts, found.articles_unread) == (1, 250, 250)


@pytest.mark.parametrize(("posts", "pages"), [(0, 1), (1, 1), (100, 1), (101, 2), (1000, 10)])
def test_a_page_holds_a_hundred_posts(posts: int, pages: int) -> None:
    assert needs.pages(posts) == pages


def planned(world: World) -> Plan:
    steps = ("users", "tickets")
    return plan.make(world, steps, changes=walk.everything(world, steps, world.snapshot.case_ids))


def test_a_plan_counts_what_is_read_and_what_is_not(small: Small) -> None:
    world = small(cases=[case(1)], threads={1: [post(10), post(11)]})
    world.original_message_ids = "none"
    unread = [
        case(2, post_count=120, has_attachments=True),
        case(3, status=CLOSED, post_count=5),
        case(4, state="TRASH", post_count=9),
    ]
    fill(world.snapshot, "cases", unread)
    found = planned(world).needs
    # A complete one asks for nothing; an open one for people in copy; trash stays.
    assert +found.reading == {"posts": 3, "beside": 1}
    assert +found.writing == {"tickets": 3, "articles": 1 + 119 + 4, "ticket updates": 3}
    assert (found.unread, found.unread_with_files) == (2, 1)


def test_mails_are_asked_for_one_by_one(small: Small) -> None:
    world = small(cases=[case(1)])
    world.original_message_ids = "all"
    fill(world.snapshot, "cases", [case(2, post_count=8)])
    found = planned(world).needs
    # One mail of the conversation that is read; half of the eight posts, and people in copy.
    assert found.reading["beside"] == 1 + 4 + 1


def test_the_quick_outlook_agrees_with_the_plan(small: Small) -> None:
    world = small(cases=[case(1, post_count=2)], threads={1: [post(10), post(11)]})
    world.original_message_ids = "none"
    fill(world.snapshot, "cases", [case(2, post_count=120), case(3, post_count=5)])
    quick, slow = needs.outlook(world, ("users", "tickets")), planned(world).needs
    assert +quick.writing == +slow.writing
    assert +quick.reading == +slow.reading
    assert quick.one_writer["users"] == slow.one_writer["users"] == 2
    assert (quick.unread, quick.unread_posts) == (slow.unread, slow.unread_posts)


def test_the_quick_outlook_leaves_out_what_the_ledger_has(small: Small) -> None:
    world = small(cases=[case(1, post_count=2), case(2, post_count=3)])
    document = {"source_id": "1", "target_id": 9, "status": "done"}
    posts = {"posts": {"10": [1, "d"], "11": [2, "d"]}}
    world.ledger.table("tickets").put({**document, "children": posts})
    found = needs.outlook(world, ("tickets",))
    assert +found.writing == {"tickets": 1, "articles": 2, "ticket updates": 1}


def test_the_outlook_of_the_first_conversations_is_a_share(small: Small) -> None:
    world = small(cases=[])
    fill(world.snapshot, "cases", [case(number, post_count=4) for number in range(1, 11)])
    found = needs.outlook(world, ("tickets",), 2)
    assert +found.writing == {"tickets": 2, "articles": 6, "ticket updates": 2}
    assert found.reading["posts"] == 2


def test_volumes_leave_out_what_is_hidden_or_old(small: Small) -> None:
    world = small(cases=[case(1, post_count=1)])
    more = [case(2, state="TRASH"), case(3, updated_at="2015-01-01T00:00:00+00:00")]
    fill(world.snapshot, "cases", more)
    read(world.snapshot, 1, [post(10)])
    volume = world.snapshot.volume(world.go_live.replace(year=2020))
    assert (volume.cases, volume.unread, volume.read, volume.read_posts) == (1, 0, 1, 1)
    assert world.snapshot.volume().unread == 1
    assert volume.read_bytes > 0
