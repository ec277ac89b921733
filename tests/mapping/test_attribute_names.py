"""Names of attributes: valid, unique, stable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.mapping.attribute_names import LONGEST, names, refusal

OBJECTS = ("Ticket", "User", "Organization")
KEYS = st.one_of(
    st.text(max_size=90),
    st.from_regex(r"[a-z0-9_]{0,70}", fullmatch=True),
    st.sampled_from(["order_id", "order_ids", "order_id_2", "Größe", "title", "a-b", "a_b", ""]),
)
FIELDS = st.lists(st.tuples(st.integers(1, 40), KEYS), unique_by=lambda field: field[0])
PREFIXES = st.sampled_from(["kayako_", "k_", "last_", "created_", "close_", "a_really_long_one_"])


@given(FIELDS, PREFIXES, st.sampled_from(OBJECTS))
def test_names_are_accepted_by_zammad_and_unique(
    fields: list[tuple[int, str]], prefix: str, zammad: str
) -> None:
    found = names(fields, prefix=prefix, zammad=zammad)
    assert found.keys() == {number for number, _ in fields}
    assert all(refusal(name, zammad) is None for name in found.values())
    assert all(name.startswith(prefix) for name in found.values())
    assert len(set(found.values())) == len(found)


@given(FIELDS, st.data())
def test_names_do_not_depend_on_the_order_and_a_later_field_changes_none(
    fields: list[tuple[int, str]], data: st.DataObject
) -> None:
    found = names(fields, prefix="kayako_", zammad="Ticket")
    shuffled = data.draw(st.permutations(fields))
    assert names(shuffled, prefix="kayako_", zammad="Ticket") == found
    # Kayako makes keys of its fields: small letters, digits and _, each once.
    key = data.draw(st.from_regex(r"[a-z]{1,20}", fullmatch=True))
    if key not in {old for _, old in fields}:
        more = names([*fields, (99, key)], prefix="kayako_", zammad="Ticket")
        assert {number: more[number] for number in found} == found


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("product", "kayako_product"),
        ("customer_id", "kayako_customer_id_7"),
        ("customer_ids", "kayako_customer_ids_7"),
        ("Größe-in cm", "kayako_groe_in_cm_7"),
        ("日本", "kayako_field_7"),
        ("x" * 80, "kayako_" + "x" * 51 + "_7"),
    ],
)
def test_a_key_that_makes_no_name_is_followed_by_the_number_of_its_field(
    key: str, name: str
) -> None:
    found = names([(7, key)], prefix="kayako_", zammad="Ticket")[7]
    assert found == name
    assert len(found) <= LONGEST


def test_a_prefix_that_makes_the_name_of_a_column_is_no_danger() -> None:
    assert names([(3, "at")], prefix="close_", zammad="Ticket") == {3: "close_at_3"}
    assert names([(3, "login")], prefix="last_", zammad="User") == {3: "last_login_3"}
    assert names([(3, "login")], prefix="last_", zammad="Ticket") == {3: "last_login"}


def test_names_that_are_taken_are_not_used() -> None:
    found = names([(3, "a")], prefix="kayako_", zammad="User", taken={"kayako_a"})
    assert found == {3: "kayako_a_3"}


@pytest.mark.parametrize("name", ["", "7_", "Upper", "with space", "a" * 61, "x_id", "title", "id"])
def test_what_zammad_refuses_is_refused_before(name: str) -> None:
    assert refusal(name, "Ticket")
