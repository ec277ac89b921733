from __future__ import annotations

import pytest

from runner.errors import Refused
from runner.zammad import users
from tests.zammad.support import Desk


@pytest.mark.parametrize("name", ["customer-1@example.org", "CUSTOMER-1@example.org"])
def test_a_user_is_found_exactly_whatever_the_case(zammad_desk: Desk, name: str) -> None:
    user_id = zammad_desk.user("customer-1@example.org")
    found = users.look_up(zammad_desk.zammad, name)
    assert found is not None
    assert found["id"] == user_id


@pytest.mark.parametrize("name", ["customer-9@example.org", "客服@example.org"])
def test_nobody_is_none(zammad_desk: Desk, name: str) -> None:
    zammad_desk.user("customer-1@example.org")
    assert users.look_up(zammad_desk.zammad, name) is None


@pytest.mark.parametrize("name", ["客服", "straße"])
def test_names_beyond_ascii_are_found_too(zammad_desk: Desk, name: str) -> None:
    user_id = zammad_desk.user(name, email="customer-2@example.org")
    found = users.look_up(zammad_desk.zammad, name.upper() if name == "客服" else name)
    assert found is not None
    assert found["id"] == user_id


def test_a_login_of_digits_is_not_taken_for_an_id(zammad_desk: Desk) -> None:
    assert users.look_up(zammad_desk.zammad, "2") is None
    user_id = zammad_desk.user("2", email="customer-2@example.org")
    found = users.look_up(zammad_desk.zammad, "2")
    assert found is not None
    assert found["id"] == user_id


def test_a_server_error_does_not_mean_that_nobody_is_there(zammad_desk: Desk) -> None:
    faults = zammad_desk.fake.faults
    faults.rate, faults.kinds = 1.0, ("500_before",)
    with pytest.raises(Refused) as refused:
        users.look_up(zammad_desk.zammad, "customer-1@example.org")
    assert refused.value.status == 500


def test_access_is_added_to_what_a_user_has(zammad_desk: Desk) -> None:
    one, two = zammad_desk.group("One"), zammad_desk.group("Two")
    user_id = zammad_desk.user("agent-1@example.org", "Agent", group_ids={str(one): ["full"]})
    have = {str(one): ["read"]}
    given = users.give_access(zammad_desk.zammad, user_id, have, [two])
    row = zammad_desk.zammad.get(f"/users/{user_id}")
    assert row["group_ids"] == given == {str(one): ["read"], str(two): ["full"]}
