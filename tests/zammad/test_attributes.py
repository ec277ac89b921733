from __future__ import annotations

import time
from typing import Any

import pytest

from runner.errors import PreflightError
from runner.zammad import attributes, probes
from runner.zammad import settings as zammad_settings
from tests.zammad.support import Desk, Port, desk


def body(name: str = "kayako_a", data_type: str = "input", **option: Any) -> dict[str, Any]:
    options: dict[str, dict[str, Any]] = {
        "input": {"type": "text", "maxlength": 500},
        "select": {"default": "", "options": {"1": "A"}, "maxlength": 100},
        "tree_select": {"default": "", "options": [], "maxlength": 500},
        "integer": {"min": -5, "max": 5},
    }
    return {
        "object": "Ticket",
        "name": name,
        "display": "A",
        "data_type": data_type,
        "data_option": {"null": True, **options[data_type], **option},
        "active": True,
        "position": 1000,
        "screens": {},
    }


def create(desk: Desk, wanted: dict[str, Any]) -> None:
    attributes.send(desk.zammad, attributes.compare(wanted, None))
    attributes.migrate(desk.zammad, zammad_settings.read(desk.zammad), patience=0)


def test_what_is_missing_is_created_and_then_there(zammad_desk: Desk) -> None:
    wanted = body("kayako_a", "select")
    step = attributes.compare(wanted, attributes.read(zammad_desk.zammad).get("Ticket.kayako_a"))
    assert (step.action, step.key) == (attributes.CREATE, "Ticket.kayako_a")
    create(zammad_desk, wanted)
    there = attributes.read(zammad_desk.zammad)["Ticket.kayako_a"]
    assert not attributes.is_pending(there)
    assert attributes.compare(wanted, there).action == attributes.UNCHANGED


def test_choices_are_added_and_limits_widened_and_nothing_is_taken_away(zammad_desk: Desk) -> None:
    create(zammad_desk, body("kayako_a", "select", options={"1": "A", "own": "Theirs"}))
    create(zammad_desk, body("kayako_b", maxlength=900))
    there = attributes.read(zammad_desk.zammad)
    wanted = body("kayako_a", "select", options={"1": "Z", "2": "B"}, maxlength=200)
    step = attributes.compare(wanted, there["Ticket.kayako_a"])
    assert step.action == attributes.UPDATE
    assert step.body["data_option"]["options"] == {"1": "A", "own": "Theirs", "2": "B"}
    assert step.body["data_option"]["maxlength"] == 200
    assert attributes.compare(body("kayako_b"), there["Ticket.kayako_b"]).action == "unchanged"
    attributes.send(zammad_desk.zammad, step)
    assert attributes.is_pending(attributes.read(zammad_desk.zammad)["Ticket.kayako_a"])
    attributes.migrate(zammad_desk.zammad, {}, patience=0)
    again = attributes.compare(wanted, attributes.read(zammad_desk.zammad)["Ticket.kayako_a"])
    assert again.action == attributes.UNCHANGED


def leaf(value: str, *children: dict[str, Any]) -> dict[str, Any]:
    node: dict[str, Any] = {"name": value.rsplit("::", maxsplit=1)[-1], "value": value}
    return node | ({"children": list(children)} if children else {})


def test_trees_grow_where_a_branch_is_missing() -> None:
    has = {"options": [leaf("A", leaf("A::B")), leaf("C")], "min": 0, "max": 9}
    wanted = {"options": [leaf("A", leaf("A::D")), leaf("C", leaf("C::E")), leaf("F")]}
    found = attributes.widened(has, {**wanted, "min": -1, "max": 5})
    assert found["options"] == [
        leaf("A", leaf("A::B"), leaf("A::D")),
        leaf("C", leaf("C::E")),
        leaf("F"),
    ]
    assert (found["min"], found["max"]) == (-1, 9)


def test_a_list_that_somebody_sorted_by_hand_keeps_its_form() -> None:
    has = {"options": [{"name": "B", "value": "2"}]}
    found = attributes.widened(has, {"options": {"1": "A", "2": "B"}})
    assert found["options"] == [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}]


def test_another_type_under_the_same_name_stops_the_run(zammad_desk: Desk) -> None:
    create(zammad_desk, body("kayako_a"))
    there = attributes.read(zammad_desk.zammad)["Ticket.kayako_a"]
    with pytest.raises(PreflightError, match="of the type input; the custom field needs integer"):
        attributes.compare(body("kayako_a", "integer"), there)


def test_what_zammad_refuses_is_named(zammad_desk: Desk) -> None:
    step = attributes.compare(body("kayako_x_id"), None)
    with pytest.raises(PreflightError, match="refuses the attribute kayako_x_id of Ticket"):
        attributes.send(zammad_desk.zammad, step)


def test_a_creation_whose_answer_was_lost_is_found_again(zammad_desk: Desk) -> None:
    zammad_desk.fake.faults.fail("POST", "/object_manager_attributes", "reset_after")
    create(zammad_desk, body())
    assert zammad_desk.writes().count("POST /object_manager_attributes") == 1


