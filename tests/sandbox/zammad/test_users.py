from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.zammad.support import PAST, PAST_SHOWN, Client, running


def test_a_taken_login_gets_a_number_in_import_mode(importing: Client) -> None:
    assert importing.user("c", email="C@example.org")["email"] == "C@example.org"
    assert importing.user("c", email="c@example.org")["login"] == "c1"


def test_emails_are_unique_outside_import_mode(zammad: Client) -> None:
    zammad.user("c", email="C@example.org")
    zammad.user("d", email="c@EXAMPLE.org", status=422)
    zammad.set(user_email_multiple_use=True)
    zammad.user("d", email="c@EXAMPLE.org")


def test_users_are_found_by_email_through_from_and_by_condition(importing: Client) -> None:
    user = importing.user("c", email="Mixed@Example.org")
    me = importing.call("GET", "/users/me", headers={"From": "mixed@example.org"})
    condition = {"user.email": {"operator": "is", "value": "mixed@example.org"}}
    found = importing.call("POST", "/users/search", {"condition": condition}, status=200)
    assert me["id"] == user["id"]
    assert [row["id"] for row in found] == [user["id"]]


def test_updated_at_sticks_only_without_associations(importing: Client) -> None:
    user = importing.user("c", updated_at=PAST)
    path = f"/users/{user['id']}"
    assert user["updated_at"] != PAST_SHOWN
    assert importing.call("PUT", path, {"updated_at": PAST})["updated_at"] == PAST_SHOWN
    with_roles = {"updated_at": PAST, "role_ids": [3]}
    assert importing.call("PUT", path, with_roles)["updated_at"] != PAST_SHOWN


def test_groups_of_an_inactive_agent_come_back_with_him(importing: Client) -> None:
    user = importing.user("a", roles=["Agent"], group_ids={"1": ["full"]}, active=False)
    assert user["group_ids"] == {}
    again = importing.call("PUT", f"/users/{user['id']}", {"active": True})
    assert again["group_ids"] == {"1": ["full"]}


def test_the_agent_limit_is_respected(importing: Client) -> None:
    importing.fake.state.settings.write("system_agent_limit", 1)
    importing.user("a", roles=["Agent"], status=422)
    importing.user("c")


def test_a_domain_assigns_new_users_to_its_organization(importing: Client) -> None:
    fields = {"name": "Acme", "domain": "acme.example", "domain_assignment": True}
    organization = importing.call("POST", "/organizations", fields)
    assert importing.user("c", email="c@acme.example")["organization_id"] == organization["id"]
    off = {"domain_assignment": False}
    importing.call("PUT", f"/organizations/{organization['id']}", off)
    assert importing.user("d", email="d@acme.example")["organization_id"] is None


@pytest.mark.parametrize("hold", ["ticket", "article", "group"])
def test_a_user_who_is_referred_to_cannot_be_deleted(importing: Client, hold: str) -> None:
    user = importing.user("a", roles=["Agent"])
    ticket: dict[str, Any] = {}
    if hold == "ticket":
        ticket = importing.ticket(customer_id=user["id"])
    elif hold == "article":
        ticket = importing.ticket(article={"body": "x", "origin_by_id": user["id"]})
    else:
        importing.call("PUT", f"/users/{user['id']}", {"group_ids": {"1": ["full"]}})
    path = f"/users/{user['id']}"
    importing.call("DELETE", path, status=422)
    if ticket:
        importing.call("DELETE", f"/tickets/{ticket['id']}")
    else:
        importing.call("PUT", path, {"group_ids": {}})
    importing.call("DELETE", path)
    importing.call("GET", path, status=404)


def test_a_restricted_token_may_not_do_what_its_user_may(zammad: Client) -> None:
    zammad.fake.state.token_permissions["sandbox-token"] = {"ticket.agent"}
    zammad.call("GET", "/settings", status=403)
    zammad.ticket()


def test_an_agent_sees_no_settings_and_impersonates_nobody(zammad: Client) -> None:
    agent = zammad.user("a", roles=["Agent"])
    zammad.fake.state.tokens["agents-token"] = agent["id"]
    own = {"Authorization": "Token token=agents-token"}
    zammad.call("GET", "/settings", status=403, headers=own)
    zammad.call("GET", "/users/me", status=403, headers={**own, "From": "3"})


def test_settings_of_the_hosted_product_are_out_of_reach() -> None:
    with running(hosted=True) as zammad:
        names = {row["name"] for row in zammad.call("GET", "/settings")}
        identifier = zammad.fake.state.settings.by_name["es_url"]["id"]
        body = {"state_current": {"value": "x"}}
        zammad.call("PUT", f"/settings/{identifier}", body, status=403)
        zammad.set(import_mode=True)
    assert "import_mode" in names
    assert "es_url" not in names
