from __future__ import annotations

from typing import Any

import pytest

from runner.engine import sampling, traits
from runner.engine.sampling import Choice
from runner.engine.traits import Trait
from runner.engine.world import World
from tests.engine.support import Small, case, fill, post, reference

_STATES = ("Open", "Waiting", "On hold", "Closed")


def choose(world: World, wanted: int, *kept: int) -> Choice:
    return sampling.choose(world, wanted, kept=kept, progress=lambda *_: None)


def ids(choice: Choice) -> list[int]:
    return [one.case_id for one in choice.cases]


def state(number: int, label: str) -> dict[str, Any]:
    kind = {"id": number, "label": label, "type": "OPEN", "resource_type": "case_status"}
    return {"status": kind}


def labelled(*labels: str) -> list[dict[str, Any]]:
    return [
        case(number, tags=[], **state(_STATES.index(label) + 1, label))
        for number, label in enumerate(labels, 1)
    ]


def test_one_of_each_state_before_any_oddity(small: Small) -> None:
    cases = labelled("Open", "Open", "Waiting", "On hold")
    cases[1] |= {"subject": "", "has_attachments": True, "is_merged": True}
    made = choose(small(cases=cases), 3)
    assert sorted(ids(made)) == [2, 3, 4]
    assert made.no_room == ()
    only_two = choose(small(cases=cases), 2)
    assert [trait for trait in only_two.no_room if trait.kind == "state"] != []


def test_it_says_why_each_one_was_chosen_and_none_for_an_ordinary_one(small: Small) -> None:
    made = choose(small(cases=labelled("Open", "Waiting", "Open", "Open")), 3)
    assert Trait("state", "Open") in made.cases[0].why
    assert made.cases[1].why == (Trait("state", "Waiting"),)
    assert made.cases[2].why == ()


def test_more_than_there_are_is_all_that_move(small: Small) -> None:
    cases = [*labelled("Open", "Open", "Open"), case(9, state="TRASH", **state(4, "Closed"))]
    made = choose(small(cases=cases), 50)
    assert sorted(ids(made)) == [1, 2, 3]
    assert Trait("state", "Closed") in made.left_out
    assert Trait("oddity", "trash") in made.left_out


def test_an_earlier_choice_stays_as_far_as_it_still_moves(small: Small) -> None:
    cases = labelled("Open", "Open", "Open", "Open", "Waiting")
    cases[3]["state"] = "TRASH"
    made = choose(small(cases=cases), 3, 3, 4, 2)
    assert ids(made)[:2] == [3, 2]
    assert 5 in ids(made)
    assert ids(choose(small(cases=cases), 3)) == ids(choose(small(cases=cases), 3))


def test_of_a_common_trait_only_a_few_conversations_are_remembered(small: Small) -> None:
    world = small(cases=labelled(*["Open"] * 60))
    pool = sampling._look(world, frozenset(), lambda *_: None)
    assert max(map(len, pool.richest.values())) <= 6
    assert len(pool.traits) <= 6


def test_what_messages_tell_counts_too(small: Small) -> None:
    plain = case(1, tags=[], post_count=1)
    odd = case(2, tags=[], post_count=3)
    message = post(21)["original"]
    threads = {
        1: [post(10)],
        2: [
            post(20, creator=reference("trigger", 4)),
            post(21, original={**message, "body_html": "<p onclick='x()'>שלום</p>"}),
            post(22, original={**message, "body_html": " "}, contents="", creator=None),
        ],
    }
    made = choose(small(cases=[plain, odd], threads=threads), 1)
    (one,) = made.cases
    assert one.case_id == 2
    assert {Trait("author", "trigger"), Trait("author", traits.NOBODY)} < set(one.why)
    odd_ones = {trait.value for trait in one.why if trait.kind == traits.ODDITY}
    assert {"active_html", "right_to_left", "empty_body"} < odd_ones


@pytest.mark.parametrize(
    ("person", "role"),
    [
        (None, "nobody"),
        ({"type": "monitor", "role": None, "known": False}, "monitor"),
        ({"type": "user", "role": "AGENT", "known": True}, "AGENT"),
        ({"type": "user", "role": None, "known": True}, "none"),
        ({"type": "user", "role": "AGENT", "known": False}, "gone"),
    ],
)
def test_the_role_of_a_person(person: dict[str, Any] | None, role: str) -> None:
    assert traits.role_of(person) == role


def test_conversations_whose_messages_are_not_read_are_counted(small: Small) -> None:
    world = small(cases=labelled("Open"))
    assert choose(world, 1).unread == 0
    fill(world.snapshot, "cases", [case(7)])
    assert choose(world, 1).unread == 1
