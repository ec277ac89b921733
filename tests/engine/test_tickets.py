from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runner.engine import results, threads, tickets
from runner.engine.change import Action, Change, reference_of
from runner.engine.world import World
from runner.errors import MigrateError, Refused
from runner.snapshot import Snapshot
from tests.engine.support import (
    HOST,
    Edit,
    Small,
    agent,
    case,
    fill,
    looked,
    post,
    read,
    record,
    user,
)
from tests.zammad.support import Desk


def of(world: World, number: int = 1) -> Change:
    return tickets.of_case(world, record(world, "cases", number))


def moved(world: World, change: Change, target_id: int = 40) -> Change:
    """Write down that a ticket and its articles were written."""
    posts = {child.source_id: [100 + n, child.digest] for n, child in enumerate(change.children)}
    known = world.ledger.table("tickets").get(change.source_id)
    kept = dict((known or {}).get("children", {}).get("posts", {})) | posts
    world.ledger.table("tickets").put(results.done(change, target_id, known=known, posts=kept))
    return change


def later(world: World, *posts: dict[str, Any], **changes: Any) -> None:
    """Change case 1 in Kayako and pull it again."""
    moment = {"updated_at": "2021-09-02T08:00:00+00:00", "post_count": len(posts)}
    fill(world.snapshot, "cases", [case(1, **{**moment, **changes})])
    read(world.snapshot, 1, list(posts))


def test_a_new_case_becomes_a_ticket_with_its_posts_in_order(small: Small) -> None:
    second = post(12, created_at="2021-08-28T00:00:00+00:00")
    change = of(small(cases=[case(1)], threads={1: [second, post(11)]}))
    assert (change.action, change.label) == (Action.CREATE, "Case 1")
    assert change.payload["number"] == "1"
    assert [child.source_id for child in change.children] == ["11", "12"]
    assert change.children[0].payload["message_id"] == f"<kayako-post-11@{HOST}>"
    assert change.digests == {child.source_id: child.digest for child in change.children}
    assert not change.bodies_unread


def test_only_an_agent_owns_a_ticket(small: Small) -> None:
    world = small(cases=[case(1, assigned_agent=agent()), case(2, assigned_agent=user())])
    assert of(world, 1).payload["owner"].source_id == "2"
    change = of(world, 2)
    assert change.payload["owner"] == tickets.NOBODY
    assert ("defaulted", "owner") in {(note.kind, note.field) for note in change.notes}


def test_a_case_without_posts_gets_one_article(small: Small) -> None:
    change = of(small(cases=[case(1, post_count=0)], threads={1: []}))
    (child,) = change.children
    assert (child.source_id, child.payload["internal"]) == (threads.NO_POSTS, True)
    assert child.payload["message_id"] == f"<kayako-case-1-no-posts@{HOST}>"


def test_posts_that_are_not_read_are_said_and_nothing_stands_in_for_them(small: Small) -> None:
    world = small()
    fill(world.snapshot, "cases", [case(1)])
    change = of(world)
    assert change.bodies_unread
    assert change.children == ()


def test_a_lost_label_becomes_an_internal_article_where_the_table_says_so(
    small: Small, edited: Edit
) -> None:
    status = {"id": 9, "label": "Vendor", "type": "CUSTOM", "resource_type": "case_status"}
    mappings = edited("vocabularies/states.yaml", "remember_as: tag", "remember_as: note")
    change = of(small(mappings=mappings, cases=[case(1, status=status)]))
    assert change.children[-1].source_id == tickets.REMEMBERED
    assert "Vendor" in change.children[-1].payload["body"]
    assert [drop.label for drop in change.dropped] == ["Vendor"]


def test_a_case_in_the_trash_is_left_out(small: Small) -> None:
    change = of(small(cases=[case(1, state="TRASH")]))
    assert (change.action, change.reason) == (Action.SKIP, "deleted in Kayako")


def test_posts_that_are_left_out_are_listed(small: Small, edited: Edit) -> None:
    skip = "skip:\n  source_channel.type:\n    MAIL: not wanted\n"
    change = of(small(mappings=edited("articles.yaml", "skip:\n", skip), cases=[case(1)]))
    assert change.articles_skipped == (("10", "not wanted"),)
    assert [child.source_id for child in change.children] == [threads.NO_POSTS]


def test_a_post_that_cannot_be_made_fails_its_ticket_and_is_named(
    small: Small, edited: Edit
) -> None:
    strict = "    if_empty: note\n    if_unknown: fail\n"
    loose = "    if_empty: note\n    if_unknown:\n      use: note\n"
    strange = post(10, source_channel={"uuid": "c", "type": "FAX", "resource_type": "channel"})
    mappings = edited("articles.yaml", loose, strict)
    change = of(small(mappings=mappings, cases=[case(1)], threads={1: [strange]}))
    assert change.action is Action.FAIL
    assert change.reason.startswith("post 10: type: ")


