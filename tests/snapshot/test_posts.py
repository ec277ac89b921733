from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runner.snapshot import posts
from runner.snapshot.writing import StoredFile
from tests.snapshot.support import case, email, filled, post, reference, user

AGENT = user(3, full_name="Agent 3", emails=[email(3, "agent-3@example.com", primary=True)])
MAILBOX = "support@example.com"


def expanded(tmp_path: Path, *found: dict[str, Any], files: Any = ()) -> list[dict[str, Any]]:
    snapshot, writer = filled(tmp_path, users=[user(), AGENT], cases=[case()])
    writer.thread(1, writer.header(1), list(found), list(files), missing=0)
    result = snapshot.posts(1)
    snapshot.close()
    return result


def agents(**changes: Any) -> dict[str, Any]:
    return post(creator=reference("user", 3), identity=None, is_requester=False, **changes)


def with_original(**changes: Any) -> dict[str, Any]:
    return {**post()["original"], **changes}


def test_the_requesters_mail_comes_from_them_and_goes_to_the_mailbox(tmp_path: Path) -> None:
    (found,) = expanded(tmp_path, post())
    assert found["from"] == "Customer 7 <customer-7@example.org>"
    assert found["to"] == [MAILBOX]
    assert found["cc"] == []
    assert found["mailbox"] == MAILBOX


def test_an_agents_mail_comes_from_the_mailbox_and_goes_to_the_requester(tmp_path: Path) -> None:
    (found,) = expanded(tmp_path, agents())
    assert found["from"] == f"Agent 3 <{MAILBOX}>"
    assert found["to"] == ["Customer 7 <customer-7@example.org>"]


def test_listed_recipients_win(tmp_path: Path) -> None:
    recipients = [
        {"type": "TO", "name": "Buyer, Customer 8", "email": "customer-8@example.org"},
        {"type": "CC", "identity": email(9, "customer-9@example.org")},
        {"type": "BCC", "email": "hidden@example.org"},
        {"type": "CC", "identity": reference("identity_email", 404)},
    ]
    (found,) = expanded(tmp_path, agents(original=with_original(recipients=recipients)))
    assert found["to"] == ['"Buyer, Customer 8" <customer-8@example.org>']
    assert found["cc"] == ["customer-9@example.org"]
    assert found["bcc"] == ["hidden@example.org"]


def test_a_note_goes_to_nobody(tmp_path: Path) -> None:
    channel = {"uuid": "c-2", "type": "NOTE", "resource_type": "channel"}
    original = {"id": 1, "resource_type": "note", "body_text": "x", "body_html": None}
    (found,) = expanded(tmp_path, agents(source_channel=channel, original=original))
    assert found["from"] == "Agent 3 <agent-3@example.com>"
    assert found["to"] == found["cc"] == []
    assert found["mailbox"] is None


def test_a_post_of_the_system_has_no_author(tmp_path: Path) -> None:
    nobody = post(creator=None, identity=None, source_channel=None, original=None)
    (found,) = expanded(tmp_path, nobody)
    assert found["creator"] is None
    assert found["from"] is None
    assert found["original"]["body_html"] is None
    assert found["original"]["resource_type"] is None


def test_posts_come_oldest_first_each_once(tmp_path: Path) -> None:
    later = "2021-08-27T10:50:00+00:00"
    found = expanded(
        tmp_path,
        post(12, created_at=later),
        post(100),
        post(9),
        post(9),
        post(11, created_at="2021-08-27T12:49:55+02:00"),
    )
    assert [item["id"] for item in found] == [11, 9, 100, 12]


def test_a_note_that_stands_in_the_timeline_twice_comes_once(tmp_path: Path) -> None:
    note = with_original(resource_url="https://kayako.example/api/v1/users/7/notes/3")
    found = expanded(tmp_path, post(11, original=note), post(12, original=note))
    assert [item["id"] for item in found] == [11]


def attachment(identifier: int, parent: str = "notes/3") -> dict[str, Any]:
    path = f"https://kayako.example/api/v1/cases/1/{parent}/attachments/{identifier}"
    return {
        "id": identifier,
        "name": "a.txt",
        "size": 3,
        "type": "text/plain",
        "url_download": f"{path}/download",
        "resource_url": path,
    }


def test_each_attachment_comes_once_though_kayako_sends_it_twice(tmp_path: Path) -> None:
    item = attachment(1)
    key = "/api/v1/cases/1/notes/3/attachments/1"
    (found,) = expanded(
        tmp_path,
        post(
            attachments=[item], original=with_original(attachments=[item, attachment(1, "notes/4")])
        ),
        files=[StoredFile(key, "ab" * 32, 3, None)],
    )
    first, second = found["attachments"]
    assert (first["key"], first["sha256"], first["error"]) == (key, "ab" * 32, None)
    assert second["sha256"] is None
    assert second["error"] == "not read"


def test_images_of_kayako_are_found_in_html_only(tmp_path: Path) -> None:
    html = (
        '<p><IMG alt=x src="https://kayako.example/media/url/a%2Fb?x=1&amp;y=2">'
        "<img src='/media/url/c'><img src='https://cdn.example/d.png'>"
        '<img src="cid:5"><img></p>'
    )
    key = "/media/url/a%2Fb?x=1&y=2"
    (found,) = expanded(
        tmp_path,
        post(original=with_original(body_html=html)),
        files=[StoredFile(key, "cd" * 32, 1, None)],
    )
    assert found["images"] == {
        "https://kayako.example/media/url/a%2Fb?x=1&y=2": "cd" * 32,
        "/media/url/c": None,
    }


SAME = [
    {"updated_at": "2022-01-01T00:00:00+00:00"},
    {"post_status": "SEEN"},
    {"creator": {**user(), "full_name": "Renamed"}},
    {"created_at": "2021-08-27T12:49:56+02:00"},
    {"original": with_original(updated_at="2022-01-01T00:00:00+00:00")},
]
OTHER = [
    {"contents": "Edited"},
    {"original": with_original(body_html="<p>Edited</p>")},
    {"attachments": [attachment(1)]},
    {"creator": reference("user", 3)},
    {"creator": reference("trigger", 7)},
    {"created_at": "2021-08-27T10:49:57+00:00"},
    {"source_channel": None},
]


@pytest.mark.parametrize(
    ("changes", "same"), [*[(c, True) for c in SAME], *[(c, False) for c in OTHER]]
)
def test_the_digest_tells_content_from_circumstance(
    tmp_path: Path, changes: dict[str, Any], *, same: bool
) -> None:
    (before,) = expanded(tmp_path / "before", post())
    (after,) = expanded(tmp_path / "after", post(**changes))
    assert (before["digest"] == after["digest"]) is same


def test_the_digest_does_not_depend_on_the_name_of_the_host() -> None:
    html = '<img src="https://{}/media/url/a">'
    one, two = (
        post(original=with_original(body_html=html.format(host)))
        for host in ("a.example", "b.example:8080")
    )
    assert posts.digest(one, "MAIL") == posts.digest(two, "MAIL")
