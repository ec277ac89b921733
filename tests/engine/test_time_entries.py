"""How much of the configured unit each time entry is."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.engine import tickets, time_entries
from runner.engine.change import Action, Change
from runner.engine.world import World
from runner.mapping.model import Note
from tests.engine.support import Small, case, fill, record, reference

MOMENT = "2021-08-28T10:00:00+00:00"


def entry(number: int, seconds: int, **changes: Any) -> dict[str, Any]:
    times = {"created_at": MOMENT, "updated_at": MOMENT}
    who = {"agent": reference("user", 2), "case": reference("case", 1)}
    return {"id": number, "log_type": "WORKED", "time_spent": seconds, **who, **times, **changes}


@pytest.fixture
def world(small: Small) -> World:
    return small(cases=[case(1)])


def worked(world: World, *entries: dict[str, Any]) -> Change:
    fill(world.snapshot, "timetracking", list(entries))
    return tickets.of_case(world, record(world, "cases", 1))


def amounts(change: Change) -> list[str]:
    return [found.payload["time_unit"] for found in change.times]


def test_only_work_is_moved_and_the_rest_has_a_reason(world: World) -> None:
    kinds = ["VIEWED", "BILLED", None]
    others = [entry(n, 60, log_type=kind) for n, kind in enumerate(kinds, start=2)]
    change = worked(world, entry(1, 3780), *others, entry(5, 0))
    assert amounts(change) == ["63.00"]
    assert dict(change.times_skipped) == {
        "2": "somebody looked at the conversation, which is no work",
        "3": "what was billed counts the same work once more",
        "4": "Kayako does not say what kind of time it is",
        "5": "no time was spent",
    }


def test_what_rounding_takes_from_one_entry_the_next_one_gets(world: World) -> None:
    change = worked(world, *(entry(number, 20) for number in range(1, 4)))
    assert amounts(change) == ["0.33", "0.34", "0.33"]
    assert time_entries.total(change.times) == Decimal(1)
    assert [note.text for note in change.notes if note.field == "time_unit"] == [
        "time entry 1: 20 seconds are 0.33 minutes",
        "time entry 2: 20 seconds are 0.34 minutes",
        "time entry 3: 20 seconds are 0.33 minutes",
    ]


@given(st.lists(st.integers(1, 20_000), min_size=1, max_size=20), st.sampled_from(list("mhs")))
def test_sums_are_exact_to_the_hundredth_and_no_entry_is_off_by_more(
    seconds: list[int], unit: str
) -> None:
    name = next(name for name in time_entries.SECONDS if name.startswith(unit))
    notes: list[Note] = []
    by_id = {str(number): value for number, value in enumerate(seconds)}
    found = time_entries.in_units(by_id, name, notes)
    exact = Decimal(sum(seconds)) / time_entries.SECONDS[name]
    if exact <= time_entries.MOST:
        assert abs(sum(found.values()) - exact) <= Decimal("0.005")
        for key, value in found.items():
            single = Decimal(by_id[key]) / time_entries.SECONDS[name]
            assert abs(value - single) <= Decimal("0.01")
            assert (value == single) or any(f"time entry {key}:" in note.text for note in notes)
    else:
        assert sum(found.values()) == time_entries.MOST
        assert any(note.kind == "cut" for note in notes)


def test_a_unit_can_be_chosen(world: World) -> None:
    world.time_unit = "hours"
    assert amounts(worked(world, entry(1, 5400))) == ["1.50"]
    world.time_unit = "seconds"
    assert amounts(worked(world)) == ["5400.00"]


def test_more_than_zammad_holds_is_cut_and_said(world: World) -> None:
    change = worked(world, entry(1, 400_000), entry(2, 400_000), entry(3, 60))
    assert amounts(change) == ["6666.67", "3333.32"]
    assert [note.text for note in change.notes if note.kind == "cut"] == [
        "time entry 2: 400000 seconds cut to 3333.32 minutes: a ticket holds 9999.99 in all",
        "time entry 3: 60 seconds cut to 0.00 minutes: a ticket holds 9999.99 in all",
    ]


def test_an_agent_whom_kayako_does_not_know_any_more_is_named(world: World) -> None:
    change = worked(world, entry(1, 60, agent=reference("user", 99)), entry(2, 60))
    assert [note.text for note in change.notes if note.field == "agent"] == [
        "time entry 1: it is of user 99, whom Kayako does not know any more"
    ]


def test_an_entry_without_a_date_has_that_of_its_conversation(world: World) -> None:
    (found,) = worked(world, entry(1, 60, created_at=None)).times
    assert found.payload["created_at"] == "2021-08-27T10:49:56Z"


def test_entries_are_part_of_the_fingerprint_and_come_by_time(world: World) -> None:
    before = worked(world).fingerprint
    change = worked(world, entry(2, 60), entry(3, 60, created_at="2021-08-27T11:00:00+00:00"))
    assert [found.source_id for found in change.times] == ["3", "2"]
    assert change.fingerprint != before
    assert all(found.action is Action.CREATE for found in change.times)
    assert {child.payload.get("time_unit") for child in change.children} == {None}