def test_a_ticket_that_is_gone_from_zammad_fails_alone(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(cases=[case(1), case(2)]), zammad_desk)
    moved(world, of(world), 4711)
    later(world, post(10), subject="New subject")
    found = [c for c in tickets.changes(world, [1, 2]) if c.entity == "tickets"]
    assert [change.action for change in found] == [Action.FAIL, Action.CREATE]
    assert "its ticket is not in Zammad any more" in found[0].reason


def test_changes_come_in_order_after_the_placeholders_they_need(small: Small) -> None:
    gone = user(99, full_name="Customer 99")
    world = small(cases=[case(1, requester=gone), case(2, requester=gone)])
    found = list(tickets.changes(world, [1, 777, 2]))
    assert [(change.entity, change.source_id) for change in found] == [
        ("groups", "=Kayako unassigned"),
        ("users", "99"),
        ("tickets", "1"),
        ("tickets", "2"),
    ]


def test_a_case_whose_posts_could_not_be_read_fails_and_the_next_goes_on(small: Small) -> None:
    world = small(cases=[case(1), case(2)])
    asked: list[int] = []

    def bodies(case_id: int) -> MigrateError | None:
        asked.append(case_id)
        return MigrateError("Kayako answered 500") if case_id == 1 else None

    found = [c for c in tickets.changes(world, [1, 2], bodies=bodies) if c.entity == "tickets"]
    assert asked == [1, 2]
    assert [change.action for change in found] == [Action.FAIL, Action.CREATE]
    assert found[0].reason == "its posts could not be read: Kayako answered 500"
    assert found[0].label == "Case 1"


def test_a_moved_ticket_is_unchanged(small: Small) -> None:
    world = small(cases=[case(1)])
    moved(world, of(world))
    change = of(world)
    assert (change.action, change.target_id, change.children) == (Action.UNCHANGED, 40, ())


@pytest.mark.parametrize("status", ["failed", "skipped"])
def test_what_did_not_work_is_tried_again(small: Small, status: str) -> None:
    world = small(cases=[case(1)])
    world.ledger.table("tickets").put({"source_id": "1", "target_id": None, "status": status})
    change = of(world)
    assert (change.action, change.resume, len(change.children)) == (Action.CREATE, False, 1)


@pytest.mark.parametrize(("status", "target_id"), [("intended", None), ("partial", 40)])
def test_what_was_interrupted_is_looked_up_first(
    small: Small, status: str, target_id: int | None
) -> None:
    world = small(cases=[case(1)])
    document = {"source_id": "1", "target_id": target_id, "status": status}
    world.ledger.table("tickets").put(document)
    change = of(world)
    assert (change.action, change.resume, change.target_id) == (Action.CREATE, True, target_id)


def test_a_new_post_is_added_and_the_time_set_again(small: Small) -> None:
    world = small(cases=[case(1)])
    moved(world, of(world))
    later(world, post(10), post(11))
    change = of(world)
    assert change.action is Action.UPDATE
    assert [child.source_id for child in change.children] == ["11"]
    assert change.fields == {"updated_at": "2021-09-02T08:00:00Z"}


def test_a_post_that_changed_in_kayako_is_counted_and_left_alone(small: Small) -> None:
    world = small(cases=[case(1)])
    moved(world, of(world))
    same = "2021-08-27T10:49:56+00:00"
    later(world, post(10, contents="Other words"), updated_at=same)
    change = of(world)
    assert (change.action, change.articles_changed) == (Action.SKIP, 1)
    assert change.reason == "articles cannot be changed"
    later(world, post(10, contents="Other words"))
    change = of(world)
    assert (change.action, change.articles_changed) == (Action.UPDATE, 1)


def test_a_value_that_is_gone_at_the_source_is_emptied(small: Small) -> None:
    kind = {"id": 1, "label": "Question", "type": "QUESTION", "resource_type": "case_type"}
    world = small(cases=[case(1, type=kind)])
    moved(world, of(world))
    later(world, post(10), type=None)
    change = of(world)
    assert {d.field for d in change.differences} >= {"updated_at"}
    for difference in change.differences:
        assert change.fields[difference.field] == difference.after


def test_a_field_that_was_changed_in_zammad_too_stays(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(cases=[case(1)]), zammad_desk)
    ticket_id = zammad_desk.ticket("1", title="Theirs", group="Users")
    moved(world, of(world), ticket_id)
    later(world, post(10), subject="New subject")
    change = of(world)
    assert change.reason == "conflict"
    assert [d.field for d in change.conflicts] == ["title"]
    assert (change.action, change.fields) == (Action.UPDATE, {})


@pytest.mark.parametrize("title", ["Case 1", "CASE 1", "New subject"])
def test_a_field_that_is_as_we_left_it_or_as_we_want_it_is_no_conflict(
    small: Small, zammad_desk: Desk, title: str
) -> None:
    world = looked(small(cases=[case(1)]), zammad_desk)
    ticket_id = zammad_desk.ticket("1", title=title)
    zammad_desk.fake.tables.tickets[ticket_id]["updated_at"] = "2023-01-01T00:00:00.000Z"
    moved(world, of(world), ticket_id)
    later(world, post(10), subject="New subject")
    change = of(world)
    assert change.conflicts == ()
    assert change.fields["updated_at"] < "2023", "without a conflict Kayako's moment is written"
    assert change.fields["title"] == "New subject"


