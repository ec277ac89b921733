from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

from runner.engine import avatars, plan, results, ticket_links, walk
from runner.engine.change import Action, Change, Child, Difference, TimeEntry
from runner.engine.drift import Drift
from runner.engine.plan import Plan, make
from runner.engine.reset_time import ResetTime
from runner.engine.walk import listed
from runner.engine.world import World
from runner.mapping.model import DroppedLabel, Note, Reference
from runner.snapshot import census
from runner.snapshot.beside import AVATARS
from runner.snapshot.writing import Writer
from tests.engine.support import Small, agent, case, fill, looked, organization, post, team, user
from tests.engine.test_custom_fields import world_with_fields
from tests.zammad.support import Desk

CUSTOM = {"id": 9, "label": "Vendor", "type": "CUSTOM", "resource_type": "case_status"}


def planned(world: World, *entities: str, show: int = 0) -> Plan:
    wanted = entities or ("groups", "organizations", "users", "tickets")
    changes = walk.everything(world, wanted, world.snapshot.case_ids)
    return make(world, wanted, changes=changes, show=show)


def test_everything_is_counted_and_nothing_written(small: Small) -> None:
    world = small(
        cases=[case(1, status=CUSTOM), case(2, state="TRASH"), case(3, requester=user(99))],
        threads={1: [post(10), post(11)]},
    )
    made = planned(world)
    told = made.as_json()
    assert told["target"] is None
    assert told["go_live"] == "2026-12-05"
    assert {entity: words["create"] for entity, words in told["actions"].items()} == {
        "groups": 2,
        "organizations": 1,
        "users": 3,
        "tickets": 2,
    }
    assert told["articles"]["create"] == 3
    assert told["placeholders"] == 1
    assert told["skipped"] == [{"entity": "tickets", "reason": "deleted in Kayako", "records": 1}]
    (drop,) = told["dropped"]
    assert (drop["label"], drop["becomes"], drop["tickets"]) == ("Vendor", "open", 1)
    assert made.has_changes
    assert json.loads(json.dumps(told)) == told
    assert all(len(world.ledger.table(entity)) == 0 for entity in told["actions"])


def test_a_plan_of_what_is_done_has_no_changes(small: Small) -> None:
    world = small()
    for change in list(listed(world, "users")):
        world.ledger.table("users").put(results.done(change, 40))
    made = planned(world, "users")
    assert made.actions["users"] == {Action.UNCHANGED: 2}
    assert not made.has_changes


def test_a_failure_is_a_change_that_is_listed() -> None:
    made = Plan(None, "2026-12-05", actions={})
    plan._take(made, Change("users", "7", Action.FAIL, "login: no", label="customer-7"), 0)
    assert made.has_changes
    assert made.failures == [
        {"entity": "users", "source_id": "7", "label": "customer-7", "reason": "login: no"}
    ]


def test_conflicts_and_adoptions_are_listed_with_what_they_are_about(small: Small) -> None:
    world = small()
    world.directories["users"].add({"id": 9, "login": "customer-7@example.org"})
    made = planned(world, "users")
    (adopted,) = made.adopted
    assert adopted["source_id"] == "7"
    assert "email" in adopted["fields"]
    conflict = Change(
        "tickets", "1", Action.UPDATE, conflicts=(Difference("title", "Ours", "Kayako's"),)
    )
    plan._take(made, conflict, 0)
    assert made.conflicts == [
        {
            "entity": "tickets",
            "source_id": "1",
            "label": "",
            "field": "title",
            "written": "Ours",
            "wanted": "Kayako's",
        }
    ]


def test_lists_stay_short_while_counts_go_on() -> None:
    made = Plan(None, "2026-12-05")
    for number in range(1010):
        plan._take(made, Change("users", str(number), Action.FAIL, "no"), 0)
    assert len(made.failures) == 1000
    assert made.actions["users"][Action.FAIL] == 1010


def test_samples_show_fields_and_what_is_not_known_yet(small: Small) -> None:
    world = small(users=[user(7), user(8), agent(2)])
    made = planned(world, "users", show=2)
    (title,) = made.samples
    assert title == "users create"
    assert [sample["source_id"] for sample in made.samples[title]] == ["2", "7"]
    assert made.samples[title][0]["target_id"] == "(known after apply)"
    fields = {d["field"]: d["after"] for d in made.samples[title][0]["differences"]}
    assert fields["login"] == "agent-2@acme.example"
    assert planned(world, "users").samples == {}


def test_a_sample_of_an_update_shows_only_what_changes() -> None:
    made = Plan(None, "2026-12-05")
    change = Change(
        "users",
        "7",
        Action.UPDATE,
        target_id=40,
        payload={"login": "x", "note": "new"},
        differences=(Difference("note", "old", "new"),),
    )
    plan._take(made, change, 1)
    (sample,) = made.samples["users update"]
    assert sample["target_id"] == 40
    assert sample["differences"] == [{"field": "note", "before": "old", "after": "new"}]


