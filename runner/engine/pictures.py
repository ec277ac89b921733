"""Pictures inside bodies that Zammad does not keep as they are: a note says what they become."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from runner.mapping.model import Note
from runner.zammad.images import loss

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_STORED = re.compile(r"snapshot:([0-9a-f]{64})")


def note_losses(
    post_id: str, payload: Mapping[str, Any], file: Callable[[str], Path], notes: list[Note]
) -> None:
    """Note once for an article what becomes of pictures that are neither png nor jpeg.

    Args:
        post_id: Whose article it is.
        payload: The article, its pictures as ``snapshot:SHA256``.
        file: Where the bytes of a sha256 lie.
        notes: Gets one more, of the kind ``converted``.
    """
    found = _STORED.findall(str(payload.get("body") or ""))
    if payload.get("content_type") != "text/html" or not found:
        return
    losses = Counter(words for words in (loss(file(sha256)) for sha256 in found) if words)
    if losses:
        listed = ", ".join(
            f"{words} ({count} of them)" if count > 1 else words for words, count in losses.items()
        )
        notes.append(Note("converted", "body", f"post {post_id}: pictures in the text: {listed}"))
