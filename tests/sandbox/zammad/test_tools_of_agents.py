"""Macros, text modules, calendars, SLAs, overviews and checklists beyond the transcripts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.zammad.support import PAST, PAST_SHOWN, Client, in_process

OPEN = {"active": True, "timeframes": [["09:00", "17:00"]]}
CLOSED = {"active": False, "timeframes": [["09:00", "17:00"]]}
CLOSE = {"ticket.state_id": {"value": "4"}}


@pytest.fixture
def client() -> Client:
    return in_process()


def calendar(client: Client, name: str, status: int = 201, **fields: Any) -> Any:
    hours = {"mon": OPEN, **dict.fromkeys(("tue", "wed", "thu", "fri", "sat", "sun"), CLOSED)}
    body = {"name": name, "timezone": "UTC", "business_hours": hours, **fields}
    return client.call("POST", "/calendars", body, status=status)


def test_the_first_calendar_becomes_the_default_one_behind_the_answer(client: Client) -> None:
    assert calendar(client, "First")["default"] is False
    assert client.call("GET", "/calendars/1")["default"] is True
    calendar(client, "Second", default=True)
    assert client.call("GET", "/calendars/1")["default"] is False
    client.call("DELETE", "/calendars/2")
    assert client.call("GET", "/calendars/1")["default"] is True


def test_calendars_refuse_hours_that_end_before_they_begin(client: Client) -> None:
    hours = {"mon": {"active": True, "timeframes": [["17:00", "09:00"]]}}
    calendar(client, "Backwards", business_hours=hours, status=422)


def test_calendars_of_an_sla_stay(client: Client) -> None:
    calendar(client, "First")
    client.call("POST", "/slas", {"name": "Gold", "calendar_id": 1, "condition": {}})
    client.call("DELETE", "/calendars/1", status=422)


@pytest.mark.parametrize("part", ["body", "subject", "internal"])
def test_notes_of_macros_need_all_their_parts(client: Client, part: str) -> None:
    note = {"body": "done", "subject": "closed", "internal": "true", part: ""}
    body = {"name": "Note", "perform": {**CLOSE, "article.note": note}}
    client.call("POST", "/macros", body, status=422)


def test_macros_are_updated_and_deleted_and_keep_their_past_in_import_mode(
    client: Client,
) -> None:
    client.set(import_mode=True)
    body = {"name": "Close it", "perform": CLOSE, "created_at": PAST}
    made = client.call("POST", "/macros", body)
    assert made["created_at"] == PAST_SHOWN
    changed = client.call("PUT", f"/macros/{made['id']}", {"active": False})
    assert (changed["active"], changed["perform"]) == (False, CLOSE)
    client.call("DELETE", f"/macros/{made['id']}")
    client.call("GET", f"/macros/{made['id']}", status=404)


def test_plain_text_modules_become_html_and_remote_pictures_go(client: Client) -> None:
    plain = {"name": "Plain", "content": "a < b\n\nc", "active": True}
    made = client.call("POST", "/text_modules", plain)
    assert made["content"] == "<div>a &lt; b</div><div><br></div><div>c</div>"
    picture = '<b>x</b><img src="https://cdn.example.org/a.png">'
    rich = client.call("POST", "/text_modules", {"name": "Rich", "content": picture})
    assert rich["content"] == "<b>x</b>"
    client.call("POST", "/text_modules", {"name": "Empty", "content": " "}, status=422)


@pytest.mark.parametrize("path", ["calendars", "slas"])
def test_calendars_and_slas_are_for_administrators_of_them(path: str) -> None:
    client = in_process(token_permissions=("admin.group", "ticket.agent"))
    client.call("GET", f"/{path}", status=403)


@pytest.mark.parametrize("path", ["macros", "text_modules"])
def test_macros_and_text_modules_may_be_read_by_agents_and_written_by_administrators(
    path: str,
) -> None:
    client = in_process(token_permissions=("admin.group", "ticket.agent"))
    client.call("GET", f"/{path}")
    body = {"name": "x", "perform": CLOSE, "content": "x"}
    client.call("POST", f"/{path}", body, status=403)


def test_older_versions_have_no_checklists() -> None:
    client = in_process(version="5.2")
    client.call("POST", "/checklists", {"ticket_id": 1}, status=404)


def test_checklists_go_with_their_items(client: Client) -> None:
    client.call("POST", "/checklists", {"ticket_id": 1})
    client.call("POST", "/checklist_items", {"checklist_id": 1, "text": "first"})
    client.call("DELETE", "/checklist_items/1")
    assert client.call("GET", "/checklists/1")["item_ids"] == [2]
    client.call("DELETE", "/checklists/1")
    client.call("GET", "/checklist_items/2", status=404)
    client.call("POST", "/checklists", {"ticket_id": 1})


def test_overviews_with_one_name_get_different_addresses(client: Client) -> None:
    body = {"name": "VIP now!", "role_ids": [2]}
    links = [client.call("POST", "/overviews", body)["link"] for _ in range(2)]
    assert links == ["vip_now", "vip_now_1"]
