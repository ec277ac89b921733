from __future__ import annotations

import base64

import pytest

from tests.sandbox.zammad.support import Client

PIXEL = base64.b64encode(b"\x89PNG not really").decode()


def test_a_refused_article_leaves_no_ticket(importing: Client) -> None:
    before = len(importing.fake.tables.tickets)
    importing.ticket(number="77", article={"body": ""}, status=422)
    importing.ticket(number="77", tags="a*b", status=422)
    importing.ticket(number="77", article={"body": "x", "time_unit": "5"}, status=403)
    assert len(importing.fake.tables.tickets) == before
    assert importing.ticket(number="77")["number"] == "77"


def test_a_refused_time_leaves_its_article_behind(importing: Client) -> None:
    ticket = importing.ticket()
    body = {"ticket_id": ticket["id"], "body": "timed", "time_unit": "5"}
    importing.call("POST", "/ticket_articles", body, status=403)
    articles = importing.call("GET", f"/ticket_articles/by_ticket/{ticket['id']}")
    assert [article["body"] for article in articles] == ["x", "timed"]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"state": "pending reminder"}, 422),
        ({"state": "pending reminder", "pending_time": "2019-01-01T00:00:00Z"}, 201),
        ({"state": "merged"}, 422),
        ({"owner_id": 2}, 422),
        ({"owner_id": 3}, 201),
        ({"group": None, "group_id": 99}, 422),
        ({"customer": "nobody@example.org"}, 422),
    ],
)
def test_workflow_checks_hold_in_import_mode(
    importing: Client, fields: dict[str, object], status: int
) -> None:
    importing.ticket(status=status, **fields)


def test_an_inactive_group_takes_no_tickets(importing: Client) -> None:
    importing.call("PUT", "/groups/1", {"active": False})
    importing.ticket(status=422)


def test_who_lost_access_sees_no_ticket(importing: Client) -> None:
    ticket = importing.ticket()
    importing.call("PUT", "/users/3", {"group_ids": {}})
    importing.call("GET", f"/tickets/{ticket['id']}", status=403)
    assert importing.call("GET", "/tickets") == []


def test_a_freed_number_can_be_used_again(importing: Client) -> None:
    ticket = importing.ticket(number="4711")
    importing.ticket(number="4711", status=422)
    importing.call("DELETE", f"/tickets/{ticket['id']}")
    assert importing.ticket(number="4711")["id"] != ticket["id"]


def test_lists_never_exceed_their_maximum(importing: Client) -> None:
    for _ in range(101):
        importing.ticket()
    assert len(importing.call("GET", "/tickets?per_page=500")) == 100
    assert len(importing.call("GET", "/tickets?per_page=100&page=2")) == 2


def test_expanded_tickets_name_what_they_refer_to(importing: Client) -> None:
    ticket = importing.ticket(owner_id=3)
    found = importing.call("GET", f"/tickets/{ticket['id']}?expand=true")
    assert (found["group"], found["owner"], found["state"]) == ("Users", "admin@example.com", "new")


def test_inline_images_and_files_come_back_byte_for_byte(importing: Client) -> None:
    file = {"filename": "ü.bin", "mime-type": "application/x-test", "data": "AAEC"}
    image = f'<p>a<img src="data:image/png;base64,{PIXEL}"></p>'
    body = {"body": image, "content_type": "text/html", "attachments": [file]}
    ticket = importing.ticket(article=body)
    (article,) = importing.call("GET", f"/ticket_articles/by_ticket/{ticket['id']}")
    contents = {}
    for attachment in article["attachments"]:
        path = f"/ticket_attachment/{ticket['id']}/{article['id']}/{attachment['id']}"
        answer = importing.session.get(f"{importing.url}/api/v1{path}", timeout=5)
        contents[attachment["filename"]] = answer.content
        if attachment["preferences"].get("Content-Disposition") == "inline":
            assert f'src="/api/v1{path}?view=inline"' in article["body"]
    assert contents == {"ü.bin": b"\x00\x01\x02", "image1.png": b"\x89PNG not really"}


def test_equal_files_are_stored_once(importing: Client) -> None:
    file = {"filename": "a", "mime-type": "text/plain", "data": "YQ=="}
    importing.ticket(article={"body": "x", "attachments": [file, {**file, "filename": "b"}]})
    assert len(importing.fake.tables.files) == 1


def test_tables_show_articles_as_plain_rows(importing: Client) -> None:
    ticket = importing.ticket(article={"body": "x", "from": "c@example.org"})
    row = importing.fake.tables.articles[ticket["article_ids"][0]]
    assert (row["from"], row["ticket_id"], row["attachments"]) == (
        "c@example.org",
        ticket["id"],
        [],
    )


def test_an_accounted_time_can_be_changed_and_the_sum_follows(importing: Client) -> None:
    path = f"/tickets/{importing.ticket()['id']}"
    entry = importing.call("POST", f"{path}/time_accountings", {"time_unit": "5"})
    moment = "2019-03-03T10:00:00.000Z"
    changes = {"time_unit": 7.5, "created_at": moment, "updated_at": moment}
    row = importing.call("PUT", f"{path}/time_accountings/{entry['id']}", changes)
    assert (row["time_unit"], row["created_at"], row["updated_at"]) == ("7.5", moment, moment)
    assert importing.call("GET", path)["time_unit"] == "7.5"
    importing.call("PUT", f"{path}/time_accountings/999", changes, status=404)


def test_a_ticket_holds_less_than_ten_thousand_units(importing: Client) -> None:
    path = f"/tickets/{importing.ticket()['id']}/time_accountings"
    entry = importing.call("POST", path, {"time_unit": "9999.99"})
    importing.call("POST", path, {"time_unit": "0.01"}, status=422)
    importing.call("PUT", f"{path}/{entry['id']}", {"time_unit": "10000"}, status=422)
