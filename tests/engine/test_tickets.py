from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runner.engine import conversations, results, threads, tickets
from runner.engine.change import Action, Change, reference_of
from runner.engine.world import World
from runner.errors import MigrateError, Refused
from runner.mapping.model import Outcome, Reference
from runner.snapshot import Snapshot
from runner.snapshot.beside import PARTICIPANTS
from runner.snapshot.writing import Writer
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
    reference,
    team,
    user,
)
from tests.engine.test_custom_fields import world_with_fields
from tests.zammad.support import Desk

HEAD = "kayako_to_zammad:\n"


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
    world = small(mappings=mappings, cases=[case(1, status=status)])
    change = of(world)
    assert change.children[-1].source_id == tickets.REMEMBERED
    remembered = change.children[-1].payload
    assert remembered["message_id"] == f"<kayako-case-1-{tickets.REMEMBERED}@{HOST}>"
    assert remembered["created_at"] == record(world, "cases", 1)["created_at"]
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
    assert change.reason == "an interrupted run may have sent it"
    assert [child.source_id for child in change.children] == ["10"]


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


def test_a_case_of_no_known_shape_fails_and_the_next_one_goes_on(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = conversations.outcome

    def strange(world: World, record: dict[str, Any]) -> Outcome:
        if record["id"] == 1:
            raise KeyError("status")
        return outcome(world, record)

    world = small(cases=[case(1), case(2)])
    monkeypatch.setattr(conversations, "outcome", strange)
    first, second = (c for c in tickets.changes(world, [1, 2]) if c.entity == "tickets")
    assert (first.source_id, first.action, first.label) == ("1", Action.FAIL, "Case 1")
    assert first.reason.startswith("it is of a shape that was not expected (KeyError in ")
    assert (second.source_id, second.action) == ("2", Action.CREATE)


def test_what_was_cut_off_and_is_gone_from_kayako_is_still_to_be_finished(small: Small) -> None:
    world = small(cases=[case(number) for number in range(1, 6)])
    for number, status in enumerate(["intended", "partial", "done", "failed", "partial"], 1):
        document = {"source_id": str(number), "target_id": 40 + number, "status": status}
        world.ledger.table("tickets").put(document)
    assert tickets.unfinished(world) == []
    for number in range(1, 5):
        Writer(world.snapshot).mark_gone("cases", number)
    assert tickets.unfinished(world) == [1, 2]


def worked(number: int, seconds: int, **changes: Any) -> dict[str, Any]:
    moment = "2021-08-28T10:00:00+00:00"
    who = {"agent": {"id": 2, "resource_type": "user"}, "case": {"id": 1, "resource_type": "case"}}
    times = {"created_at": moment, "updated_at": moment}
    return {"id": number, "log_type": "WORKED", "time_spent": seconds, **who, **times, **changes}


def test_time_alone_makes_an_update_that_sets_the_date_again(small: Small) -> None:
    world = small(cases=[case(1)])
    moved(world, of(world))
    fill(world.snapshot, "timetracking", [worked(1, 60)])
    change = of(world)
    assert (change.action, change.children, change.reason) == (Action.UPDATE, (), "")
    assert [entry.is_due for entry in change.times] == [True]
    assert change.fields == {"updated_at": change.payload["updated_at"]}


THEN = "2021-08-27T10:49:56+00:00"


def test_a_post_that_kayako_dates_back_sets_the_date_again_all_the_same(small: Small) -> None:
    world = small(cases=[case(1)])
    moved(world, of(world))
    later(world, post(10), post(11), updated_at=THEN)
    change = of(world)
    assert (change.action, change.reason, change.target_id) == (Action.UPDATE, "", 40)
    assert [child.source_id for child in change.children] == ["11"]
    assert change.differences == ()
    assert change.fields == {"updated_at": change.payload["updated_at"]}


def test_where_no_date_is_mapped_a_post_alone_makes_an_update_without_fields(
    small: Small, edited: Edit
) -> None:
    mappings = edited("tickets.yaml", "  updated_at:\n    from: updated_at\n", "")
    world = small(mappings=mappings, cases=[case(1)])
    moved(world, of(world))
    later(world, post(10), post(11))
    change = of(world)
    assert (change.action, change.fields) == (Action.UPDATE, {})
    assert [child.source_id for child in change.children] == ["11"]


def test_a_conflict_alone_is_written_down(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(cases=[case(1)]), zammad_desk)
    moved(world, of(world), zammad_desk.ticket("1", title="Theirs", group="Users"))
    later(world, post(10), subject="New subject", updated_at=THEN)
    change = of(world)
    assert (change.action, change.reason, change.fields) == (Action.UPDATE, "conflict", {})


def test_time_that_zammad_cannot_change_is_left_out_with_the_reason(small: Small) -> None:
    world = small(cases=[case(1)])
    fill(world.snapshot, "timetracking", [worked(1, 60), worked(2, 120)])
    first = moved(world, of(world))
    entries = {entry.source_id: [None, entry.digest] for entry in first.times}
    world.ledger.table("tickets").patch("1", {}, {"time": entries})
    assert of(world).action is Action.UNCHANGED
    world.ledger.table("tickets").patch("1", {"fingerprint": "of another version"})
    assert (of(world).action, of(world).reason) == (Action.UNCHANGED, "")
    fill(world.snapshot, "timetracking", [worked(1, 90)])
    change = of(world)
    assert (change.action, change.reason) == (Action.SKIP, "time entries cannot be changed")
    assert [entry.action for entry in change.times] == [Action.SKIP, Action.UNCHANGED]


def test_time_that_comes_later_rides_in_an_article_of_its_ticket(small: Small) -> None:
    world = small(cases=[case(1)])
    world.time_is_listed = False
    moved(world, of(world))
    fill(world.snapshot, "timetracking", [worked(5, 60)])
    (child,) = of(world).children
    assert child.payload["time_unit"] == "1.00"
    assert "kayako-case-1-" in child.payload["message_id"]


def test_articles_that_keep_another_message_id_are_counted(small: Small) -> None:
    world = small(cases=[case(1)], threads={1: [post(10), post(11)]})
    moved(world, of(world))
    assert of(world).ids_kept == 0
    world.ledger.table("tickets").patch("1", {"originals": {"10": "<mail@example.org>"}})
    assert (of(world).action, of(world).ids_kept) == (Action.UNCHANGED, 1)


def test_a_successor_whom_nobody_knows_is_a_mistake_and_a_customer_is_none(
    small: Small, edited: Edit, zammad_desk: Desk
) -> None:
    gone = "  agent-2@acme.example: gone@acme.example\n"
    mappings = edited("vocabularies/people.yaml", HEAD, HEAD + gone)
    cases = [case(1, assigned_agent=agent()), case(2, assigned_agent=user())]
    world = small(mappings=mappings, cases=cases)
    unseen = of(world, 1)
    assert (unseen.action, unseen.payload["owner"]) == (Action.CREATE, tickets.NOBODY)
    looked(world, zammad_desk)
    change = of(world, 1)
    assert (change.action, change.reason) == (
        Action.FAIL,
        "owner: gone@acme.example (vocabularies/people.yaml) is nobody in Zammad",
    )
    customer = of(world, 2)
    assert (customer.action, customer.payload["owner"]) == (Action.CREATE, tickets.NOBODY)
    assert "users/7 is no agent: the ticket has no owner" in {note.text for note in customer.notes}


def test_where_no_owner_is_mapped_there_is_none_to_be_doubted(small: Small) -> None:
    payload: dict[str, Any] = {}
    assert tickets._keep_only_agents_as_owners(small(), payload, []) == []
    assert payload == {}


@pytest.mark.parametrize(
    ("field", "lists", "value"),
    [("state", "states", "new"), ("priority", "priorities", "2 normal"), ("type", "types", "Fax")],
)
def test_a_value_that_zammad_lacks_is_named_with_those_that_it_has(
    small: Small, field: str, lists: str, value: str
) -> None:
    world = small()
    assert tickets._unknown_values(world, {field: value}, Outcome(payload={})) == []
    if lists == "types":
        world.types = {"b", "a"}
    else:
        world.closed_lists[lists] = {"b": 1, "a": 2}
    assert tickets._unknown_values(world, {field: value}, Outcome(payload={})) == [
        f"{field}: Zammad has no {field} {value}; it has a, b"
    ]
    created = Outcome(payload={}, creates=((f"ticket_{field}", value, ""),))
    assert tickets._unknown_values(world, {field: value}, created) == []
    assert tickets._unknown_values(world, {field: "a"}, Outcome(payload={})) == []
    assert tickets._unknown_values(world, {field: None}, Outcome(payload={})) == []


def test_values_of_fields_that_a_team_invented_are_part_of_a_ticket(small: Small) -> None:
    assert of(world_with_fields(small)).payload["kayako_product"] == "1"


def test_of_what_nothing_more_than_its_id_is_known_everything_is_written(small: Small) -> None:
    world = small(cases=[case(1)])
    for children in ({}, {"children": {"time": {}}}):
        document = {"source_id": "1", "target_id": 40, "status": "done", **children}
        world.ledger.table("tickets").put(document)
        change = of(world)
        assert (change.action, change.target_id) == (Action.UPDATE, 40)
        assert [child.source_id for child in change.children] == ["10"]
        assert change.fields["title"] == "Case 1"
        assert "number" not in change.fields


def test_who_is_in_copy_is_added_and_nobody_is_taken_away(small: Small) -> None:
    world = small(cases=[case(1)], users=[user(), agent(2), agent(3)])

    def in_copy(*people: int) -> None:
        who = [reference("user", one) for one in people]
        Writer(world.snapshot).beside(PARTICIPANTS, 1, who)

    in_copy(2)
    assert moved(world, of(world)).payload["mentions"] == [Reference("users", "2")]
    in_copy(2, 3)
    assert [d.field for d in of(world).differences] == ["mentions"]
    in_copy()
    assert (of(world).action, of(world).differences) == (Action.UNCHANGED, ())


def test_a_change_is_called_as_its_ticket_will_be_or_as_its_case_is(small: Small) -> None:
    world = small(cases=[case(1, subject=""), case(2), case(3, subject="Old", state="TRASH")])
    labels = [of(world, number).label for number in (1, 2, 3)]
    assert labels == ["(no subject)", "Case 2", "Old"]


def test_a_case_that_is_left_out_waits_for_no_post(small: Small) -> None:
    world = small(cases=[case(1, state="TRASH")])
    asked: list[int] = []
    change = tickets.of_case(world, record(world, "cases", 1), bodies=asked.append)
    assert (change.action, asked) == (Action.SKIP, [])


def test_through_which_mailbox_a_case_came_and_to_which_team_is_kept(small: Small) -> None:
    mailbox = {"id": 4, "address": "help@acme.example", "resource_type": "mailbox"}
    channel = {"id": 3, "uuid": "u", "type": "MAIL", "resource_type": "channel"}
    mail = {**channel, "account": mailbox}
    world = small(cases=[case(1, source_channel=mail, assigned_team=team()), case(2)])
    assert of(world, 1).came_in == ("help@acme.example", "General")
    assert of(small(cases=[case(2, source_channel=None)]), 2).came_in is None


def test_a_ticket_that_is_asked_for_as_a_whole_comes_as_if_nothing_of_it_were_there(
    small: Small,
) -> None:
    world = small(cases=[case(1)], threads={1: [post(10), post(11)]})
    moved(world, of(world))
    change = tickets.of_case(world, record(world, "cases", 1), whole=True)
    assert (change.action, change.target_id, change.label) == (Action.CREATE, None, "Case 1")
    assert [child.source_id for child in change.children] == ["10", "11"]


def test_files_are_unread_where_posts_are_and_kayako_says_that_there_are_some(small: Small) -> None:
    world = small(cases=[case(1, has_attachments=True)])
    fill(world.snapshot, "cases", [case(2, has_attachments=True), case(3)])
    assert [of(world, number).files_unread for number in (1, 2, 3)] == [False, True, False]


def test_what_no_request_can_set_is_kept_for_the_console_and_sent_with_none(small: Small) -> None:
    change = of(small(cases=[case(1, creator=reference("user", 7))]))
    assert change.by_console["created_by"] == Reference("users", "7")
    assert not change.by_console.keys() & change.payload.keys()
