"""Which articles carry the id of the mail they came as, and how either id proves them ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from runner.engine import message_ids, results, tickets, write_ticket
from runner.engine.change import Action
from runner.engine.world import World
from runner.snapshot.beside import ORIGINAL, ORIGINALS
from runner.snapshot.writing import Writer
from tests.engine.support import HOST, Small, case, looked, post, read, record
from tests.engine.test_reset import undone
from tests.zammad.support import Desk

GO_LIVE = date(2026, 12, 5)
MAIL = "<mail-1@customers.example>"
ANSWER = "<mail-2@customers.example>"


def own(number: int) -> str:
    return f"<kayako-post-{number}@{HOST}>"


def mail(world: World, post_id: int, message_id: str, **more: Any) -> None:
    found = {"message_id": message_id, "in_reply_to": None, "references": None}
    Writer(world.snapshot).beside(ORIGINAL, post_id, {**found, "to": None, "cc": None, **more})


def made(small: Small, desk: Desk, *, status: str = "OPEN", choice: str = "open") -> World:
    """Return a world with one conversation: a mail, a note of it that has no mail, an answer."""
    kind = {"id": 9, "label": status, "type": status, "resource_type": "case_status"}
    rows = [case(1, post_count=3, status=kind)]
    world = small(cases=rows, threads={1: [post(10), post(11), post(12)]})
    mail(world, 10, MAIL, in_reply_to="<0@acme.example>")
    mail(world, 12, ANSWER)
    world.original_message_ids = choice
    group_id = desk.group("Kayako unassigned")
    customer = desk.user("customer-7@example.org")
    looked(world, desk)
    common = {"target_id": group_id, "status": "done"}
    world.ledger.table("groups").put({"source_id": "=Kayako unassigned", **common})
    world.ledger.table("users").put({"source_id": "7", "target_id": customer, "status": "done"})
    return world


def of(world: World) -> Any:
    return tickets.of_case(world, record(world, "cases", 1))


def ids(world: World) -> list[str]:
    return [child.payload["message_id"] for child in of(world).children]


def write(world: World, change: Any = None) -> dict[str, Any]:
    assert world.zammad is not None
    write_ticket.write(world, world.zammad, change or of(world))
    return dict(world.ledger.table("tickets").get("1") or {})


def there(desk: Desk) -> list[str]:
    (ticket,) = [row for row in desk.fake.tables.tickets.values() if row["number"] == "1"]
    rows = desk.zammad.get(f"/ticket_articles/by_ticket/{ticket['id']}")
    return [row["message_id"] for row in rows]


def dated(status: str | None, *, archived: bool = False, **times: str | None) -> dict[str, Any]:
    empty = {"last_closed_at": None, "last_completed_at": None, "updated_at": None}
    kind = {"type": status} if status else None
    return {"archived": archived, "status": kind, **empty, **times}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (dated("OPEN", updated_at="2019-01-01T00:00:00Z"), True),
        (dated("CUSTOM"), True),
        (dated(None), True),
        (dated("CLOSED", last_closed_at="2026-10-06T00:00:00Z"), True),
        (dated("CLOSED", last_closed_at="2026-10-05T23:59:59Z"), False),
        (dated("COMPLETED", last_completed_at="2026-11-01T00:00:00Z"), True),
        (dated("COMPLETED", updated_at="2026-01-01T00:00:00Z"), False),
        (dated("OPEN", archived=True, updated_at="2026-01-01T00:00:00Z"), False),
        (dated("CLOSED"), False),
    ],
)
def test_open_are_those_that_may_still_be_answered(found: dict[str, Any], expected: Any) -> None:
    assert message_ids.applies("open", found, GO_LIVE) is expected
    assert message_ids.applies("all", found, GO_LIVE)
    assert not message_ids.applies("none", found, GO_LIVE)


def test_mails_keep_their_ids_and_all_else_gets_ours(small: Small, zammad_desk: Desk) -> None:
    world = made(small, zammad_desk)
    assert ids(world) == [MAIL, own(11), ANSWER]
    document = write(world)
    assert there(zammad_desk) == [MAIL, own(11), ANSWER]
    assert document["originals"] == {"10": MAIL, "12": ANSWER}
    first = zammad_desk.zammad.get(f"/ticket_articles/by_ticket/{document['target_id']}")[0]
    assert first["in_reply_to"] == "<0@acme.example>"


@pytest.mark.parametrize(("status", "choice"), [("OPEN", "none"), ("CLOSED", "open")])
def test_where_it_is_not_chosen_all_get_ours(
    small: Small, zammad_desk: Desk, status: str, choice: str
) -> None:
    world = made(small, zammad_desk, status=status, choice=choice)
    assert ids(world) == [own(10), own(11), own(12)]
    assert "originals" not in write(world)


def test_an_id_is_given_once_in_a_conversation(small: Small, zammad_desk: Desk) -> None:
    world = made(small, zammad_desk)
    mail(world, 12, MAIL)
    assert ids(world) == [MAIL, own(11), own(12)]


@pytest.mark.parametrize("forged", [own(11), f"<{'x' * 3000}@customers.example>"])
def test_an_id_that_would_mislead_is_not_taken(
    small: Small, zammad_desk: Desk, forged: str
) -> None:
    world = made(small, zammad_desk)
    mail(world, 12, forged)
    assert ids(world) == [MAIL, own(11), own(12)]


@pytest.mark.parametrize("fault", ["reset_before", "reset_after"])
@pytest.mark.parametrize("path", ["/tickets$", "/ticket_articles$"])
def test_a_lost_answer_doubles_no_mail(
    small: Small, zammad_desk: Desk, path: str, fault: str
) -> None:
    world = made(small, zammad_desk)
    zammad_desk.fake.faults.fail("POST", path, fault)
    assert write(world)["originals"] == {"10": MAIL, "12": ANSWER}
    assert there(zammad_desk) == [MAIL, own(11), ANSWER]


@pytest.mark.parametrize("before", ["open", "none"])
@pytest.mark.parametrize("after", ["open", "none"])
def test_what_an_interrupted_run_sent_is_found_whatever_is_chosen_now(
    small: Small, zammad_desk: Desk, before: str, after: str
) -> None:
    world = made(small, zammad_desk, choice=before)
    first = of(world)
    write(world, replace(first, children=first.children[:2]))
    table = world.ledger.table("tickets")
    table.put(results.intent(replace(first, action=Action.CREATE), None))
    world.original_message_ids = after
    document = write(world)
    kept = MAIL if before == "open" else own(10)
    new = ANSWER if after == "open" else own(12)
    assert there(zammad_desk) == [kept, own(11), new]
    wanted = {"10": MAIL} if before == "open" else {}
    wanted |= {"12": ANSWER} if after == "open" else {}
    assert document.get("originals", {}) == wanted


@pytest.mark.parametrize("before", ["open", "none"])
def test_another_choice_changes_no_article_and_counts_them(
    small: Small, zammad_desk: Desk, before: str
) -> None:
    world = made(small, zammad_desk, choice=before)
    write(world)
    assert of(world).ids_kept == 0
    world.original_message_ids = "none" if before == "open" else "all"
    change = of(world)
    assert (change.action, change.ids_kept) == (Action.UNCHANGED, 2)
    more = post(13, created_at="2021-08-28T10:49:56+00:00")
    read(world.snapshot, 1, [post(10), post(11), post(12), more])
    mail(world, 13, "<mail-3@customers.example>")
    change = of(world)
    assert [child.source_id for child in change.children] == ["13"]
    last = own(13) if before == "open" else "<mail-3@customers.example>"
    document = write(world, change)
    assert there(zammad_desk)[-1] == last
    posts = {"10", "12"} if before == "open" else {"13"}
    assert set(document["originals"]) == posts


def test_before_articles_are_added_their_ids_are_written_down(
    small: Small, zammad_desk: Desk
) -> None:
    world = made(small, zammad_desk)
    document = write(world)
    read(
        world.snapshot,
        1,
        [post(10), post(11), post(12), post(13, created_at="2022-01-01T00:00:00Z")],
    )
    assert results.on_the_way(of(world), document) is None
    mail(world, 13, "<mail-3@customers.example>")
    noted = results.on_the_way(of(world), document) or {}
    assert noted["originals"] == {**document["originals"], "13": "<mail-3@customers.example>"}
    assert noted["status"] == "done"


@pytest.mark.parametrize("status", ["intended", "partial", "done"])
def test_reset_knows_mails_for_ours_however_far_the_run_came(
    small: Small, zammad_desk: Desk, status: str
) -> None:
    world = made(small, zammad_desk)
    change = of(world)
    document = write(world)
    table = world.ledger.table("tickets")
    if status == "intended":
        table.put(results.intent(change, None))
    elif status == "partial":
        posts = {"10": document["children"]["posts"]["10"]}
        table.put(results.partial(change, document["target_id"], posts, document["originals"]))
    done = undone(world, zammad_desk)
    assert done.removed["tickets"] == 1
    assert not [entry for entry in done.remains if entry["entity"] == "tickets"]


def test_reset_keeps_what_came_in_zammad(small: Small, zammad_desk: Desk) -> None:
    world = made(small, zammad_desk)
    document = write(world)
    body = {"ticket_id": document["target_id"], "body": "x", "message_id": "<new@example.org>"}
    zammad_desk.zammad.create("/ticket_articles", body)
    (entry,) = undone(world, zammad_desk).remains[:1]
    assert "1 articles that were written in Zammad" in entry["reason"]


def test_what_is_still_to_be_read_is_counted(small: Small, zammad_desk: Desk) -> None:
    world = made(small, zammad_desk)
    assert of(world).mails_unread == 3
    world.original_message_ids = "none"
    assert of(world).mails_unread == 0
    world.original_message_ids = "all"
    Writer(world.snapshot).beside(ORIGINALS, 1, None)
    assert of(world).mails_unread == 0


def test_the_id_that_an_article_has_in_zammad_is_told_whatever_is_chosen_now(
    small: Small, zammad_desk: Desk
) -> None:
    world = made(small, zammad_desk)
    document = write(world)
    world.original_message_ids = "none"
    change = tickets.of_case(world, record(world, "cases", 1), whole=True)
    found = [message_ids.written(child, document) for child in change.children]
    assert found == there(zammad_desk)
