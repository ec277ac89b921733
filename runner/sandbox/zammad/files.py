"""Attachments: reading them from a request, storing, showing and downloading them."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from runner.sandbox.zammad import access
from runner.sandbox.zammad.store import Article, Attachment
from runner.sandbox.zammad.wire import Call, Reply, forbidden, missing, unprocessable

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row


_NOT_IN_A_HEADER = re.compile(r'[^\x20-\x7e]|"')


@dataclass(slots=True)
class Upload:
    """A file that is not stored yet."""

    filename: str
    content: bytes
    preferences: dict[str, str] = field(default_factory=dict)


def read(given: Any) -> list[Upload]:
    """Read the ``attachments`` of an article.

    Raises:
        Failure: 422 for a missing name or type and for data that is no base64 (recordings
            "attachment without a mime type", "attachment with bad base64").
    """
    return [_upload(item, position) for position, item in enumerate(given or [])]


def _upload(item: Row, position: int) -> Upload:
    for key in ("filename", "data", "mime-type"):
        if not item.get(key) and not (key == "data" and item.get(key) == ""):
            raise unprocessable(
                f"Attachment needs '{key}' param for attachment with index '{position}'"
            )
    try:
        text = "".join(str(item["data"]).split())
        content = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise unprocessable(f"Invalid base64 for attachment with index '{position}'") from None
    preferences = {"Mime-Type": str(item["mime-type"])}
    if item.get("charset"):
        preferences["Charset"] = str(item["charset"])
    return Upload(str(item["filename"]), content, preferences)


def inline_image(mime_type: str, content: bytes, content_id: str, position: int) -> Upload:
    """Return the attachment that an image in a body becomes."""
    ending = "jpg" if "jp" in mime_type else "png"
    preferences = {
        "Content-Type": mime_type,
        "Mime-Type": mime_type,
        "Content-ID": content_id,
        "Content-Disposition": "inline",
    }
    return Upload(f"image{position}.{ending}", content, preferences)


def keep(state: State, uploads: list[Upload]) -> tuple[Attachment, ...]:
    """Store files; equal content is kept once."""
    kept = []
    for upload in uploads:
        digest, file_id = state.store.keep_file(upload.content)
        identifier = state.store.next_id("attachments")
        kept.append(
            Attachment(
                identifier,
                file_id,
                upload.filename,
                digest,
                len(upload.content),
                upload.preferences,
            )
        )
    return tuple(kept)


def show(attachment: Attachment) -> Row:
    """Return an attachment as it is listed; its size is text there."""
    return {
        "id": attachment.id,
        "store_file_id": attachment.store_file_id,
        "filename": attachment.filename,
        "size": str(attachment.size),
        "preferences": attachment.preferences,
    }


def body_with_urls(article: Article) -> str:
    """Return a body whose inline images point at their download."""
    body = article.body
    for attachment in article.attachments:
        content_id = attachment.preferences.get("Content-ID")
        if content_id:
            url = (
                f"/api/v1/ticket_attachment/{article.ticket_id}/{article.id}/{attachment.id}"
                "?view=inline"
            )
            body = body.replace(f'"cid:{content_id}"', f'"{url}"')
    return body


def _download(state: State, call: Call) -> Reply:
    ticket_id, article_id, identifier = call.ids
    ticket = state.row("tickets", ticket_id)
    article = state.store.tables.articles.items_by_id.get(article_id)
    if ticket is None or article is None or article.ticket_id != ticket_id:
        raise missing("Ticket::Article", article_id)
    if not access.may_see_ticket(state, call.user, ticket):
        raise forbidden()
    for attachment in article.attachments:
        if attachment.id == identifier:
            return content(state, call, attachment)
    raise missing("Store", identifier)


def content(state: State, call: Call, attachment: Attachment) -> Reply:
    """Return the download of a stored file."""
    kind = "inline" if call.text("view") == "inline" else "attachment"
    plain = _NOT_IN_A_HEADER.sub("?", attachment.filename)
    encoded = quote(attachment.filename, safe="")
    preferences = {"Content-Type": "application/octet-stream", **attachment.preferences}
    return Reply(
        state.store.tables.files[attachment.digest],
        content_type=preferences.get("Mime-Type") or preferences["Content-Type"],
        headers={
            "content-disposition": f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{encoded}"
        },
    )


ROUTES: dict[tuple[str, str], Callable[[State, Call], Reply]] = {
    ("GET", "ticket_attachment/:id/:id/:id"): _download,
}