def test_changes_of_others_that_wait_are_not_carried_out(zammad_desk: Desk) -> None:
    zammad_desk.zammad.create(attributes.PATH, body("theirs"))
    rows = attributes.read(zammad_desk.zammad).values()
    with pytest.raises(PreflightError, match=r"waiting in Zammad: Ticket\.theirs"):
        attributes.refuse_unfinished(rows, frozenset({"Ticket.kayako_a"}))
    attributes.refuse_unfinished(rows, frozenset({"Ticket.theirs"}))


def test_without_the_right_to_read_them_the_run_stops(zammad_desk: Desk) -> None:
    zammad_desk.fake.tables.users[3]["role_ids"] = [2]
    with pytest.raises(PreflightError, match="may not read Zammad's object attributes"):
        attributes.read(zammad_desk.zammad)


@pytest.mark.fault(
    "Zammad restarts itself after new attributes",
    does="the run waits until it went down and came back",
    side="Zammad",
)
def test_a_server_that_restarts_itself_is_awaited(zammad_port: Port) -> None:
    with desk(zammad_port, auto_restart_seconds=0.4) as made:
        began = time.monotonic()
        create_with_patience(made, patience=5)
        assert time.monotonic() - began >= 0.4
        assert made.zammad.http.send("GET", "/users/me", attempts=1).ok


def create_with_patience(desk: Desk, *, patience: float) -> None:
    attributes.send(desk.zammad, attributes.compare(body(), None))
    attributes.migrate(desk.zammad, zammad_settings.read(desk.zammad), patience=patience)


def test_one_that_does_not_go_down_is_not_waited_for_long(zammad_desk: Desk) -> None:
    began = time.monotonic()
    attributes.wait_until_back(zammad_desk.zammad, patience=0.1)
    assert time.monotonic() - began < 2


@pytest.mark.fault(
    "a process that does not know a new attribute yet",
    does=(
        "changing values are written on new connections until all of them stay; else the run "
        "ends before the first record"
    ),
    side="Zammad",
)
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_values_survive_only_where_every_process_knows_the_attribute(
    zammad_port: Port, workers: int
) -> None:
    with desk(zammad_port, version="5.2", workers=workers) as made:
        made.importing()
        create(made, body())
        ticket = made.ticket("70001")
        samples = ({"kayako_a": "one"}, {"kayako_a": "two"})
        lost = probes.lost_values(made.zammad, f"/tickets/{ticket}", samples)
        assert lost == (["kayako_a"] if workers > 1 else [])
        made.fake.restart()
        assert probes.lost_values(made.zammad, f"/tickets/{ticket}", samples) == []


@pytest.mark.parametrize("entity", ["organizations", "users", "tickets"])
@pytest.mark.parametrize("fault", [None, "reset_after", "reset_before"])
def test_a_probe_comes_and_goes(zammad_desk: Desk, entity: str, fault: str | None) -> None:
    zammad_desk.importing()
    table = zammad_desk.fake.tables.named(entity)
    before = set(table)
    if fault:
        zammad_desk.fake.faults.fail("POST", f"/{entity}", fault)
    made = probes.create(zammad_desk.zammad, entity, "migrate-probe-1")
    assert set(table) - before == {made}
    probes.remove(zammad_desk.zammad, entity, "migrate-probe-1")
    assert set(table) == before
    probes.remove(zammad_desk.zammad, entity, "migrate-probe-1")
    assert zammad_desk.fake.mails_sent == []


def test_a_ticket_probe_needs_an_active_group(zammad_desk: Desk) -> None:
    zammad_desk.fake.tables.groups[1]["active"] = False
    with pytest.raises(PreflightError, match="no active group"):
        probes.create(zammad_desk.zammad, "tickets", "migrate-probe-1")


@pytest.mark.fault(
    "Zammad does not come back from its restart",
    does="the run ends and says how to restart it",
    side="Zammad",
)
def test_a_server_that_does_not_come_back_is_told(
    zammad_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attributes, "_LONGEST_RESTART_SECONDS", 0.1)
    zammad_desk.fake.state.down = (time.monotonic(), time.monotonic() + 3600)
    with pytest.raises(PreflightError, match="did not come"):
        attributes.wait_until_back(zammad_desk.zammad, patience=0)


def test_what_zammad_does_not_let_be_changed_is_said() -> None:
    there = {**body("kayako_a", "select"), "id": 1, "editable": False}
    wanted = body("kayako_a", "select", options={"9": "New"})
    with pytest.raises(PreflightError, match="does not let the attribute kayako_a"):
        attributes.compare(wanted, there)


def test_a_creation_that_is_never_answered_is_said_once_it_was_tried_enough(
    zammad_desk: Desk,
) -> None:
    for _ in range(attributes._ATTEMPTS):
        zammad_desk.fake.faults.fail("POST", "/object_manager_attributes", "reset_before")
    with pytest.raises(PreflightError, match="did not answer"):
        attributes.send(zammad_desk.zammad, attributes.compare(body(), None))


def test_a_migration_that_changes_nothing_is_said(
    zammad_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    attributes.send(zammad_desk.zammad, attributes.compare(body(), None))
    monkeypatch.setattr(zammad_desk.zammad, "create", lambda *_: {})
    with pytest.raises(PreflightError, match="still pending"):
        attributes.migrate(zammad_desk.zammad, {}, patience=0)
