from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import requests

from tests.sandbox.zammad.support import Client, running

TEXT = {
    "object": "Ticket",
    "name": "kayako_text",
    "display": "Text",
    "data_type": "input",
    "data_option": {"type": "text", "maxlength": 5},
}


def add_attribute(zammad: Client, **fields: object) -> None:
    zammad.call("POST", "/object_manager_attributes", {**TEXT, **fields})
    zammad.call("POST", "/object_manager_attributes_execute_migrations", {}, status=200)


def answers(zammad: Client) -> bool:
    try:
        zammad.call("GET", "/users/me")
    except requests.ConnectionError:
        return False
    return True


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_server_goes_down_and_comes_back_after_migrations() -> None:
    with running(auto_restart_seconds=0.3) as zammad:
        add_attribute(zammad)
        assert answers(zammad)
        wait_until(lambda: not answers(zammad))
        wait_until(lambda: answers(zammad))
        assert zammad.ticket(kayako_text="longer than five")["kayako_text"] == "longe"


def test_another_process_drops_new_values_until_a_restart() -> None:
    with running(version="5.2", workers=2) as zammad:
        add_attribute(zammad)
        seen = {zammad.ticket(kayako_text="a").get("kayako_text") for _ in range(2)}
        zammad.fake.restart()
        later = {zammad.ticket(kayako_text="a").get("kayako_text") for _ in range(2)}
    assert seen == {"a", None}
    assert later == {"a"}


def test_a_date_without_a_value_becomes_today_when_its_difference_is_zero(zammad: Client) -> None:
    option = {"future": True, "past": True, "diff": 0}
    add_attribute(zammad, name="kayako_day", data_type="date", data_option=option)
    add_attribute(
        zammad, name="kayako_date", data_type="date", data_option={**option, "diff": None}
    )
    ticket = zammad.ticket()
    assert ticket["kayako_day"] == ticket["created_at"][:10]
    assert ticket["kayako_date"] is None


def test_a_removed_attribute_takes_its_values_along(zammad: Client) -> None:
    add_attribute(zammad)
    ticket = zammad.ticket(kayako_text="a")
    rows = zammad.call("GET", "/object_manager_attributes")
    (own,) = [row for row in rows if row["name"] == "kayako_text"]
    zammad.call("DELETE", f"/object_manager_attributes/{own['id']}")
    zammad.call("POST", "/object_manager_attributes_execute_migrations", {}, status=200)
    assert "kayako_text" not in zammad.call("GET", f"/tickets/{ticket['id']}")


def test_an_erasure_takes_the_user_and_his_tickets_after_a_while() -> None:
    with running(privacy_seconds=0.05) as zammad:
        zammad.set(import_mode=True)
        agent = zammad.user("a", roles=["Agent"], group_ids={"1": ["full"]})
        kept = zammad.ticket(
            owner_id=agent["id"], article={"body": "x", "origin_by_id": agent["id"]}
        )
        gone = zammad.ticket(customer_id=agent["id"])
        task = {"deletable_type": "User", "deletable_id": agent["id"]}
        asked = zammad.call("POST", "/data_privacy_tasks", task)
        zammad.call("POST", "/data_privacy_tasks", task, status=422)
        assert asked["state"] == "in process"
        time.sleep(0.06)
        done = zammad.call("GET", f"/data_privacy_tasks/{asked['id']}")
        zammad.call("GET", f"/users/{agent['id']}", status=404)
        zammad.call("GET", f"/tickets/{gone['id']}", status=404)
        owner = zammad.call("GET", f"/tickets/{kept['id']}")["owner_id"]
    assert (done["state"], owner) == ("completed", 1)


@pytest.mark.parametrize("target", [1, 3])
def test_the_system_and_oneself_cannot_be_erased(zammad: Client, target: int) -> None:
    task = {"deletable_type": "User", "deletable_id": target}
    zammad.call("POST", "/data_privacy_tasks", task, status=422)


def test_a_long_queue_is_not_healthy(zammad: Client) -> None:
    assert zammad.call("GET", "/monitoring/health_check")["healthy"]
    zammad.fake.state.background_jobs = 9000
    assert not zammad.call("GET", "/monitoring/health_check")["healthy"]


def test_errors_are_pages_without_an_accept_header(zammad: Client) -> None:
    url = f"{zammad.url}/api/v1/tickets/999"
    page = zammad.session.get(url, headers={"Accept": ""}, timeout=5)
    plain = zammad.session.get(url, headers={"Accept": "*/*"}, timeout=5)
    assert page.headers["content-type"].startswith("text/html")
    assert plain.json()["error"]


def test_a_broken_body_is_refused(zammad: Client) -> None:
    answer = zammad.session.post(f"{zammad.url}/api/v1/tickets", data="{", timeout=5)
    assert answer.status_code == 400


def test_a_group_is_deleted_only_when_nothing_needs_it(zammad: Client) -> None:
    group = zammad.call("POST", "/groups", {"name": "A"})
    inner = zammad.call("POST", "/groups", {"name": "A::B"})
    zammad.call("DELETE", f"/groups/{group['id']}", status=422)
    zammad.call("DELETE", f"/groups/{inner['id']}")
    zammad.call("PUT", "/users/3", {"group_ids": {"1": ["full"], str(group["id"]): ["full"]}})
    zammad.call("DELETE", f"/groups/{group['id']}", status=422)
    zammad.call("PUT", "/users/3", {"group_ids": {"1": ["full"]}})
    zammad.call("DELETE", f"/groups/{group['id']}")


def test_renaming_a_group_renames_those_inside(zammad: Client) -> None:
    group = zammad.call("POST", "/groups", {"name": "A"})
    inner = zammad.call("POST", "/groups", {"name": "A::B"})
    zammad.call("PUT", f"/groups/{group['id']}", {"name": "Z"})
    assert zammad.call("GET", f"/groups/{inner['id']}")["name"] == "Z::B"


def test_requests_are_logged_with_their_status(zammad: Client) -> None:
    zammad.call("GET", "/users/99", status=404)
    last = zammad.fake.requests[-1]
    assert (last.method, last.path, last.status) == ("GET", "/api/v1/users/99", 404)
