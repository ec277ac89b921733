"""Expands posts: who wrote to whom, each attachment once, inline images, a digest of the content.

Recipients of mails were never recorded (kayako-api.md §10, message_recipient): ``email`` on the
recipient or on its identity are both read, and an empty list falls back to the requester for an
agent's mail and to the mailbox for the requester's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from runner.markup import Markup
from runner.snapshot.copied import STAFF
from runner.snapshot.expand import channel
from runner.snapshot.values import (
    Json,
    address,
    canonical,
    distinct,
    number,
    timestamp,
    with_timestamps,
)

if TYPE_CHECKING:
    from runner.snapshot.lookup import Lookup

FileOf = Callable[[str], tuple[str | None, str | None]]
"""From a file's key to its sha256 and the reason why it is missing."""

_ORIGINAL = (
    "resource_type",
    "id",
    "uuid",
    "subject",
    "contents",
    "text",
    "body_text",
    "body_html",
    "is_pinned",
    "screen_name",
    "full_name",
    "fullname",
    "email",
    "event",
    "resource_url",
)
_BODIES = ("contents", "text", "body_text", "body_html")
_PROFILE_NOTE = re.compile(r"/(users|organizations)/\d+/notes/")
_PUBLIC_IMAGE = "/media/url/"
_IMAGE_HOST = re.compile(r"https?://[^/\s\"'<>]+/media/url/")


def expand(
    stored: Json, case: Json, lookup: Lookup, file_of: FileOf, mail: Json | None = None
) -> Json:
    """Expand one post of an expanded ``case``; ``mail``: what its original mail's headers say."""
    source = channel(stored.get("source_channel"), lookup)
    mailbox = _mailbox(stored, lookup, source)
    record: Json = with_timestamps(stored)
    record |= {
        "creator": lookup.person(stored.get("creator")),
        "source_channel": source,
        "original": dict.fromkeys(_ORIGINAL) | (record.get("original") or {}),
        "mailbox": mailbox,
        "attachments": [attachment(item, file_of) for item in attachments(stored)],
        "images": {url: file_of(image_key(url))[0] for url in images(stored)},
        "created_at": timestamp(stored.get("created_at")),
        "updated_at": timestamp(stored.get("updated_at")),
        "digest": digest(stored, (source or {}).get("type")),
        "interleaved": is_interleaved(stored),
        "original_message_id": (mail or {}).get("message_id"),
        "in_reply_to": (mail or {}).get("in_reply_to"),
        "references": (mail or {}).get("references"),
    }
    for key in ("uuid", "subject", "contents", "side_conversation", "score"):
        record.setdefault(key, None)
    record["is_requester"] = bool(stored.get("is_requester"))
    found = _addresses(stored, record, case, lookup)
    for key in ("to", "cc"):
        found[key] = (mail or {}).get(key) or found[key]
    return record | found


def is_interleaved(stored: Json) -> bool:
    """Tell whether a post is a note on somebody's profile, shown in the timeline (§11.4)."""
    address_of = str((stored.get("original") or {}).get("resource_url") or "")
    return bool(_PROFILE_NOTE.search(path_of(address_of)))


def is_inbound_mail(stored: Json, lookup: Lookup) -> bool:
    """Tell whether a post came in as a mail, so that Kayako may have kept the mail itself."""
    if (stored.get("original") or {}).get("resource_type") != "case_message":
        return False
    channel_of = lookup.resolved(stored.get("source_channel")) or {}
    if channel_of.get("type") != "MAIL" and stored.get("source") != "MAIL":
        return False
    if stored.get("is_requester"):
        return True
    person = lookup.person(stored.get("creator"))
    return person is not None and person["type"] == "user" and person["role"] not in STAFF


def in_order(posts: list[Json]) -> list[Json]:
    """Return posts oldest first, each once.

    A note on a customer's profile may stand in a conversation's timeline too, more than once
    (kayako-api.md §11.4): the address of the note itself tells.
    """
    seen: set[str] = set()
    kept = []
    for post in sorted(posts, key=_age):
        marks = {f"post {post.get('id')}"}
        address_of = (post.get("original") or {}).get("resource_url")
        if address_of:
            marks.add(path_of(address_of))
        if not marks & seen:
            kept.append(post)
        seen |= marks
    return kept


def attachments(stored: Json) -> list[Json]:
    """Return a post's attachments, each once: Kayako sends them on the post and on its original."""
    original = stored.get("original") or {}
    once: dict[str, Json] = {}
    for item in [*(stored.get("attachments") or []), *(original.get("attachments") or [])]:
        if isinstance(item, dict):
            once.setdefault(attachment_key(item), item)
    return list(once.values())


def attachment_key(item: Json) -> str:
    """Return what names an attachment: its path, for ids repeat under other parents (§12)."""
    address_of = item.get("resource_url") or item.get("url_download") or item.get("url")
    if not address_of:
        return f"attachment {item.get('id')}"
    path = path_of(str(address_of))
    return path.removesuffix("/download").removesuffix("/url")


