from __future__ import annotations

import hashlib
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.ledger import fingerprint

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@dataclass(frozen=True)
class Reference:
    entity: str
    source_id: str


@dataclass(frozen=True)
class Placeholder:
    entity: str
    source_id: str


class Spoken:
    def to_json(self) -> str:
        return "spoken"


def test_is_the_sha256_of_canonical_json() -> None:
    canonical = '{"a":[1,null],"ü":"x"}'
    value = {"ü": "x", "a": [1, None]}
    assert fingerprint(value) == hashlib.sha256(canonical.encode()).hexdigest()


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_does_not_depend_on_the_order_of_keys(value: dict[str, object]) -> None:
    assert fingerprint(dict(reversed(value.items()))) == fingerprint(value)


@given(JSON, JSON)
def test_differs_where_canonical_json_differs(one: object, other: object) -> None:
    assert (fingerprint([one]) == fingerprint([other])) == (
        repr(one) == repr(other)
    ) or one == other


def test_takes_half_a_surrogate_pair() -> None:
    assert fingerprint("\ud83d") != fingerprint("\ud83e")


def test_counts_an_object_as_its_json() -> None:
    assert fingerprint({"who": Spoken()}) == fingerprint({"who": "spoken"})


def test_tells_dataclass_instances_apart() -> None:
    assert fingerprint(Reference("users", "1")) == fingerprint(Reference("users", "1"))
    assert fingerprint(Reference("users", "1")) != fingerprint(Reference("users", "2"))
    assert fingerprint(Reference("users", "1")) != fingerprint(Placeholder("users", "1"))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_refuses_numbers_json_cannot_say(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        fingerprint(value)


def test_refuses_other_objects() -> None:
    for stranger, name in ((object(), "object"), (Reference, "type"), ({1}, "set")):
        with pytest.raises(TypeError, match=f"a {name} has no fingerprint: it is no JSON value"):
            fingerprint({"x": stranger})
