"""A change that is not the planned one is not handed out, and nothing after it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from runner.engine.agreement import Agreement
from runner.engine.change import Action, Change, Child
from runner.engine.saved_plan import SavedPlan, Writer, planned
from runner.engine.world import World
from runner.errors import Stale
from tests.engine.support import Small

USERS = [
    Change("users", str(number), Action.CREATE, payload={"login": f"customer-{number}@example.org"})
    for number in (1, 2, 3)
]
TICKET = Change(
    "tickets",
    "9",
    Action.UPDATE,
    target_id=40,
    payload={"title": "A"},
    fields={"title": "A"},
    children=(Child("91", "digest", {"body": "Hello", "type": "note"}),),
)


@pytest.fixture
def saved(tmp_path: Path) -> SavedPlan:
    file = tmp_path / "a.plan"
    with file.open("wb") as stream:
        writer = Writer(stream, {"made_at": "2026-12-05T08:00:00Z"})
        writer.step("users")
        for user in USERS:
            writer.change(planned(user))
        writer.step("tickets")
        writer.change(planned(TICKET))
        writer.beside("links", "9")
        writer.end()
    return SavedPlan(file)


def walked(agreement: Agreement, users: list[Change], *tickets: Change) -> Iterator[str]:
    for change in agreement.checked("users", users):
        yield change.source_id
    for change in agreement.checked("tickets", tickets):
        yield change.source_id


def refusal(saved: SavedPlan, world: World, users: list[Change], *tickets: Change) -> str:
    handed_out: list[str] = []
    with pytest.raises(Stale) as caught:
        handed_out.extend(walked(Agreement(saved, world, goes_on=False), users, *tickets))
    assert caught.value.exit_code == 9
    return str(caught.value)


def test_what_was_planned_is_handed_out(saved: SavedPlan, small: Small) -> None:
    agreement = Agreement(saved, small(), goes_on=False)
    assert list(walked(agreement, USERS, TICKET)) == ["1", "2", "3", "9"]
    assert agreement.allows("links", "9")
    assert not agreement.allows("links", "8")


def test_an_id_that_is_known_by_now_is_no_other_change(saved: SavedPlan, small: Small) -> None:
    users = [replace(user, target_id=7) for user in USERS]
    assert len(list(walked(Agreement(saved, small(), goes_on=False), users, TICKET))) == 4


def test_where_a_link_in_a_text_leads_is_no_other_change(saved: SavedPlan, small: Small) -> None:
    child = replace(TICKET.children[0], payload={"body": "Hello there", "type": "note"})
    ticket = replace(TICKET, children=(child,))
    assert len(list(walked(Agreement(saved, small(), goes_on=False), USERS, ticket))) == 4


@pytest.mark.parametrize(
    ("ticket", "words"),
    [
        (replace(TICKET, fields={"title": "B"}), "tickets/9 is not what was planned: title"),
        (replace(TICKET, fields={"title": "A", "state": "open"}), "not what was planned: state"),
        (replace(TICKET, action=Action.CREATE), "was to be: update, and would now be: create"),
        (replace(TICKET, target_id=41), "tickets/9 was id 40 in Zammad and is now 41"),
        (replace(TICKET, children=()), "not what was planned: its articles"),
        (
            replace(TICKET, children=(Child("91", "other", {"type": "note"}),)),
            "what is sent with it",
        ),
        (replace(TICKET, source_id="8"), "tickets/8 is not planned, and would now be: update"),
    ],
)
def test_another_change_is_refused_by_its_name(
    saved: SavedPlan, small: Small, ticket: Change, words: str
) -> None:
    assert words in refusal(saved, small(), USERS, ticket)


def test_what_does_not_come_up_or_was_not_planned_is_refused(
    saved: SavedPlan, small: Small
) -> None:
    world = small()
    assert "users/3 is planned and does not" in refusal(saved, world, USERS[:2], TICKET)
    assert "users/3 is not planned" in refusal(saved, world, [USERS[0], USERS[2]], TICKET)
    more = replace(TICKET, source_id="10")
    assert "tickets/10 is not planned" in refusal(saved, world, USERS, TICKET, more)


def test_a_run_that_goes_on_leaves_alone_what_is_done(saved: SavedPlan, small: Small) -> None:
    world = small()
    world.ledger.table("users").put({"source_id": "2", "status": "done", "target_id": 7})
    users = [replace(USERS[0], action=Action.UNCHANGED, payload={}), USERS[2]]
    ticket = replace(TICKET, resume=True)
    agreement = Agreement(saved, world, goes_on=True)
    assert list(walked(agreement, users, ticket)) == ["1", "3", "9"]
    other = [replace(USERS[0], payload={"login": "somebody@example.org"})]
    with pytest.raises(Stale, match="users/1 is not what was planned: login"):
        list(walked(Agreement(saved, world, goes_on=True), other, ticket))


def test_a_kind_that_zammad_turns_out_not_to_take_is_left_out(
    saved: SavedPlan, small: Small
) -> None:
    world = small()
    world.closed["users"] = "the token lacks the permission"
    users = [USERS[0], *(replace(user, action=Action.SKIP) for user in USERS[1:])]
    assert len(list(walked(Agreement(saved, world, goes_on=False), users, TICKET))) == 4
