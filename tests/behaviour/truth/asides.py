"""What hangs beside a conversation, as internal articles: mails with others, words of a rating."""

from __future__ import annotations

import hashlib
from typing import Any

from runner.sandbox.data import Helpdesk
from tests.behaviour.truth import mails, source
from tests.behaviour.truth.source import Record


def articles(helpdesk: Helpdesk, case: Record) -> list[dict[str, Any]]:
    """Return the articles of side conversations and of ratings with words."""
    found = [
        _side(helpdesk, one, message)
        for one in helpdesk.sides.side_conversations.get(case["id"], [])
        for message in helpdesk.sides.side_messages[one["id"]]
    ]
    ratings = helpdesk.table("rating").values()
    return found + [
        _rating(helpdesk, rating)
        for rating in ratings
        if rating["case"]["id"] == case["id"] and rating["comment"]
    ]


def _side(helpdesk: Helpdesk, conversation: Record, message: Record) -> dict[str, Any]:
    by = helpdesk.users.get(message["creator"]["id"]) if message["creator"] else None
    writer = (message["fullname"] or "", message["email"] or "")
    if by is not None:
        writer = (by["full_name"], source.emails(helpdesk, by)[0])
    return {
        "type": "note",
        "sender": "Agent" if by else "System",
        "origin_by": source.login(helpdesk, by["id"]) if by else "-",
        "internal": True,
        "content_type": "text/html",
        "text": "".join(message["body_text"].split()),
        "pictures": [],
        "attachments": [_file(helpdesk, record) for record in message["attachments"]],
        "created_at": source.moment(message["created_at"]),
        "from": [writer],
        "to": [("", item["email"]) for item in message["recipients"]],
        "cc": [],
        "subject": f"Side conversation: {conversation['subject']}",
        "message_id": f"<kayako-post-side-{message['id']}@{mails.HOST}>",
        "in_reply_to": None,
    }


def _file(helpdesk: Helpdesk, record: Record) -> tuple[str, str]:
    file = helpdesk.files[record["resource_url"].partition("/api/v1/")[2]]
    return file.name, hashlib.sha256(file.content).hexdigest()


def _rating(helpdesk: Helpdesk, rating: Record) -> dict[str, Any]:
    by = helpdesk.users[rating["creator"]["id"]]
    return {
        "type": "note",
        "sender": "Customer",
        "origin_by": source.login(helpdesk, by["id"]),
        "internal": True,
        "content_type": "text/plain",
        "text": f"Rated {rating['score']}: {rating['comment']}",
        "pictures": [],
        "attachments": [],
        "created_at": source.moment(rating["created_at"]),
        "from": [(by["full_name"], source.emails(helpdesk, by)[0])],
        "to": [],
        "cc": [],
        "subject": "",
        "message_id": f"<kayako-post-rating-{rating['id']}@{mails.HOST}>",
        "in_reply_to": None,
    }
