"""Ledger documents: what is written down of a change that was carried out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from runner.engine.change import Change, plain
from runner.errors import MigrateError, OutcomeUnknown

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_NOTES = 20


def intent(change: Change) -> dict[str, Any]:
    """Return what is written down before a record is sent."""
    document = _document(change, "intended", target_id=None)
    keys = ("name", "login", "email", "number")
    document["applied"] = {key: change.payload[key] for key in keys if key in change.payload}
    return document


def done(
    change: Change,
    target_id: int,
    *,
    known: Mapping[str, Any] | None = None,
    posts: Mapping[str, list[Any]] | None = None,
) -> dict[str, Any]:
    """Return the result of a change that was carried out whole.

    Args:
        change: what was done.
        target_id: the record's id in Zammad.
        known: the document of an earlier run; of a conflict its ``applied`` value stays.
        posts: articles of a ticket, ``{post id: [article id, digest]}``.
    """
    document = _document(change, "done", target_id=target_id)
    applied = {name: plain(value) for name, value in change.payload.items()}
    for conflict in change.conflicts:
        applied[conflict.field] = conflict.before
    document |= {
        "adopted": change.adopted,
        "fingerprint": change.fingerprint,
        "applied": applied,
        "deferred": {"values": plain(change.deferred), "written": not change.deferred},
    }
    if known is not None:
        document["before"] = {**change.before, **known.get("before", {})}
        if known.get("status") == "done":
            document["action"] = known["action"]
            document["adopted"] = bool(known.get("adopted"))
            earlier = known.get("deferred") or {"values": {}, "written": True}
            if earlier["values"] == document["deferred"]["values"]:
                document["deferred"] = earlier
            elif earlier["values"]:
                document["deferred"]["written"] = False
    else:
        document["before"] = change.before
    if posts is not None:
        document["children"] = {"posts": dict(posts), "time": {}}
    return document


def partial(change: Change, ticket_id: int, posts: Mapping[str, list[Any]]) -> dict[str, Any]:
    """Return what is written down of a ticket whose articles are still on their way."""
    document = _document(change, "partial", target_id=ticket_id)
    document["children"] = {"posts": dict(posts), "time": {}}
    return document


def failed(
    change: Change, error: MigrateError | str, *, known: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the result of a record that could not be moved; what is there of it stays known.

    What was sent and never answered stays an intent: the next run looks it up first.
    """
    document = _document(change, "failed", target_id=None)
    document["notes"] = [["failed", "", _words(error)], *document["notes"]]
    if known is not None and (
        known.get("target_id") is not None or isinstance(error, OutcomeUnknown)
    ):
        return {**known, "notes": document["notes"], "at": document["at"]}
    return document


def _words(error: MigrateError | str) -> str:
    advice = error.advice if isinstance(error, MigrateError) else ""
    return f"{error} ({advice})" if advice else str(error)


def skipped(change: Change) -> dict[str, Any]:
    """Return the result of a record that is left out, with the reason."""
    document = _document(change, "skipped", target_id=None)
    document["notes"] = [["skipped", "", change.reason], *document["notes"]]
    return document


def _document(change: Change, status: str, *, target_id: int | None) -> dict[str, Any]:
    return {
        "source_id": change.source_id,
        "target_id": target_id,
        "status": status,
        "action": str(change.action),
        "notes": [[note.kind, note.field, note.text] for note in change.notes[:_MOST_NOTES]],
        "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
