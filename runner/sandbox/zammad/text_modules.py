"""Text modules: answers that agents type in by a short name."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from runner.sandbox.zammad import markup, named
from runner.sandbox.zammad.wire import Call, unprocessable

if TYPE_CHECKING:
    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row

_HOLDS_A_TAG = re.compile(r"<.+?>")


def _check(state: State, call: Call, row: Row, before: Row | None) -> None:
    """Refuse a module without a text; make HTML of a plain one and clean the rest."""
    del state, call, before
    content = str(row["content"] or "")
    if not content.strip():
        raise unprocessable("Content can't be blank")
    if _HOLDS_A_TAG.search(content):
        row["content"] = markup.sanitize(content, _no_image)
    else:
        lines = re.split(r"\r\n|\n\r|\r|\n", html.escape(content, quote=False))
        row["content"] = "".join(f"<div>{line or '<br>'}</div>" for line in lines)


def _no_image(mime_type: str, content: bytes) -> str:
    """Text modules have no attachments, so nothing can show the picture later."""
    del mime_type, content
    return "gone"


TEXT_MODULE = named.Kind(
    table="text_modules",
    model="TextModule",
    read=("ticket.agent", "admin.text_module"),
    write=("admin.text_module",),
    defaults={
        "name": "",
        "keywords": None,
        "content": None,
        "note": None,
        "active": True,
        "group_ids": [],
    },
    # Two modules may share a name (recording 6.5, "text module name taken").
    unique=False,
    check=_check,
)
