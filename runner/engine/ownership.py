"""Is a record that an interrupted run may have sent the one that is there now?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_CLOCKS = timedelta(minutes=5)
"""How far the clocks of the two machines may be apart."""


def is_ours(document: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Say whether ``row`` of Zammad is what the intent ``document`` sent.

    Names alone prove nothing: somebody may have taken one in the meantime. The time that was sent
    does; a record without one of its own was made after the intent was written down.
    """
    there = str(row.get("created_at") or "")[:19]
    sent = (document.get("applied") or {}).get("created_at")
    if sent:
        return there == str(sent)[:19]
    return made_since(document, there)


def made_since(document: Mapping[str, Any], moment: object) -> bool:
    """Say whether a moment of Zammad's is not before the document was written down."""
    try:
        made = datetime.fromisoformat(str(moment)[:19]).replace(tzinfo=UTC)
    except ValueError:
        return False
    return made >= datetime.fromisoformat(document["at"]) - _CLOCKS


def message_end(kayako_host: str) -> str:
    """Return how every message id that we write ends."""
    return f"@{kayako_host}>"
