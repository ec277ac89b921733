from __future__ import annotations

import pytest

from runner.zammad import tickets
from tests.zammad.support import Desk, Port, desk


@pytest.mark.parametrize("version", ["6.5", "5.2"])
def test_a_ticket_is_found_by_its_whole_number(zammad_port: Port, version: str) -> None:
    with desk(zammad_port, version=version) as made:
        made.importing()
        ticket_id = made.ticket("4711")
        made.ticket("47110")
        found = tickets.by_number(made.zammad, "4711")
        assert found is not None
        assert found["id"] == ticket_id
        assert tickets.by_number(made.zammad, "471") is None


@pytest.mark.parametrize("version", ["6.5", "5.2"])
def test_tickets_of_a_customer_are_listed(zammad_port: Port, version: str) -> None:
    with desk(zammad_port, version=version) as made:
        made.importing()
        customer = made.user("customer-1@example.org")
        ids = [made.ticket(number, customer_id=customer) for number in ("11", "12")]
        made.ticket("13")
        assert sorted(tickets.of_customer(made.zammad, customer)) == ids
        assert tickets.of_customer(made.zammad, 3) == []


def test_a_ticket_is_read_with_names(zammad_desk: Desk) -> None:
    ticket_id = zammad_desk.ticket("21")
    row = tickets.read(zammad_desk.zammad, ticket_id)
    assert (row["group"], row["state"]) == ("Users", "new")
