"""Articles: what was written in a ticket (reference §b10, §b11).

They cannot be changed once they are there, so everything has to be right in the POST.
"""

from __future__ import annotations

import hashlib
import html
import re
from typing import TYPE_CHECKING, Any

from runner.jsonbody import FileContent
from runner.zammad.images import data_uri

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from runner.zammad.client import Zammad

_INLINE = re.compile(
    r"""<img\b[^>]*?\bsrc\s*=\s*(["'])snapshot:([0-9a-f]{64})\1[^>]*>""", re.IGNORECASE
)
_SOURCE = re.compile(r"""(\bsrc\s*=\s*)(["'])snapshot:[0-9a-f]{64}\2""", re.IGNORECASE)


def build(payload: Mapping[str, Any], file: Callable[[str], Path]) -> dict[str, Any]:
    """Turn an article's payload into the body of its POST; files are read when it is sent.

    Args:
        payload: with references already resolved; ``attachments`` as ``{name, type, sha256}``;
            inline images in ``body`` as ``src="snapshot:SHA256"``.
        file: where the bytes of a sha256 lie.
    """
    body = {key: value for key, value in payload.items() if key != "attachments"}
    attachments = [
        _attachment(entry["name"], entry["type"], file(entry["sha256"]))
        for entry in payload.get("attachments") or ()
        if entry.get("sha256")
    ]
    if "snapshot:" in str(body.get("body", "")):
        body["body"] = _with_images(str(body["body"]), file, attachments)
    if attachments:
        body["attachments"] = attachments
    return body


def of_ticket(zammad: Zammad, ticket_id: int) -> list[dict[str, Any]]:
    """Return all articles of a ticket.

    Raises:
        RecordError: they cannot be read.
    """
    rows: list[dict[str, Any]] = zammad.get_own(f"/ticket_articles/by_ticket/{ticket_id}")
    return rows


def digest(zammad: Zammad, path: str) -> str:
    """Download a file (``/ticket_attachment/TICKET/ARTICLE/FILE``) and return its sha256."""
    return hashlib.sha256(zammad.download(path)).hexdigest()


def _attachment(name: str, mime: str | None, path: Path) -> dict[str, Any]:
    return {
        "filename": name or "attachment",
        "mime-type": mime or "application/octet-stream",
        "data": FileContent(path),
    }


def _with_images(text: str, file: Callable[[str], Path], attachments: list[dict[str, Any]]) -> str:
    """Put pictures in place of their references; what is no picture becomes an attachment."""

    def replace(match: re.Match[str]) -> str:
        sha256 = match.group(2)
        converted = data_uri(file(sha256))
        if converted is not None:
            return _SOURCE.sub(lambda source: f'{source.group(1)}"{converted[0]}"', match.group(0))
        name = f"image-{sha256[:12]}"
        attachments.append(_attachment(name, None, file(sha256)))
        return f"[{html.escape(name)}]"

    return _INLINE.sub(replace, text)
