"""What a post was before Kayako made it one: mail, note, chat, tweet… (kayako-api.md §10, §11.3).

Facebook and Twitter messages, recipients and side conversations were never recorded: they follow
what Zammad's importer reads and what Kayako's own frontend sends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.sandbox.data.shapes.basics import dated, identifier, reference, typed, url

if TYPE_CHECKING:
    from runner.sandbox.data.table import Key, Record


def case_message(
    key: int,
    case_key: int,
    *,
    subject: str,
    text: str,
    html: str | None,
    creator: Record | None,
    created_at: str,
    identity: Record | None = None,
    **more: Any,
) -> Record:
    """A mail or a help center message."""
    return {
        "id": key,
        "uuid": identifier("message", key),
        "subject": subject,
        "body_text": text,
        "body_html": html,
        "recipients": [],
        "fullname": "",
        "email": None,
        "creator": creator,
        "identity": identity,
        "mailbox": None,
        "attachments": [],
        "download_all": None,
        "locale": None,
        "response_time": 0,
        **dated(created_at),
        **typed("case_message", f"cases/{case_key}/messages/{key}"),
        **more,
    }


def note(
    key: int,
    path: str,
    *,
    text: str,
    html: str | None,
    creator: Record | None,
    created_at: str,
    **more: Any,
) -> Record:
    """A note; ``path`` says whose: ``cases/3``, ``users/7`` or ``organizations/2``."""
    return {
        "id": key,
        "body_text": text,
        "body_html": html,
        "is_pinned": False,
        "pinned_by": None,
        "user": creator if creator and creator["resource_type"] == "user" else None,
        "creator": creator,
        "attachments": [],
        "download_all": None,
        **dated(created_at),
        **typed("note", f"{path}/notes/{key}"),
        **more,
    }


def chat_message(key: int, chat: int, *, text: str, sender: int, created_at: str) -> Record:
    """A line of the messenger: its text is in ``text`` alone, and nothing says when it changed."""
    return {
        "id": key,
        "from": reference("user_minimal", sender),
        "event": "message",
        "uuid": identifier("chat message", key),
        "text": text,
        "type": "",
        "attachments": [],
        "chat": reference("chat", chat),
        "created_at": created_at,
        **typed("chat_message", f"chats/{chat}/messages/{key}"),
    }


def tweet(
    key: str, *, screen_name: str, full_name: str, text: str, identity: int, created_at: str
) -> Record:
    """A tweet; its id is text."""
    return {
        "id": key,
        "uuid": identifier("tweet", key),
        "screen_name": screen_name,
        "full_name": full_name,
        "contents": text,
        "retweet_count": 0,
        "favorite_count": 0,
        "in_reply_to_tweet": None,
        "in_reply_to_identity": None,
        "media": [],
        "attachments": [],
        "download_all": None,
        "identity": reference("identity_twitter", identity),
        **dated(created_at),
        **typed("twitter_tweet", f"twitter/tweets/{key}"),
    }


def social_message(
    resource_type: str, key: str, *, text: str, recipient: Record | None, created_at: str
) -> Record:
    """A ``twitter_message``, ``facebook_message``, ``facebook_post`` or ``…_comment``."""
    path = resource_type.replace("_", "/", 1).replace("_", "-") + "s"
    return {
        "id": key,
        "uuid": identifier(resource_type, key),
        "contents": text,
        "recipient": recipient,
        "attachments": [],
        "download_all": None,
        **dated(created_at),
        **typed(resource_type, f"{path}/{key}"),
    }


def activity(key: int, *, summary: str, verb: str, created_at: str, **more: Any) -> Record:
    """A line of a case's history."""
    return {
        "id": key,
        "activity": "update_case",
        "actor": {"name": "user", "title": "Agent", "prefix": "", "url": ""},
        "verb": verb,
        "summary": summary,
        "actions": [],
        "weight": 0.7,
        "ip_address": None,
        "created_at": created_at,
        **typed("activity", f"activities/{key}"),
        **more,
    }


def recipient(
    kind: str, name: str | None, *, identity: int | None = None, email: str | None = None
) -> Record:
    """Somebody in To or Cc, by identity or by bare address."""
    record: Record = {"identity": reference("identity_email", identity), "name": name, "type": kind}
    if email is not None:
        record["email"] = email
    return {**record, "resource_type": "message_recipient"}


def attachment(
    key: int, parent: str, *, name: str, size: int, kind: str, created_at: str, **more: Any
) -> Record:
    """A file; ``parent`` is the path of its note or message, the id counts within it (§12)."""
    path = f"{parent}/attachments/{key}"
    return {
        "id": key,
        "name": name,
        "size": size,
        "width": 0,
        "height": 0,
        "type": kind,
        "content_id": None,
        "alt": None,
        "url": url(f"{path}/url"),
        "url_download": url(f"{path}/download"),
        "thumbnails": [],
        "created_at": created_at,
        **typed("attachment", path),
        **more,
    }


def email_original(post: Record, *, sender: str, to: str, source: str) -> Record:
    """The raw mail behind an inbound post; ``source`` holds its header and body (§11.4)."""
    original = post["original"]
    return {
        "id": post["id"],
        "subject": original["subject"],
        "from": sender,
        "to": to,
        "received_at": post["created_at"],
        "html_content": original["body_html"],
        "striped_html": original["body_html"],
        "source_content": source,
        **typed("email_original", f"cases/posts/{post['id']}/email_original"),
    }


def side_conversation(
    key: int, case_key: int, *, subject: str, creator: int, created_at: str
) -> Record:
    """A mail exchange with others beside a case."""
    return {
        "id": key,
        "subject": subject,
        "status": "OPEN",
        "case": reference("case", case_key),
        "creator": reference("user", creator),
        "message_count": 0,
        **dated(created_at),
        **typed("side_conversation", f"side-conversations/{key}"),
    }


def channel_account(resource_type: str, key: Key, name: str) -> Record:
    """A Twitter account or Facebook page through which posts came."""
    return {
        "id": key,
        "uuid": identifier(resource_type, key),
        "title": name,
        "screen_name": name,
        "is_enabled": True,
        **typed(resource_type),
    }
