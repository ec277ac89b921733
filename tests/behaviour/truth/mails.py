"""Original mails, and the people in copy of a conversation."""

from __future__ import annotations

from email import message_from_string, policy
from email.utils import getaddresses
from typing import Any

from runner.sandbox.data import Helpdesk
from tests.behaviour.truth import source
from tests.behaviour.truth.source import Record

HOST = "127.0.0.1"
"""Under which the sandbox's Kayako is asked, so that our own message ids end in it."""


def read(helpdesk: Helpdesk, case: Record, post: Record) -> dict[str, Any]:
    """Return the ids of an article, and whom the mail behind it names where there is one.

    Mails of conversations that are over for long are not read: the hard cases have none that
    ended within the last 60 days.
    """
    facts: dict[str, Any] = {
        "message_id": f"<kayako-post-{post['id']}@{HOST}>",
        "in_reply_to": None,
    }
    if not _is_inbound(post) or _is_over(helpdesk, case):
        return facts
    facts["message_id"] = f"<mail-{post['id']}@customers.example>"
    kept = helpdesk.sides.mails.get(post["id"])
    if kept is None:
        return facts
    mail = message_from_string(kept["source_content"], policy=policy.default)
    return {
        "message_id": mail["Message-ID"],
        "in_reply_to": mail["In-Reply-To"],
        "to": getaddresses([str(mail["To"])]),
        "cc": getaddresses([str(mail["Cc"])]),
    }


def _is_inbound(post: Record) -> bool:
    channel = (post["source_channel"] or {}).get("type")
    return channel == "MAIL" and bool(post["is_requester"])


def _is_over(helpdesk: Helpdesk, case: Record) -> bool:
    status = source.found(helpdesk, case["status"]) or {}
    return status.get("type") in {"COMPLETED", "CLOSED"}


def watchers(helpdesk: Helpdesk, case: Record) -> list[str]:
    """Return the logins of agents in copy: they watch the ticket."""
    return sorted(
        source.login(helpdesk, user["id"])
        for user in _in_copy(helpdesk, case)
        if source.role(helpdesk, user) in source.STAFF
    )


def add_people_in_copy(helpdesk: Helpdesk, case: Record, articles: list[dict[str, Any]]) -> None:
    """Put customers in copy whom no mail names into the cc of the first message."""
    named = {
        address.casefold()
        for article in articles
        for name in ("from", "to", "cc")
        for _, address in article[name]
    }
    others = [
        (source.words(user["full_name"]), address)
        for user in _in_copy(helpdesk, case)
        if source.role(helpdesk, user) not in source.STAFF
        for address in source.emails(helpdesk, user)[:1]
        if address.casefold() not in named
    ]
    if others:
        first = next(article for article in articles if article["type"] != "note")
        first["cc"] = [*first["cc"], *others]


def _in_copy(helpdesk: Helpdesk, case: Record) -> list[Record]:
    numbers = helpdesk.sides.participants.get(case["id"], [])
    return [helpdesk.users[number] for number in numbers]
