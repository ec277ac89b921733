"""Records on demand and the order of last changes, against plain dictionaries and lists."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.sandbox.data.table import Recency, Record, Table

STEPS = st.lists(st.tuples(st.sampled_from(["put", "remove"]), st.integers(1, 12)), max_size=40)


def made(key: int) -> Record:
    return {"id": key, "made": True}


@given(steps=STEPS)
def test_a_table_is_what_a_dictionary_with_the_same_steps_is(
    steps: list[tuple[str, int]],
) -> None:
    table = Table(span=range(5, 10), make=made)
    plain: dict[int, Record] = {key: made(key) for key in range(5, 10)}
    for step, key in steps:
        if step == "put":
            table.put({"id": key, "made": False})
            plain[key] = {"id": key, "made": False}
        elif key in plain:
            table.remove(key)
            del plain[key]
        else:
            with pytest.raises(KeyError):
                table.remove(key)
        assert list(table.ids()) == sorted(plain)
        assert dict(table) == plain
        assert len(table) == len(plain)


@given(
    moments=st.dictionaries(st.integers(1, 30), st.integers(0, 5), max_size=20),
    gone=st.sets(st.integers(1, 30)),
    offset=st.integers(0, 25),
    limit=st.integers(1, 25),
)
def test_a_page_by_recency_is_a_slice_of_the_sorted_whole(
    moments: dict[int, int], gone: set[int], offset: int, limit: int
) -> None:
    order = Recency((moment, key) for key, moment in moments.items() if key % 2)
    for key, moment in moments.items():
        if not key % 2:
            order.add(moment, key)
    for key in gone:
        assert order.discard(moments.get(key, 0), key) == (key in moments)
    left = sorted(
        ((moment, key) for key, moment in moments.items() if key not in gone), reverse=True
    )
    assert order.newest_first(offset, limit) == [key for _, key in left][offset : offset + limit]
    assert len(order) == len(left)