def test_references_are_compared_by_the_ids_they_stand_for(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(cases=[case(1)]), zammad_desk)
    ours, theirs = zammad_desk.group("General"), zammad_desk.group("Theirs")
    before = zammad_desk.group("Kayako unassigned")
    access = {str(number): ["full"] for number in (1, ours, theirs, before)}
    zammad_desk.fake.tables.users[3]["group_ids"] = access
    world.ledger.table("groups").put({"source_id": "1", "target_id": ours, "status": "done"})
    world.directories["groups"].add({"id": before, "name": "Kayako unassigned"})
    ticket_id = zammad_desk.ticket("1")
    moved(world, of(world), ticket_id)
    general = {"id": 1, "title": "General", "resource_type": "team"}
    later(world, post(10), assigned_team=general)
    zammad_desk.fake.tables.tickets[ticket_id]["group_id"] = ours
    assert str(of(world).fields["group"]) == "groups/1"
    zammad_desk.fake.tables.tickets[ticket_id]["group_id"] = before
    assert of(world).conflicts == ()
    zammad_desk.fake.tables.tickets[ticket_id]["group_id"] = theirs
    assert [d.field for d in of(world).conflicts] == ["group"]


@pytest.mark.parametrize("text", ["", "users", "users7", "=x", "/7", "a b/7"])
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text or "^$"):
        reference_of(text)


def answer(number: int, moment: str = "2021-08-28T00:00:00+00:00") -> dict[str, Any]:
    creator = {"id": 2, "resource_type": "user"}
    return post(number, is_requester=False, creator=creator, created_at=moment)


def test_when_an_agent_answered_first_is_known_with_the_messages(small: Small) -> None:
    world = small(cases=[case(1)], threads={1: [post(11), answer(12)]})
    change = of(world)
    assert change.payload["first_response_at"] == "2021-08-28T00:00:00Z"
    moved(world, change)
    later(world, post(11))
    assert of(world).fields["first_response_at"] is None


def test_while_messages_are_not_read_nothing_that_they_tell_is_emptied(
    small: Small, tmp_path: Path
) -> None:
    world = small(cases=[case(1)], threads={1: [post(11), answer(12)]})
    moved(world, of(world))
    world.snapshot = Snapshot.open(tmp_path / "anew", kayako_url=f"https://{HOST}")
    fill(world.snapshot, "users", [user(), agent()])
    fill(world.snapshot, "cases", [case(1)])
    change = of(world)
    world.snapshot.close()
    assert change.bodies_unread
    assert (change.action, change.fields) == (Action.UNCHANGED, {})


def test_times_of_a_state_stay_where_the_state_stays(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(cases=[case(1)]), zammad_desk)
    moved(world, of(world), zammad_desk.ticket("1", state="closed"))
    pending = {"id": 3, "label": "Pending", "type": "PENDING", "resource_type": "case_status"}
    later(world, post(10), status=pending)
    change = of(world)
    assert {d.field for d in change.conflicts} == {"state", "pending_time"}
    assert change.fields == {}


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        ("2021-09-02T08:00:00+00:00", "2023-01-01T00:00:00.000Z"),
        ("2023-06-01T00:00:00+00:00", "2023-06-01T00:00:00Z"),
    ],
)
def test_a_ticket_in_conflict_is_never_older_than_what_its_agent_did(
    small: Small, zammad_desk: Desk, moment: str, written: str
) -> None:
    world = looked(small(cases=[case(1)]), zammad_desk)
    ticket_id = zammad_desk.ticket("1", title="Theirs")
    zammad_desk.fake.tables.tickets[ticket_id]["updated_at"] = "2023-01-01T00:00:00.000Z"
    moved(world, of(world), ticket_id)
    later(world, post(10), post(11), subject="New subject", updated_at=moment)
    change = of(world)
    assert [child.source_id for child in change.children] == ["11"]
    assert change.fields == {"updated_at": written}


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (404, "its ticket is not in Zammad any more"),
        (403, "give them full access"),
        (422, "could not be compared with Zammad"),
    ],
)
def test_a_ticket_that_cannot_be_read_fails_alone_and_says_why(
    small: Small, monkeypatch: pytest.MonkeyPatch, status: int, words: str
) -> None:
    world = small(cases=[case(1), case(2)])
    of_case = tickets.of_case

    def refused(world: World, record: dict[str, Any], **options: Any) -> Change:
        if record["id"] == 1:
            raise Refused("no", status=status)
        return of_case(world, record, **options)

    monkeypatch.setattr(tickets, "of_case", refused)
    found = [c for c in tickets.changes(world, [1, 2]) if c.entity == "tickets"]
    first, second = found
    assert (first.action, second.action) == (Action.FAIL, Action.CREATE)
    assert words in first.reason
