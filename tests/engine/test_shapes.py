"""Macros, text modules and calendars on their way to Zammad, and back out of it."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from runner.engine import apply, plan, target, verify, walk
from runner.engine.apply import Run
from runner.engine.change import Change
from runner.engine.verified import Kind, Verified
from runner.engine.verify import Reach
from runner.engine.world import World
from runner.mapping.compiling import compile_entity
from runner.mapping.model import Entry, Mappings
from runner.snapshot.writing import Writer
from tests.engine.support import GO_LIVE, HOST, Small, agent, fill, run_of, user
from tests.engine.test_reset import undone
from tests.snapshot.support import reference
from tests.zammad.support import Desk, Port, desk

MOMENT = "2021-08-01T08:00:00+00:00"
ENTITIES = ("groups", "organizations", "users", "calendars", "macros", "text_modules")
CLOSED = {"id": 5, "label": "Closed", "type": "CLOSED", "resource_type": "case_status"}
FEW = ("admin.group", "admin.user", "admin.organization", "admin.object", "ticket.agent")


def macro(number: int, title: str, **changes: Any) -> dict[str, Any]:
    times = {"created_at": MOMENT, "updated_at": MOMENT}
    visibility = {"type": "ALL", "team": None}
    common = {"resource_type": "macro", "agent": reference("user", 2), "visibility": visibility}
    return {"id": number, "title": title, **common, **times, **changes}


def hours(number: int, title: str, **changes: Any) -> dict[str, Any]:
    times = {"created_at": MOMENT, "updated_at": MOMENT}
    zones = {"monday": [9, 10]}
    common = {"resource_type": "business_hour", "is_default": False, "holidays": []}
    return {"id": number, "title": title, "zones": zones, **common, **times, **changes}


def filled(small: Small, *, macros: list[dict[str, Any]], **more: Any) -> World:
    world = small(users=[user(), agent()], **more)
    fill(world.snapshot, "macros", macros)
    fill(world.snapshot, "business_hours", [hours(1, "Office", is_default=True)])
    Writer(world.snapshot).listed("case_status", [CLOSED])
    return world


def fresh(world: World) -> World:
    """Return the world of the next run: what is in Zammad is looked at again."""
    return World(world.mappings, world.snapshot, world.ledger, HOST, GO_LIVE)


def everything(world: World, at: Desk) -> Run:
    world = fresh(world)
    target.look(world, at.zammad)
    run, _ = run_of(world)
    for entity in ENTITIES:
        apply.listed(run, entity, walk.listed(run.world, entity))
    return run


def verified(world: World, at: Desk) -> Verified:
    world = fresh(world)
    target.look(world, at.zammad)
    stop = threading.Event()
    return verify.verify(world, at.zammad, Reach(), progress=lambda *_: None, stop=stop)


def rows(at: Desk, path: str) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in at.zammad.get(path)}


@pytest.fixture
def whole(small: Small, zammad_desk: Desk) -> tuple[World, Desk]:
    """Everything applied: a macro with actions, a text, both in one, and hours."""
    to_team = {"type": "TEAM", "team": reference("team", 1), "agent": None}
    mine = {"type": "AGENT", "team": None, "agent": reference("user", 2)}
    world = filled(
        small,
        macros=[
            macro(1, "Close", status=reference("case_status", 5), assignee=mine),
            macro(2, "Hello", reply_type="REPLY", reply_contents="<p>{{case.subject}}</p>"),
            macro(3, "Both", reply_contents="Bye", assignee=to_team, visibility=to_team),
        ],
    )
    everything(world, zammad_desk)
    return world, zammad_desk


def test_actions_hold_ids_as_text_and_teams_are_lists_of_ids(whole: tuple[World, Desk]) -> None:
    world, at = whole
    macros, groups = rows(at, "/macros"), rows(at, "/groups")
    owner = world.ledger.table("users").get("2") or {}
    assert macros["Close"]["perform"] == {
        "ticket.state_id": {"value": "4"},
        "ticket.owner_id": {"pre_condition": "specific", "value": str(owner["target_id"])},
    }
    group = groups["General"]["id"]
    assert macros["Both"]["perform"] == {"ticket.group_id": {"value": str(group)}}
    assert macros["Both"]["group_ids"] == [group]
    assert macros["Both"]["created_at"].startswith("2021-08-01T08:00:00")
    texts = rows(at, "/text_modules")
    assert set(texts) == {"Hello", "Both"}
    assert texts["Hello"]["content"] == "<p>#{ticket.title}</p>"
    office = rows(at, "/calendars")["Office"]
    assert office["business_hours"]["mon"]["timeframes"] == [["09:00", "11:00"]]
    assert office["default"] is True


def test_a_second_run_writes_nothing_and_verify_agrees(whole: tuple[World, Desk]) -> None:
    world, at = whole
    before = at.writes()
    run = everything(world, at)
    assert at.writes() == before
    assert not run.target.is_open
    result = verified(world, at)
    assert [d for d in result.deviations if d.entity != "tickets"] == []


def test_verify_names_what_somebody_changed(whole: tuple[World, Desk]) -> None:
    world, at = whole
    macros, office = rows(at, "/macros"), rows(at, "/calendars")["Office"]
    other = {"perform": {"ticket.state_id": {"value": "2"}}}
    at.zammad.update(f"/macros/{macros['Close']['id']}", other)
    at.zammad.update(f"/macros/{macros['Both']['id']}", {"group_ids": []})
    week = {**office["business_hours"], "tue": office["business_hours"]["mon"]}
    at.zammad.update(f"/calendars/{office['id']}", {"business_hours": week})
    at.zammad.delete(f"/text_modules/{rows(at, '/text_modules')['Both']['id']}")
    found = [d for d in verified(world, at).deviations if d.entity not in {"tickets", "users"}]
    assert {(d.entity, d.source_id, d.field, d.kind) for d in found if d.source_id} == {
        ("macros", "1", "perform", Kind.CHANGED),
        ("macros", "3", "group_ids", Kind.CHANGED),
        ("calendars", "1", "business_hours", Kind.CHANGED),
        ("text_modules", "3", "record", Kind.MISSING),
    }


def test_what_changed_at_the_source_is_written_unless_both_sides_did(
    whole: tuple[World, Desk],
) -> None:
    world, at = whole
    changed = macro(1, "Close", status=reference("case_status", 5), add_tags=["x"])
    fill(world.snapshot, "macros", [changed, macro(3, "Both", add_tags=["y"])])
    other = {"ticket.state_id": {"value": "2"}}
    number = rows(at, "/macros")["Both"]["id"]
    at.zammad.update(f"/macros/{number}", {"perform": other})
    again = fresh(world)
    target.look(again, at.zammad)
    changes = {c.source_id: c for c in walk.listed(again, "macros")}
    assert [d.field for d in changes["1"].differences] == ["perform"]
    assert [d.field for d in changes["3"].conflicts] == ["perform"]
    everything(world, at)
    macros = rows(at, "/macros")
    assert macros["Close"]["perform"]["ticket.tags"] == {"operator": "add", "value": "x"}
    assert macros["Both"]["perform"] == other


def test_reset_takes_all_of_it_away(whole: tuple[World, Desk]) -> None:
    world, at = whole
    removed = undone(world, at).removed
    assert (removed["macros"], removed["text_modules"], removed["calendars"]) == (2, 2, 1)
    assert set(rows(at, "/macros")) == {"Close & Tag as Spam"}
    assert not rows(at, "/text_modules")


def test_a_name_that_is_taken_is_adopted_and_its_actions_stay(
    small: Small, zammad_desk: Desk
) -> None:
    world = filled(
        small,
        macros=[macro(1, "close & tag as spam", add_tags=["x"]), macro(2, "", add_tags=["y"])],
    )
    everything(world, zammad_desk)
    known = world.ledger.table("macros").get("1") or {}
    assert (known["target_id"], known["adopted"]) == (1, True)
    assert known["notes"][-1] == ["kept", "perform", "stays as it was there before"]
    spam = rows(zammad_desk, "/macros")["Close & Tag as Spam"]
    assert spam["perform"]["ticket.tags"]["value"] == "spam"
    assert "Macro without a name" in rows(zammad_desk, "/macros")


def test_a_state_that_a_vocabulary_creates_is_there_before_its_macro(
    small: Small, zammad_desk: Desk
) -> None:
    world = filled(small, macros=[macro(1, "Escalate", status=reference("case_status", 9))])
    own = {"id": 9, "label": "Escalated", "type": "CUSTOM", "resource_type": "case_status"}
    Writer(world.snapshot).listed("case_status", [CLOSED, own])
    world.mappings = with_new_state(world, "Escalated", like="open")
    everything(world, zammad_desk)
    state = rows(zammad_desk, "/ticket_states")["Escalated"]["id"]
    perform = rows(zammad_desk, "/macros")["Escalate"]["perform"]
    assert perform == {"ticket.state_id": {"value": str(state)}}


def test_unknown_states_fail_before_anything_is_sent(small: Small, zammad_desk: Desk) -> None:
    world = filled(small, macros=[macro(1, "Close", status=reference("case_status", 5))])
    zammad_desk.fake.tables.ticket_states[4]["name"] = "done"
    target.look(world, zammad_desk.zammad)
    (change,) = list(walk.listed(world, "macros"))
    assert change.reason.startswith("states: Zammad has no closed; it has done, ")


def test_kinds_that_the_token_may_not_write_are_left_out_and_the_run_goes_on(
    small: Small, zammad_port: Port
) -> None:
    with desk(zammad_port, token_permissions=FEW) as at:
        world = filled(small, macros=[macro(1, "Close", add_tags=["x"], reply_contents="Bye")])
        target.look(world, at.zammad)
        made = plan.make(world, changes=walk.everything(world, ENTITIES, list))
        assert made.skipped["calendars", "the token lacks the permission admin.calendar"] == 1
        run = everything(world, at)
        assert run.counts.failed() == 0
        assert run.counts.done["users"]["created"] == 2
        for entity in ("calendars", "macros", "text_modules"):
            assert run.counts.done[entity]["skipped"] == 1
        document = world.ledger.table("macros").get("1") or {}
        assert document["status"] == "skipped"
        assert document["notes"][0][2] == "the token lacks the permission admin.macro"
        found = {d.entity for d in verified(world, at).deviations}
        assert not found & {"calendars", "macros", "text_modules"}


def test_the_changes_of_one_macro_know_what_they_refer_to(small: Small) -> None:
    world = filled(small, macros=[macro(1, "Close", status=reference("case_status", 5))])
    (change,) = list(walk.listed(world, "macros"))
    assert isinstance(change, Change)
    assert [str(found) for found in change.references()] == ["states=closed"]


def with_new_state(world: World, label: str, *, like: str) -> Mappings:
    """Return the world's mappings with one more label in the vocabulary of states."""
    states = world.mappings.vocabularies["states"]
    entry = Entry(label, new=label, like=like)
    states = replace(states, custom={**states.custom, label: entry})
    vocabularies = {**world.mappings.vocabularies, "states": states}
    program = compile_entity(world.mappings.entities["macros"], vocabularies)
    programs = {**world.mappings.programs, "macros": program}
    return replace(world.mappings, vocabularies=vocabularies, programs=programs)
