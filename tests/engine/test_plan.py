from __future__ import annotations

import json

from runner.engine import plan, results, walk
from runner.engine.change import Action, Change, Difference
from runner.engine.plan import Plan, make
from runner.engine.walk import listed
from runner.engine.world import World
from runner.snapshot.writing import Writer
from tests.engine.support import Small, agent, case, fill, post, user

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
