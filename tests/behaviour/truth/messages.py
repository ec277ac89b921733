"""Posts as articles: who wrote what to whom, when, with which files and pictures."""

from __future__ import annotations

import hashlib
from typing import Any

from runner.sandbox.data import Helpdesk
from tests.behaviour.truth import Truth, asides, bodies, mails, merged, source
from tests.behaviour.truth.source import Record

_TYPES = {
    "MAIL": "email",
    "HELPCENTER": "web",
    "NOTE": "note",
    "MESSENGER": "chat",
    "TWITTER": "twitter status",
    "FACEBOOK": "facebook feed post",
    "twitter_message": "twitter direct-message",
    "facebook_post_comment": "facebook feed comment",
    "facebook_message": "facebook direct-message",
}
_PUBLIC = {"MAIL", "HELPCENTER", "MESSENGER", "TWITTER", "FACEBOOK"}


def articles(helpdesk: Helpdesk, case: Record, truth: Truth) -> list[dict[str, Any]]:
    """Return what stands in a ticket, oldest first.

    A note on a profile is in the profile, what moved in a merger in the survivor alone.
    """
    survivor = merged.survivor(helpdesk, case)
    moved = {post["id"] for post in helpdesk.posts(survivor)} if survivor else set()
    posts = sorted(
        (
            post
            for post in helpdesk.posts(case["id"])
            if not _is_of_a_profile(post) and post["id"] not in moved
        ),
        key=lambda post: (source.moment(post["created_at"]), post["id"]),
    )
    if not posts:
        return [_empty(case)]
    found = [
        _article(helpdesk, case, post, truth) | mails.read(helpdesk, case, post) for post in posts
    ]
    mails.add_people_in_copy(helpdesk, case, found)
    beside = asides.articles(helpdesk, case)
    return sorted([*found, *beside], key=lambda article: str(article["created_at"]))


def _is_of_a_profile(post: Record) -> bool:
    address = (post["original"] or {}).get("resource_url", "")
    return "/users/" in address or "/organizations/" in address


def _empty(case: Record) -> dict[str, Any]:
    """Return the one article of a conversation in which nobody ever wrote."""
    return {
        "type": "note",
        "sender": "System",
        "origin_by": "-",
        "internal": True,
        "content_type": "text/plain",
        "text": "(no messages)",
        "pictures": [],
        "attachments": [],
        "created_at": source.moment(case["created_at"]),
        "from": [],
        "to": [],
        "cc": [],
        "subject": "",
        "message_id": f"<kayako-case-{case['id']}-no-posts@{mails.HOST}>",
        "in_reply_to": None,
    }


def _article(helpdesk: Helpdesk, case: Record, post: Record, truth: Truth) -> dict[str, Any]:
    channel = (post["source_channel"] or {}).get("type")
    original = post["original"] or {}
    by = post["creator"]
    if by and by["resource_type"] == "user" and by["id"] not in helpdesk.users:
        truth.losses.add(("tickets", str(case["id"]), "origin_by"))
    files, missing = _files(helpdesk, post)
    body = bodies.of(helpdesk, post, missing)
    if missing:
        truth.losses.add(("tickets", str(case["id"]), "attachments"))
    if body.lost:
        truth.losses.add(("tickets", str(case["id"]), "body"))
    return {
        "type": _TYPES.get(original.get("resource_type"), _TYPES.get(channel or "", "note")),
        "sender": _sender(helpdesk, case, by),
        "origin_by": _author(helpdesk, by),
        "internal": channel not in _PUBLIC,
        "content_type": "text/html" if body.is_html else "text/plain",
        "text": body.text,
        "pictures": body.pictures,
        "attachments": files,
        "created_at": source.moment(post["created_at"]),
        **_letter(helpdesk, case, post),
    }


def _sender(helpdesk: Helpdesk, case: Record, by: Record | None) -> str:
    if by is None or by["resource_type"] != "user":
        return "System"
    user = helpdesk.users.get(by["id"])
    if user is None:
        return "Customer" if by == case["requester"] else "Agent"
    return "Agent" if source.role(helpdesk, user) in source.STAFF else "Customer"


def _author(helpdesk: Helpdesk, by: Record | None) -> str:
    if by is None or by["resource_type"] != "user":
        return "-"
    return source.login(helpdesk, by["id"])


def _letter(helpdesk: Helpdesk, case: Record, post: Record) -> dict[str, Any]:
    """Return what stands on the envelope: names and addresses, each a pair."""
    original = post["original"] or {}
    is_mail = (post["source_channel"] or {}).get("type") == "MAIL"
    mailbox = _mailbox(helpdesk, post)
    asks = bool(post["is_requester"])
    author = _person(helpdesk, post["creator"], post["identity"])
    sender = (author[0], mailbox) if is_mail and mailbox and not asks else author
    people: dict[str, list[tuple[str, str]]] = {"TO": [], "CC": [], "BCC": []}
    for item in original.get("recipients") or []:
        identity = source.found(helpdesk, item["identity"])
        address = item.get("email") or (identity["email"] if identity else "")
        people[item["type"]].append((item["name"] or "", address.strip()))
    if is_mail and not people["TO"]:
        requester = _person(helpdesk, case["requester"])
        people["TO"] = [("", mailbox)] if asks and mailbox else [] if asks else [requester]
    return {
        "from": [sender] if any(sender) else [],
        "to": [one for one in people["TO"] if any(one)],
        "cc": people["CC"],
        "subject": (source.words(case["subject"]) or "(no subject)") if is_mail else "",
    }


def _mailbox(helpdesk: Helpdesk, post: Record) -> str:
    """Return the address that a message came in through, or else that of its channel."""
    account = (post["source_channel"] or {}).get("account") or {}
    through = account if account.get("resource_type") == "mailbox" else None
    record = source.found(helpdesk, (post["original"] or {}).get("mailbox") or through)
    return str(record["address"]) if record else ""


def _person(
    helpdesk: Helpdesk, who: Record | None, wrote_from: Record | None = None
) -> tuple[str, str]:
    """Return name and address of a user who is there: the address that was used, or the first."""
    user = helpdesk.users.get(who["id"]) if who and who["resource_type"] == "user" else None
    if user is None:
        other = helpdesk.find(who["resource_type"], who["id"]) if who else None
        return (other or {}).get("title", ""), ""
    identity = source.found(helpdesk, wrote_from)
    if identity:
        return source.words(user["full_name"]), identity["email"].strip()
    addresses = source.emails(helpdesk, user)
    return source.words(user["full_name"]), addresses[0] if addresses else ""


def _files(helpdesk: Helpdesk, post: Record) -> tuple[list[tuple[str, str]], list[str]]:
    """Return name and sha256 of a post's files, and the names of those that are gone."""
    there, gone = [], []
    for record in post["attachments"]:
        path = record["resource_url"].partition("/api/v1/")[2]
        file = helpdesk.find_file(path)
        if file is None:
            gone.append(record["name"])
        else:
            there.append((file.name, hashlib.sha256(file.content).hexdigest()))
    return there, gone