def test_unread_bodies_and_gone_records_are_told(small: Small) -> None:
    world = small()
    fill(world.snapshot, "cases", [case(1), case(2)])
    Writer(world.snapshot).mark_gone("cases", 2)
    Writer(world.snapshot).mark_gone("users", 7)
    made = planned(world)
    assert made.bodies_unread == 1
    assert made.gone == {"users": [7], "tickets": [2]}


def test_somebody_may_watch(small: Small) -> None:
    world = small(cases=[case(1)])
    seen: list[str] = []
    wanted = ("groups", "tickets")
    make(
        world,
        wanted,
        changes=walk.everything(world, wanted, world.snapshot.case_ids),
        seen=lambda change: seen.append(change.entity),
    )
    assert seen == ["groups", "groups", "tickets"]


def test_time_entries_are_counted_those_without_a_conversation_too(small: Small) -> None:
    world = small(cases=[case(1)])
    rows = [(1, 1, "WORKED"), (2, 1, "VIEWED"), (3, 99, "WORKED")]
    entries = [
        {"id": number, "case": {"id": of}, "log_type": kind, "time_spent": 60}
        for number, of, kind in rows
    ]
    fill(world.snapshot, "timetracking", entries)
    told = planned(world).as_json()
    assert told["time_entries"] == {"create": 1, "skip": 1, "dangling": 1}
    reasons = {row["reason"] for row in told["skipped"] if row["entity"] == "time entries"}
    assert reasons == {"somebody looked at the conversation, which is no work"}
    assert planned(world, "users").as_json()["time_entries"] == {"skip": 0, "dangling": 0}


WHOLE = Change(
    "tickets",
    "1",
    Action.UPDATE,
    children=(Child("10", "digest", {"message_id": "<10@example.org>"}),),
    articles_skipped=(("11", "empty"),),
    articles_changed=2,
    ids_kept=3,
    mails_unread=4,
    bodies_unread=True,
    times=(TimeEntry("5", "digest", {}),),
    times_skipped=(("6", "no work"),),
    dropped=(DroppedLabel("states", "Vendor", "open", "tag"),),
    notes=(Note("cut", "title", "to 250"), Note("cut", "title", "once more")),
)


def test_every_figure_is_the_sum_over_all_records() -> None:
    made = Plan(None, "2026-12-05")
    for number in range(1, 6):
        plan._take(made, replace(WHOLE, source_id=str(number)), 0)
    for number in range(2):
        trashed = Change("tickets", str(number), Action.SKIP, "in the trash", mails_unread=None)
        plan._take(made, trashed, 0)
    told = made.as_json()
    assert told["articles"] == {
        "create": 5,
        "skip": 5,
        "changed at the source": 10,
        "keep the message id they have": 15,
    }
    assert told["time_entries"] == {"create": 5, "skip": 5, "dangling": 0}
    assert {(row["entity"], row["reason"]): row["records"] for row in told["skipped"]} == {
        ("articles", "empty"): 5,
        ("time entries", "no work"): 5,
        ("tickets", "in the trash"): 2,
    }
    (dropped,) = told["dropped"]
    assert (dropped["vocabulary"], dropped["remember_as"], dropped["tickets"]) == (
        "states",
        "tag",
        5,
    )
    (note,) = told["notes"]
    assert note == {
        "entity": "tickets",
        "kind": "cut",
        "field": "title",
        "records": 5,
        "examples": ["1", "2", "3"],
    }
    assert (told["bodies_unread"], told["mails_unread"], told["mails_uncounted"]) == (5, 20, 2)


def test_of_the_last_change_as_many_conflicts_are_listed_as_there_is_room_for() -> None:
    made = Plan(None, "2026-12-05")
    both = tuple(Difference(name, "before", "after") for name in ("title", "group"))
    for number in range(300):
        conflicts = (*both, Difference("state", "open", "closed"))
        plan._take(made, Change("tickets", str(number), Action.UPDATE, conflicts=conflicts), 0)
    plan._take(made, Change("tickets", "300", Action.UPDATE, conflicts=both), 0)
    assert len(made.conflicts) == 902
    for number in range(301, 350):
        plan._take(made, Change("tickets", str(number), Action.UPDATE, conflicts=(*both, *both)), 0)
    assert len(made.conflicts) == 1000


