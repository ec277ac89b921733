"""Active triggers and schedulers, by name, and whom they write to."""

from __future__ import annotations

from typing import Any

import pytest

from runner.engine import automations
from runner.errors import Refused
from tests.zammad.support import Desk


def mail(recipient: Any) -> dict[str, Any]:
    return {"notification.email": {"recipient": recipient, "subject": "s", "body": "b"}}


def rule(desk: Desk, path: str, name: str, perform: dict[str, Any], **more: Any) -> int:
    condition = {"ticket.state_id": {"operator": "is", "value": ["1"]}}
    body = {"name": name, "condition": condition, "perform": perform, "active": True, **more}
    return int(desk.zammad.create(path, body)["id"])


def quiet(desk: Desk) -> None:
    for trigger in desk.fake.tables.triggers.values():
        trigger["active"] = False


def test_a_fresh_zammad_answers_customers_by_itself(zammad_desk: Desk) -> None:
    (row,) = automations.obstacles(zammad_desk.zammad)
    assert (row.kind, row.to_customers) == ("triggers", True)
    assert row.details[0] == "auto reply (on new tickets): mails the customer"


def test_what_writes_to_customers_is_told_apart(zammad_desk: Desk) -> None:
    quiet(zammad_desk)
    rule(zammad_desk, "/triggers", "Reply", mail(["ticket_owner", "ticket_customer"]))
    rule(zammad_desk, "/triggers", "Tell", mail("ticket_agents") | {"notification.webhook": {}})
    rule(zammad_desk, "/triggers", "Off", mail("ticket_customer"), active=False)
    rule(zammad_desk, "/jobs", "Nightly", {"ticket.state_id": {"value": "4"}})
    found = list(automations.obstacles(zammad_desk.zammad))
    assert [(row.kind, row.to_customers, row.details) for row in found] == [
        ("triggers", True, ("Reply: mails the owner, the customer",)),
        ("triggers", False, ("Tell: mails the group's agents; calls a webhook",)),
        ("jobs", False, ("Nightly: sets state_id",)),
    ]


def test_a_list_that_cannot_be_read_is_an_obstacle_too(
    zammad_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet(zammad_desk)
    pages = zammad_desk.zammad.pages

    def refused(path: str, **options: Any) -> Any:
        if path == "/jobs":
            raise Refused("no", status=403)
        return pages(path, **options)

    monkeypatch.setattr(zammad_desk.zammad, "pages", refused)
    (row,) = automations.obstacles(zammad_desk.zammad)
    assert (row.kind, row.text) == (
        "jobs",
        "schedulers cannot be read (403): look yourself which are active",
    )
