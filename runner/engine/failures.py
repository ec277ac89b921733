"""What a ledger keeps of a record that failed, beside the reason: so that somebody can help it.

How often it was tried and since when, the last request as it was sent (cut, without secrets), the
answer to it, and what to do. It goes with the failure.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from runner.errors import MigrateError, RecordError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.errors import Exchange

KEY = "failure"
"""Where it stands in a document of the ledger."""


def failure(
    error: MigrateError | str, known: Mapping[str, Any] | None, *, at: str
) -> dict[str, Any]:
    """Return what is kept of a failure.

    Args:
        error: why it failed; a text where nothing was sent.
        known: the record's document of earlier runs; failures in a row are counted.
        at: now.

    Returns:
        ``attempts``, ``since``, ``advice``, and where something was sent ``request`` (``method``,
        ``path``, ``body``, ``status``, ``answer``).
    """
    earlier = (known or {}).get(KEY) or {}
    kept: dict[str, Any] = {
        "attempts": earlier.get("attempts", 0) + 1,
        "since": earlier.get("since", at),
        "advice": error.advice if isinstance(error, MigrateError) else "",
    }
    sent = _exchange(error) if isinstance(error, MigrateError) else None
    return {**kept, "request": asdict(sent)} if sent else kept


def without(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document that knows of no failure."""
    kept = {name: value for name, value in document.items() if name != KEY}
    return {**kept, "notes": [note for note in kept.get("notes") or () if note[0] != "failed"]}


def _exchange(error: BaseException) -> Exchange | None:
    """Return the request at fault: an error may have been put into other words since."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, RecordError) and seen.exchange is not None:
            return seen.exchange
        seen = seen.__cause__
    return None