def test_a_plan_says_what_was_not_read_and_holds_what_kayako_holds(
    small: Small, zammad_desk: Desk
) -> None:
    member = user(7, organization=organization())
    world = looked(small(users=[member, agent()], cases=[case(1)]), zammad_desk)
    writer = Writer(world.snapshot)
    writer.thread(1, writer.header(1), [post(10)], [], missing=2)
    world.snapshot.set_meta("unavailable", {"timetracking": "Kayako answered 403"})
    found = census.take(world.snapshot)
    changes = walk.everything(world, ("tickets",), world.snapshot.case_ids)
    told = make(world, ("tickets",), changes=changes, census=found).as_json()
    assert told["target"] == zammad_desk.zammad.url
    assert told["posts_short"] == {1: 2}
    assert told["unavailable"] == {"timetracking": "Kayako answered 403"}
    assert told["memberships_unasked"] == 1
    assert told["kayako"] == found.as_json()
    assert told["kayako"]["conversations"] == 1
    assert told["importer_loses"]
    assert told["samples"] == {}


def test_samples_come_with_the_names_of_what_they_refer_to(small: Small) -> None:
    world = small(cases=[case(1, assigned_team=team())])
    assert planned(world, "tickets", show=1).names == {
        "groups/1": "General",
        "users/7": "customer-7@example.org",
    }


def test_pictures_and_links_stand_in_tables_of_their_own_and_are_written(small: Small) -> None:
    world = small()
    world.avatars = True
    made = Plan(None, "2026-12-05")
    for number in (2, 7):
        world.snapshot.beside.keep(AVATARS, number, {"sha256": "0" * 64})
        plan._take_beside(world, made, Change("users", str(number), Action.CREATE))
    merged: dict[str, Any] = {"payload": {"parent": Reference("tickets", "3")}}
    for number in (4, 5):
        plan._take_beside(world, made, Change("tickets", str(number), Action.CREATE, **merged))
    for entity in ("groups", "organizations", "macros"):
        plan._take_beside(world, made, Change(entity, "7", Action.CREATE, **merged))
    assert made.actions == {
        avatars.TABLE: {Action.CREATE: 2},
        ticket_links.TABLE: {Action.CREATE: 2},
    }
    assert +made.needs.writing == Counter({"tickets": 2, "links": 2, "ticket updates": 4})
    assert made.needs.one_writer == {"users": 4, "groups": 1, "organizations": 1, "macros": 1}


def test_links_that_are_there_need_nothing_and_dates_of_the_console_no_request(
    small: Small,
) -> None:
    world = small()
    world.dates_by_console = True
    change = Change("tickets", "4", Action.UPDATE, payload={"parent": Reference("tickets", "3")})
    for number in (3, 4):
        document = {"source_id": str(number), "target_id": number + 40, "status": "done"}
        world.ledger.table("tickets").put(document)
    made = Plan(None, "2026-12-05")
    plan._take_beside(world, made, change)
    assert +made.needs.writing == Counter({"links": 1})
    dated = Change("tickets", "5", Action.CREATE, payload={"updated_at": "2026-12-05"})
    plan._take_beside(world, made, dated)
    assert +made.needs.writing == Counter({"tickets": 1, "links": 1})
    linked = {"source_id": "4", "status": "done", "applied": {"child": 44, "parent": 43}}
    world.ledger.table(ticket_links.TABLE).put(linked)
    plan._take_beside(world, made, change)
    assert made.actions[ticket_links.TABLE] == {Action.CREATE: 1, Action.UNCHANGED: 1}
    assert made.needs.writing["links"] == 1


def test_mailboxes_are_listed_with_what_came_in_unless_nobody_counted(small: Small) -> None:
    channel = {"id": 3, "uuid": "u", "type": "MAIL", "resource_type": "channel"}
    mailbox = {"id": 4, "address": "help@acme.example", "resource_type": "mailbox"}
    world = small(
        cases=[
            case(1, source_channel={**channel, "account": mailbox}),
            case(2, state="TRASH", source_channel={**channel, "account": mailbox}),
        ]
    )
    Writer(world.snapshot).listed("mailbox", [mailbox])
    listed = {one.address: one.routes for one in planned(world, "tickets").inventory.mailboxes}
    assert listed["help@acme.example"] == (("", "Kayako unassigned", "", 1),)
    assert planned(world, "users").inventory.mailboxes == []


def test_what_is_known_beside_the_changes_is_told_to_machines_too(small: Small) -> None:
    told = planned(world_with_fields(small)).as_json()
    assert set(told["attributes"]["create"]) == {
        "Organization.kayako_seats",
        "Ticket.kayako_insured",
        "Ticket.kayako_product",
    }
    assert (told["reset"], told["drift"]) == (None, None)
    reset, drift = ResetTime(3, 4, 5.0, measured=True), Drift()
    told = Plan(None, "2026-12-05", reset=reset, drift=drift).as_json()
    assert (told["reset"], told["drift"]) == (reset.as_json(), drift.as_json())


def test_a_plan_of_single_records_says_for_which_zammad_and_day_it_is(
    small: Small, zammad_desk: Desk
) -> None:
    world = small()
    made = plan.of_records(world, [("users", "7")])
    assert (made.target, made.go_live) == (None, "2026-12-05")
    looked(world, zammad_desk)
    assert plan.of_records(world, [("users", "7")]).target == zammad_desk.zammad.url
