from __future__ import annotations

from runner.engine import walk
from tests.engine.support import Small, case, team


def test_records_come_step_by_step_in_the_order_of_their_ids(small: Small) -> None:
    world = small(teams=[team(2, "B"), team(1, "A")], cases=[case(3), case(4)])
    found = [
        (change.entity, change.source_id)
        for entity in ("groups", "organizations", "users", "tickets")
        for change in walk.step(world, entity, world.snapshot.case_ids)
    ]
    assert found == [
        ("groups", "1"),
        ("groups", "2"),
        ("organizations", "5"),
        ("users", "2"),
        ("users", "7"),
        ("groups", "=Kayako unassigned"),
        ("tickets", "3"),
        ("tickets", "4"),
    ]


def test_only_wanted_steps_and_cases_come(small: Small) -> None:
    world = small(cases=[case(3), case(4)])
    found = list(walk.step(world, "tickets", lambda: [4]))
    assert [change.source_id for change in found] == ["=Kayako unassigned", "4"]


def test_the_groups_that_a_team_lies_in_come_before_it(small: Small) -> None:
    world = small(teams=[team(1, "A::B")])
    assert [c.label for c in walk.listed(world, "groups")] == ["A::B"]
    world = small(teams=[team(1, "A::B"), team(2, "A::C")])
    world.groups_nest = True
    assert [c.label for c in walk.listed(world, "groups")] == ["A", "A::B", "A::C"]
