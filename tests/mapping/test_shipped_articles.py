"""The shipped mapping of posts: channels, senders, bodies."""

from __future__ import annotations

from typing import Any

import pytest

from runner.mapping import Mappings, Reference, transform
from runner.mapping.model import NOBODY
from tests.mapping.support import GO_LIVE, MOMENT, case, person, post, shipped


@pytest.fixture(scope="module")
def mappings() -> Mappings:
    return shipped()


def article(mappings: Mappings, *of: Any, **changes: Any) -> dict[str, Any]:
    outcome = transform(mappings, "articles", post(*of, **changes), parent=case(), go_live=GO_LIVE)
    assert not outcome.failures
    return outcome.payload


def test_an_ordinary_mail(mappings: Mappings) -> None:
    assert article(mappings) == {
        "type": "email",
        "sender": "Customer",
        "origin_by": Reference("users", "17"),
        "internal": False,
        "from": "Customer 17 <customer-17@example.org>",
        "to": "support@acme.example",
        "subject": "Where is my order?",
        "body": "<p>Hello</p>",
        "content_type": "text/html",
        "created_at": MOMENT,
        "updated_at": MOMENT,
    }


@pytest.mark.parametrize(
    ("channel", "kind", "expected", "internal"),
    [
        ("MAIL", "case_message", "email", False),
        ("MAIL", None, "email", False),
        ("HELPCENTER", "case_message", "web", False),
        ("NOTE", "note", "note", True),
        ("MESSENGER", "chat_message", "chat", False),
        ("MESSENGER", "case_message", "chat", False),
        ("TWITTER", "twitter_tweet", "twitter status", False),
        ("TWITTER", "twitter_message", "twitter direct-message", False),
        ("FACEBOOK", "facebook_post", "facebook feed post", False),
        ("FACEBOOK", "facebook_post_comment", "facebook feed comment", False),
        ("FACEBOOK", "facebook_message", "facebook direct-message", False),
        ("CARRIER_PIGEON", "letter", "note", True),
        (None, "note", "note", True),
        (None, None, "note", True),
    ],
)
def test_channels_become_article_types(
    mappings: Mappings, channel: str | None, kind: str | None, expected: str, *, internal: bool
) -> None:
    payload = article(mappings, channel, kind)
    assert (payload["type"], payload["internal"]) == (expected, internal)
    assert ("subject" in payload) == (channel == "MAIL")


@pytest.mark.parametrize(
    ("creator", "by_requester", "expected"),
    [
        (person(1, "OWNER"), False, "Agent"),
        (person(1, "ADMIN"), False, "Agent"),
        (person(1, "AGENT"), True, "Agent"),
        (person(1, "COLLABORATOR"), False, "Agent"),
        (person(1, "CUSTOMER"), False, "Customer"),
        (person(1, None, known=False), True, "Customer"),
        (person(1, None, known=False), False, "Agent"),
        (person(7, None, type="trigger", known=False), False, "System"),
        (person(7, None, type="monitor", known=False), False, "System"),
        (None, False, "System"),
    ],
)
def test_the_sender_is_who_wrote_it(
    mappings: Mappings, creator: Any, expected: str, *, by_requester: bool
) -> None:
    payload = article(mappings, creator=creator, is_requester=by_requester)
    assert payload["sender"] == expected
    if expected == "System":
        assert payload["origin_by"] == Reference("users", name=NOBODY)
    else:
        assert payload["origin_by"].placeholder == (not creator["known"])


@pytest.mark.parametrize(
    ("original", "contents", "body", "content_type"),
    [
        ({"body_html": "<b>a</b>", "body_text": "a"}, "a", "<b>a</b>", "text/html"),
        ({"body_text": "1 < 2 & 3"}, "x", "1 < 2 & 3", "text/plain"),
        ({"body_html": "<p> </p>", "body_text": "<a>"}, "x", "<a>", "text/plain"),
        ({"text": "chat"}, "x", "chat", "text/plain"),
        ({"contents": "tweet"}, "x", "tweet", "text/plain"),
        ({}, "plain", "plain", "text/plain"),
        ({}, " ", "(no content)", "text/plain"),
    ],
)
def test_the_first_body_that_shows_anything_is_taken_and_text_stays_text(
    mappings: Mappings, original: Any, contents: str, body: str, content_type: str
) -> None:
    payload = article(mappings, original=original, contents=contents)
    assert (payload["body"], payload["content_type"]) == (body, content_type)


def test_activities_are_left_out(mappings: Mappings) -> None:
    outcome = transform(mappings, "articles", post(None, "activity"), go_live=GO_LIVE)
    assert outcome.skip


def test_every_mail_has_a_subject(mappings: Mappings) -> None:
    assert article(mappings, subject=None)["subject"] == "Where is my order?"


def test_attachments_pass_as_they_are(mappings: Mappings) -> None:
    attachments = [{"name": "a.pdf", "type": "application/pdf", "size": 1, "sha256": "f" * 64}]
    assert article(mappings, attachments=attachments)["attachments"] == attachments


def test_who_is_in_copy_and_in_no_mail_comes_after_the_mails_own(mappings: Mappings) -> None:
    both = article(mappings, cc=["a@example.org"], copied=["B <b@example.org>"])
    assert both["cc"] == "a@example.org, B <b@example.org>"
    chat = article(mappings, "MESSENGER", "chat_message", copied=["B <b@example.org>"])
    assert chat["cc"] == "B <b@example.org>"


def test_what_mail_systems_know_a_mail_by_is_carried_over(mappings: Mappings) -> None:
    known = article(mappings, original_message_id="<1@example.org>", in_reply_to="<0@example.org>")
    assert known["message_id"] == "<1@example.org>"
    assert known["in_reply_to"] == "<0@example.org>"
