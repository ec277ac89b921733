"""What of a verification needs no Zammad: the sample, the ids, the counts and the report."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from runner.engine.verified import MEANINGS, MOST_LISTED, Kind, Verified
from runner.engine.verify import Ids, positions

_IDS = st.integers(min_value=0, max_value=5000)


@given(st.integers(1, 5000), st.integers(1, 200), st.integers(0, 9))
def test_a_sample_is_ascending_without_doubles_and_spread_over_all(
    total: int, wanted: int, seed: int
) -> None:
    found = list(positions(total, wanted, seed))
    assert found == sorted(set(found))
    assert len(found) == min(total, wanted)
    assert found == list(positions(total, wanted, seed))
    for part, position in enumerate(found):
        assert part * total // len(found) <= position < (part + 1) * total // len(found)


def test_another_seed_takes_others() -> None:
    assert list(positions(10_000, 50, 1)) != list(positions(10_000, 50, 2))


@given(st.sets(_IDS), st.sets(_IDS))
def test_ids_holds_what_was_added_and_nothing_else(added: set[int], asked: set[int]) -> None:
    ids = Ids()
    for number in added:
        ids.add(number)
    assert {number for number in added | asked if number in ids} == added


def test_counts_that_differ_are_differences() -> None:
    result = Verified("https://zammad.example.org")
    result.count("users", "wanted", 3)
    result.count("users", "there", 2)
    result.count("groups", "wanted", 2)
    result.count("groups", "there", 2)
    result.count_ticket({"by_team": "General", "by_state": "open"}, wanted=True)
    result.count_ticket({"by_team": "Other", "by_state": "open"}, wanted=False)
    result.close()
    assert [(d.entity, d.field, d.wanted, d.there) for d in result.deviations] == [
        ("tickets", "count by_team General", 1, 0),
        ("tickets", "count by_team Other", 0, 1),
        ("users", "count", 3, 2),
    ]
    assert not result.ok
    assert result.as_json()["counts"]["tickets"]["by_state"]["open"] == {"wanted": 1, "there": 1}


def test_of_very_many_differences_all_are_counted_and_some_are_kept() -> None:
    result = Verified("https://zammad.example.org")
    for number in range(MOST_LISTED + 5):
        result.differs("tickets", str(number), number, "title", Kind.CHANGED, wanted="a", there="b")
    document = result.as_json()
    assert document["differences_total"] == MOST_LISTED + 5
    assert len(document["differences"]) == MOST_LISTED
    assert document["kinds"] == {"changed": MOST_LISTED + 5}


def test_differences_come_in_the_order_of_their_records() -> None:
    result = Verified("https://zammad.example.org")
    for source_id in ("10/2", "9/11", "9/2", "9/remembered"):
        result.differs("articles", source_id, 1, "body", Kind.DIFFERS)
    result.close()
    assert [d.source_id for d in result.deviations] == ["9/remembered", "9/2", "9/11", "10/2"]
    json.dumps(result.as_json())


def test_every_kind_is_explained() -> None:
    assert set(MEANINGS) == set(Kind)
