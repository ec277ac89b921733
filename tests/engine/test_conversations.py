"""Which conversations move, and where links between them lead."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from runner.config.filters import Days, Filters, Names
from runner.engine import conversations, plan, tickets, walk
from runner.engine.change import Action, Change
from runner.engine.world import World
from runner.mapping.load import load_mappings
from runner.snapshot.writing import Writer
from tests.engine.support import HOST, Small, case, post, record, reference
from tests.mapping.support import ROOT

OLD, NEW = "2018-12-31T23:59:59+00:00", "2019-01-01T00:00:00+00:00"
DAY = date(2019, 1, 1)
ZAMMAD = "https://zammad.example/#ticket/zoom/number"


def link(number: int) -> str:
    return f"https://{HOST}/agent/conversations/{number}"


def with_body(number: int, text: str) -> dict[str, Any]:
    original = {"id": number, "resource_type": "case_message", "body_html": text}
    return post(number, original={**original, "recipients": [], "attachments": []})


def change_of(world: World, number: int = 1) -> Change:
    return tickets.of_case(world, record(world, "cases", number))


def body_of(change: Change) -> str:
    return str(change.children[0].payload["body"])


def test_conversations_untouched_since_a_day_are_left_out_and_counted(small: Small) -> None:
    world = small(
        cases=[
            case(1, created_at=OLD, updated_at=OLD),
            case(2, created_at=OLD, updated_at=NEW),
            case(3, created_at=NEW, updated_at=NEW),
        ]
    )
    world.keep_since = date(2019, 1, 1)
    steps = ("users", "tickets")
    changes = walk.everything(world, steps, world.snapshot.case_ids)
    made = plan.make(world, steps, changes=changes)
    assert made.actions["tickets"] == {Action.SKIP: 1, Action.CREATE: 2}
    assert made.skipped["tickets", "not changed since 2019-01-01 (options.keep_since)"] == 1
    assert made.actions["users"][Action.CREATE] == 2
    assert made.articles["create"] == 2


def test_messages_of_old_conversations_are_not_wanted(small: Small) -> None:
    world = small()
    rows = [case(1, updated_at=OLD), case(2, updated_at=NEW), case(3, updated_at=None)]
    Writer(world.snapshot).page("cases", rows, sweep=1)
    since = date(2019, 1, 1)
    assert list(world.snapshot.cases_needing_bodies(None, since)) == [2, 3]
    assert world.snapshot.count_needing_bodies(since) == 2
    assert world.snapshot.count_needing_bodies() == 3


def test_a_link_to_a_conversation_that_moves_leads_to_its_ticket(small: Small) -> None:
    text = f'<p><a href="{link(2)}">{link(2)}</a> and {link(1)}</p>'
    world = small(cases=[case(1), case(2)], threads={1: [with_body(10, text)]})
    world.zammad_url = "https://zammad.example"
    change = change_of(world)
    assert body_of(change) == f'<p><a href="{ZAMMAD}/2">{ZAMMAD}/2</a> and {ZAMMAD}/1</p>'
    assert not [note for note in change.notes if note.field == "links"]


def test_the_number_is_that_of_the_mapping(small: Small, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "mappings", tmp_path / "mappings")
    file = tmp_path / "mappings" / "tickets.yaml"
    text = file.read_text()
    file.write_text(text.replace("    from: id\n", '    template: "77{{ id }}"\n', 1))
    world = small(
        mappings=load_mappings(tmp_path / "mappings"),
        cases=[case(1), case(2)],
        threads={1: [with_body(10, link(2))]},
    )
    world.zammad_url = "https://zammad.example"
    assert body_of(change_of(world)) == f"{ZAMMAD}/772"


def test_a_link_to_what_does_not_move_stays_with_a_note(small: Small) -> None:
    text = " ".join(link(number) for number in (2, 3, 4, 5))
    rows = [case(1), case(2, state="TRASH"), case(3, updated_at=OLD), case(4)]
    world = small(cases=rows, threads={1: [with_body(10, text)]})
    world.zammad_url, world.keep_since = "https://zammad.example", date(2019, 1, 1)
    Writer(world.snapshot).mark_gone("cases", 4)
    change = change_of(world)
    assert body_of(change) == text
    notes = [note for note in change.notes if note.field == "links"]
    assert [note.kind for note in notes] == ["kept"] * 4
    assert link(3) in notes[1].text


def test_a_conversation_that_is_gone_and_was_moved_before_is_still_led_to(small: Small) -> None:
    world = small(cases=[case(1), case(2)], threads={1: [with_body(10, link(2))]})
    world.zammad_url = "https://zammad.example"
    Writer(world.snapshot).mark_gone("cases", 2)
    known = {"source_id": "2", "target_id": 9, "status": "done"}
    world.ledger.table("tickets").put({**known, "applied": {"number": "772"}})
    assert body_of(change_of(world)) == f"{ZAMMAD}/772"
    world.ledger.table("tickets").put(known)
    assert body_of(change_of(world)) == "https://zammad.example/#ticket/zoom/9"


def test_keeping_links_keeps_bodies_and_makes_no_ticket_changed(small: Small) -> None:
    world = small(cases=[case(1)], threads={1: [with_body(10, link(1))]})
    kept = change_of(world)
    assert body_of(kept) == link(1)
    world.zammad_url = "https://zammad.example"
    led = change_of(world)
    assert body_of(led) != body_of(kept)
    assert (led.fingerprint, led.digests) == (kept.fingerprint, kept.digests)


def scoped(small: Small, filters: Filters, *cases: dict[str, Any]) -> World:
    world = small(cases=list(cases))
    world.filters = filters
    return world


def reasons(world: World) -> dict[int, str | None]:
    numbers = list(world.snapshot.case_ids())
    return {n: conversations.outcome(world, record(world, "cases", n)).skip for n in numbers}


STATES = {"1": "New", "4": "Completed", "5": "Closed"}


def in_state(world: World) -> None:
    kinds = {"1": "NEW", "4": "COMPLETED", "5": "CLOSED"}
    rows = [{"id": int(n), "label": label, "type": kinds[n]} for n, label in STATES.items()]
    Writer(world.snapshot).listed("case_status", rows)


def status(number: int) -> dict[str, Any]:
    return {"id": number, "resource_type": "case_status"}


@pytest.mark.parametrize(
    ("teams", "left"),
    [
        (Names(only=("general",)), {2: "left out by scope: no team"}),
        (Names(only=("General", "none")), {}),
        (Names(only=("none",)), {1: "left out by scope: team General"}),
        (Names(leave_out=("GENERAL",)), {1: "left out by scope: team General"}),
        (Names(leave_out=("none",)), {2: "left out by scope: no team"}),
    ],
)
def test_the_scope_takes_teams_in_or_leaves_them_out(
    small: Small, teams: Names, left: dict[int, str]
) -> None:
    of_team = {"assigned_team": reference("team", 1)}
    cases = case(1, **of_team), case(2, assigned_team=None)
    world = scoped(small, Filters(teams=teams), *cases)
    assert {n: why for n, why in reasons(world).items() if why} == left


@pytest.mark.parametrize(
    ("states", "left"),
    [
        (Names(leave_out=("CLOSED",)), [3]),
        (Names(leave_out=("closed", "Completed")), [2, 3]),
        (Names(only=("New",)), [2, 3]),
        (Names(only=("new", "COMPLETED")), [3]),
    ],
)
def test_the_scope_knows_states_by_label_and_by_kind(
    small: Small, states: Names, left: list[int]
) -> None:
    cases = [case(n, status=status(s)) for n, s in ((1, 1), (2, 4), (3, 5))]
    world = scoped(small, Filters(states=states), *cases)
    in_state(world)
    assert [n for n, why in reasons(world).items() if why] == left
    assert reasons(world)[3] == "left out by scope: state Closed"


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        (Filters(created=Days(since=DAY)), {1: "created before 2019-01-01"}),
        (Filters(created=Days(before=DAY)), {2: "created on 2019-01-01 or later"}),
        (Filters(updated=Days(before=DAY)), {1: "changed on 2019-01-01 or later"}),
        (Filters(closed=Days(since=DAY)), {1: "closed before 2019-01-01"}),
        (Filters(closed=Days(before=DAY)), {2: "closed on 2019-01-01 or later"}),
    ],
)
def test_the_scope_has_days_and_what_has_no_date_is_in(
    small: Small, filters: Filters, left: dict[int, str]
) -> None:
    world = scoped(
        small,
        filters,
        case(1, created_at=OLD, updated_at=NEW, last_closed_at=OLD, status=status(5)),
        case(2, created_at=NEW, updated_at=OLD, last_closed_at=NEW, status=status(5)),
        case(3, created_at=None, updated_at=None, last_closed_at=OLD, status=status(1)),
    )
    in_state(world)
    found = {n: why.removeprefix("left out by scope: ") for n, why in reasons(world).items() if why}
    assert found == left


@pytest.mark.parametrize(
    ("document", "moves"),
    [
        ({"status": "done", "target_id": 9}, True),
        ({"status": "intended", "target_id": None}, True),
        ({"status": "skipped", "target_id": None, "notes": []}, False),
    ],
)
def test_what_leaves_the_scope_after_it_was_moved_is_kept_up_to_date(
    small: Small, document: dict[str, Any], *, moves: bool
) -> None:
    world = scoped(small, Filters(teams=Names(only=("Other",))), case(1))
    world.ledger.table("tickets").put({"source_id": "1", **document})
    found = conversations.outcome(world, record(world, "cases", 1))
    assert (found.skip is None) is moves
    assert [note.kind for note in found.notes if note.kind == "outside"] == ["outside"] * moves


def test_messages_that_the_scope_leaves_behind_are_not_wanted(small: Small) -> None:
    world = small()
    rows = [case(1, created_at=OLD), case(2, created_at=NEW)]
    Writer(world.snapshot).page("cases", rows, sweep=1)
    wanted = conversations.taken_by(Filters(created=Days(since=DAY)))
    assert list(world.snapshot.cases_needing_bodies(None, None, wanted)) == [2]
    assert conversations.taken_by(Filters()) is None
