"""Files that Kayako did not hand out: a line in their article says so, and a note."""

from __future__ import annotations

import html
from typing import Any

from runner.mapping.model import Note


def say(payload: dict[str, Any], notes: list[Note]) -> dict[str, Any]:
    """Put a line into the article for every file that Kayako did not hand out."""
    files = payload.get("attachments") or []
    missing = [file for file in files if not file.get("sha256")]
    if not missing:
        return payload
    lines = []
    for file in missing:
        name, why = file.get("name") or "attachment", file.get("error") or "not read"
        notes.append(Note("missing", "attachments", f"{name}: {why}"))
        lines.append(f"[Attachment {name} could not be read from Kayako: {why}]")
    if payload.get("content_type") == "text/html":
        more = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
    else:
        more = "\n\n" + "\n".join(lines)
    return {**payload, "body": f"{payload.get('body', '')}{more}"}
