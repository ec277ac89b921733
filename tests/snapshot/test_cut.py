from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from runner.snapshot.cut import DEFINITIONS, cut
from tests.snapshot.support import case, reference, user

KINDS = st.sampled_from(["user", "case_status", "role", "attachment", "tag"])
VALUES = st.recursive(
    st.none() | st.integers(0, 9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.fixed_dictionaries(
            {"id": st.integers(0, 9), "resource_type": KINDS, "label": inner, "role": inner}
        )
    ),
    max_leaves=10,
)


def kinds_in_full(value: Any) -> set[str]:
    """The kinds of nested definitions that stand there whole."""
    if isinstance(value, list):
        return {kind for item in value for kind in kinds_in_full(item)}
    if not isinstance(value, dict):
        return set()
    found = {kind for item in value.values() for kind in kinds_in_full(item)}
    if value.get("resource_type") in DEFINITIONS and len(value) > 2:
        found.add(value["resource_type"])
    return found


@given(st.dictionaries(st.text(max_size=3), VALUES, max_size=3))
def test_no_definition_is_left_inside_and_none_is_lost(record: dict[str, Any]) -> None:
    stored, definitions = cut(record)
    assert kinds_in_full(stored) == set()
    assert {definition.type for definition in definitions} == kinds_in_full(record)
    for definition in definitions:
        assert not any(kinds_in_full(value) for value in definition.body.values())


def test_a_reference_keeps_what_it_refers_to() -> None:
    stored, definitions = cut(case())
    assert stored["requester"] == reference("user", 7)
    assert stored["status"] == reference("case_status", 2)
    assert {(item.type, item.id) for item in definitions} >= {("user", "7"), ("role", "4")}


def test_a_channel_has_no_id_but_a_uuid() -> None:
    channel = {"uuid": "c-1", "type": "MAIL", "account": None, "resource_type": "channel"}
    stored, definitions = cut({"source_channel": channel})
    assert stored["source_channel"] == {"uuid": "c-1", "resource_type": "channel"}
    assert definitions[0].id == "c-1"


def test_what_a_list_is_about_stays_whole() -> None:
    stored, definitions = cut(user(), frozenset({"emails"}))
    assert stored["emails"][0]["email"] == "customer-7@example.org"
    assert ("identity_email", "7") in {(item.type, item.id) for item in definitions}


def test_copies_of_people_keep_names_only() -> None:
    _, definitions = cut({"requester": user(last_seen_ip="192.0.2.1", avatar="x")})
    (person,) = (item.body for item in definitions if item.type == "user")
    assert person["full_name"] == "Customer 7"
    assert "last_seen_ip" not in person
