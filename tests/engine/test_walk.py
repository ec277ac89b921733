from __future__ import annotations

from typing import Any

import pytest

from runner.engine import records, walk
from runner.engine.change import Action, Change
from runner.engine.world import World
from runner.errors import MigrateError, UsageError
from tests.engine.knowledge_support import article, stocked
from tests.engine.support import Small, case, fill, team, user


def test_records_come_step_by_step_in_the_order_of_their_ids(small: Small) -> None:
    world = small(teams=[team(2, "B"), team(1, "A")], cases=[case(3), case(4)])
    found = [
        (change.entity, change.source_id)
        for change in walk.everything(
            world, ("groups", "organizations", "users", "tickets"), world.snapshot.case_ids
        )
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
    found = list(walk.everything(world, ("tickets",), lambda: [4]))
    assert [change.source_id for change in found] == ["=Kayako unassigned", "4"]


def test_the_groups_that_a_team_lies_in_come_before_it(small: Small) -> None:
    world = small(teams=[team(1, "A::B")])
    assert [c.label for c in walk.listed(world, "groups")] == ["A::B"]
    world = small(teams=[team(1, "A::B"), team(2, "A::C")])
    world.groups_nest = True
    assert [c.label for c in walk.listed(world, "groups")] == ["A", "A::B", "A::C"]


@pytest.mark.parametrize(
    ("entity", "resource"),
    [("groups", "teams"), ("tickets", "cases"), ("kb_answers", "articles"), ("users", "users")],
)
def test_every_step_has_a_resource_of_kayako(entity: str, resource: str) -> None:
    assert walk.resource_of(entity) == resource


def test_a_record_of_no_known_shape_fails_and_the_next_one_goes_on(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = records.of_record

    def strange(world: World, entity: str, record: dict[str, Any]) -> Change:
        if record["id"] == 1:
            raise KeyError("title")
        return made(world, entity, record)

    monkeypatch.setattr(records, "of_record", strange)
    world = small(teams=[team(1), team(2, "Other")])
    first, second = walk.listed(world, "groups")
    assert (first.entity, first.source_id, first.action) == ("groups", "1", Action.FAIL)
    assert first.reason.startswith("it is of a shape that was not expected (KeyError in ")
    assert (second.source_id, second.action) == ("2", Action.CREATE)


def test_the_help_center_is_walked_and_named_as_lists_are(small: Small) -> None:
    world = stocked(small, article(1), article(2, "Second"))
    walked = [(one.entity, one.source_id) for one in walk.listed(world, "kb_answers")]
    assert walked == [("kb_answers", "1"), ("kb_answers", "2")]
    (named,) = walk.named(world, [("kb_answers", "2")])
    assert (named.entity, named.source_id, named.action) == ("kb_answers", "2", Action.CREATE)


def test_single_records_come_after_what_they_need(small: Small) -> None:
    world = small(teams=[team(1, "A::B")], cases=[case(4, requester=user(99))])
    world.groups_nest = True
    found = walk.named(world, [("groups", "1"), ("tickets", "4")])
    assert [(one.entity, one.label or one.source_id) for one in found] == [
        ("groups", "A"),
        ("groups", "A::B"),
        ("groups", "Kayako unassigned"),
        ("users", "kayako-user-99"),
        ("tickets", "Case 4"),
    ]


def test_a_record_that_is_not_there_is_named_with_what_to_do(small: Small) -> None:
    with pytest.raises(UsageError, match="the snapshot has no 9 among its teams") as caught:
        list(walk.named(small(), [("groups", "9")]))
    assert "migrate pull" in caught.value.advice


def test_each_step_is_told_when_it_begins_and_tickets_wait_for_their_posts(small: Small) -> None:
    world = small()
    fill(world.snapshot, "cases", [case(3)])
    told: list[str] = []

    def bodies(case_id: int) -> MigrateError | None:
        told.append(f"posts of {case_id}")
        return MigrateError("Kayako answered 500")

    found = walk.everything(
        world, ("groups", "tickets"), lambda: [3], begun=told.append, bodies=bodies
    )
    ticket = list(found)[-1]
    assert told == ["groups", "tickets", "posts of 3"]
    assert ticket.reason == "its posts could not be read: Kayako answered 500"