def image_key(url: str) -> str:
    """Return the key under which an inline image's file is kept: path and query on any host.

    Attachments that stand in the text share the attachment's own file.
    """
    path = path_of(url)
    if "/attachments/" in path:
        return path.removesuffix("/download").removesuffix("/url")
    query = urlsplit(url).query
    return f"{path}?{query}" if query else path


def images(stored: Json) -> list[str]:
    """Return the addresses of images in the post's HTML that live in Kayako, entities decoded."""
    return images_in(str((stored.get("original") or {}).get("body_html") or ""))


def images_in(html: str) -> list[str]:
    """Return the addresses of images in HTML that live in Kayako, entities decoded."""
    reader = _Images()
    reader.feed(html)
    reader.close()
    return list(dict.fromkeys(reader.found))


def path_of(url: str) -> str:
    """Return the path of an address; an address that cannot be read is its own path."""
    try:
        return urlsplit(url).path
    except ValueError:
        return url


def digest(stored: Json, channel_type: object) -> str:
    """Return sha256 over the content of this post alone: no names, no delivery state."""
    original = stored.get("original") or {}
    creator = stored.get("creator") or {}
    content = {
        "contents": _without_host(stored.get("contents")),
        "original": [_without_host(original.get(key)) for key in _BODIES],
        "attachments": sorted(
            [str(item.get("id")), str(item.get("name")), str(item.get("size"))]
            for item in attachments(stored)
        ),
        "creator": [creator.get("resource_type"), creator.get("id")],
        "channel": channel_type,
        "created_at": timestamp(stored.get("created_at")),
    }
    return hashlib.sha256(canonical(content).encode("utf-8", "surrogatepass")).hexdigest()


def _without_host(text: object) -> object:
    # The same picture is shown under whatever name the reader used for this Kayako.
    return _IMAGE_HOST.sub(_PUBLIC_IMAGE, text) if isinstance(text, str) else text


class _Images(Markup):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        source = next((value for key, value in attrs if key == "src"), None)
        if tag == "img" and source:
            path = path_of(source)
            if _PUBLIC_IMAGE in path or ("/api/v1/" in path and "/attachments/" in path):
                self.found.append(source)


def attachment(item: Json, file_of: FileOf) -> Json:
    """Expand an attachment of a post or article: its digest, or why it is missing."""
    key = attachment_key(item)
    sha256, error = file_of(key)
    return {
        "id": item.get("id"),
        "name": item.get("name"),
        "type": item.get("type"),
        "size": item.get("size"),
        "content_id": item.get("content_id"),
        "sha256": sha256,
        "error": error,
        "key": key,
    }


def _mailbox(stored: Json, lookup: Lookup, source: Json | None) -> str | None:
    found = lookup.resolved((stored.get("original") or {}).get("mailbox")) or {}
    if found.get("address"):
        return str(found["address"])
    account = (lookup.resolved(stored.get("source_channel")) or {}).get("account")
    if source and isinstance(account, dict) and account.get("resource_type") == "mailbox":
        return source["account"] or None
    return None


def _addresses(stored: Json, record: Json, case: Json, lookup: Lookup) -> Json:
    source = record["source_channel"] or {}
    is_mail = source.get("type") == "MAIL" or stored.get("destination_medium") == "MAIL"
    by_requester, mailbox = record["is_requester"], record["mailbox"]
    listed = _recipients(stored, lookup)
    to, cc = listed.get("TO", []), listed.get("CC", [])
    if is_mail and not to:
        requester = case.get("requester") or {}
        fallback = (
            mailbox if by_requester else address(requester.get("name"), requester.get("email"))
        )
        to = [fallback] if fallback else []
    person = record["creator"] or {}
    original = record["original"]
    own = (
        lookup.identity(stored.get("identity"))
        if (stored.get("identity") or {}).get("resource_type") == "identity_email"
        else None
    )
    mail = original.get("email") or own or person.get("email")
    if is_mail and not by_requester and mailbox:
        mail = mailbox
    name = person.get("name") or original.get("fullname") or original.get("full_name")
    return {
        "from": address(name, mail),
        "to": distinct(to),
        "cc": distinct(cc),
        "bcc": distinct(listed.get("BCC", [])),
    }


def _recipients(stored: Json, lookup: Lookup) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item in (stored.get("original") or {}).get("recipients") or []:
        if not isinstance(item, dict):
            continue
        mail = item.get("email") or lookup.identity(item.get("identity"))
        text = address(item.get("name") or item.get("full_name"), mail)
        if mail and text:
            found.setdefault(str(item.get("type") or "TO").upper(), []).append(text)
    return found


def _age(post: Json) -> tuple[str, int, str]:
    identifier = number(post.get("id"))
    return timestamp(post.get("created_at")) or "", identifier or 0, str(post.get("id"))
