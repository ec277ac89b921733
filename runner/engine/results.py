"""Ledger documents: what is written down of a change that was carried out.

Whatever happens to a record, three things are never lost: that it may have been sent (an intent),
its id in Zammad, and what an adopted record was before us.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from runner.engine import failures, former, message_ids
from runner.engine.change import Action, Change, plain
from runner.errors import MigrateError, OutcomeUnknown
from runner.mapping.running import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_NOTES = 20
_KEYS = ("name", "login", "email", "number", "created_at")


def intent(change: Change, known: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what is written down before a record is sent, with what finds it again.

    Of an adopted record that is about to be changed it is what the record was.
    """
    document = {**(known or {}), **_document(change, "intended", target_id=change.target_id)}
    if change.adopted:
        before = (known or {}).get("before", {})
        return document | {"adopted": True, "before": {**change.before, **before}}
    document["applied"] = {key: change.payload[key] for key in _KEYS if key in change.payload}
    return document | _with_originals(message_ids.originals(change.children))


def on_the_way(change: Change, known: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what is written down before articles are added to a ticket of ours; None: nothing.

    Only a real message id has to be: it does not tell by itself whose article it is.
    """
    originals = message_ids.originals(change.children)
    if not originals:
        return None
    return {**known, **_with_originals({**(known.get("originals") or {}), **originals})}


def done(
    change: Change,
    target_id: int,
    *,
    known: Mapping[str, Any] | None = None,
    posts: Mapping[str, list[Any]] | None = None,
    originals: Mapping[str, str] | None = None,
    times: Mapping[str, list[Any]] | None = None,
) -> dict[str, Any]:
    """Return the result of a change that was carried out whole.

    Args:
        change: what was done.
        target_id: the record's id in Zammad.
        known: the document of an earlier run; of a conflict its ``applied`` value stays.
        posts: articles of a ticket, ``{post id: [article id, digest]}``.
        originals: message ids of those that carry the one of the mail they came as.
        times: its time entries, see ``runner.engine.time_entries.Known``.
    """
    known = known or {}
    document = _document(change, "done", target_id=target_id)
    applied = {name: plain(value) for name, value in change.payload.items()}
    for conflict in change.conflicts:
        applied[conflict.field] = conflict.before
    finished_before = known.get("status") == "done"
    if finished_before:
        document["action"] = known["action"]
        if "number" in known.get("applied", {}):
            applied["number"] = known["applied"]["number"]  # it cannot be changed
        document |= former.kept(change, known)
    document |= {
        "adopted": change.adopted or (finished_before and bool(known.get("adopted"))),
        "before": {**change.before, **known.get("before", {})},
        "fingerprint": change.fingerprint,
        "applied": applied,
        "deferred": _deferred(change, known.get("deferred") if finished_before else None),
    }
    if posts is not None:
        document["children"] = {"posts": dict(posts), "time": dict(times or {})}
    return document | _with_originals(originals)


def _with_originals(originals: Mapping[str, str] | None) -> dict[str, Any]:
    return {"originals": dict(originals)} if originals else {}


def _deferred(change: Change, earlier: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what ``finish`` has to write; what it wrote already is not written again."""
    values: dict[str, Any] = plain(change.deferred)
    if earlier is None:
        return {"values": values, "written": not values}
    old = earlier["values"]
    for name in old.keys() - values.keys() - {"groups"}:
        values[name] = plain(change.payload.get(name))
    if values == old:
        return dict(earlier)
    left = [team for team in old.get("groups", []) if team not in values.get("groups", [])]
    kept = {name: value for name, value in earlier.items() if name == "had"}
    return {"values": values, "written": False, **kept, **({"left": left} if left else {})}


def partial(
    change: Change,
    ticket_id: int,
    posts: Mapping[str, list[Any]],
    originals: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return what is written down of a ticket whose articles are still on their way."""
    document = _document(change, "partial", target_id=ticket_id)
    document["applied"] = {key: change.payload[key] for key in _KEYS if key in change.payload}
    document["children"] = {"posts": dict(posts), "time": {}}
    return document | _with_originals(originals)


def failed(
    change: Change, error: MigrateError | str, *, known: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the result of a record that could not be moved.

    An intent stays one where the record may be in Zammad all the same: an earlier run wrote it
    down, or it was sent and no answer came.
    """
    document = _with_note(change, "failed", _words(error))
    document[failures.KEY] = failures.failure(error, known, at=document["at"])
    if known is None:
        return document
    doubtful = change.resume or change.action is Action.FAIL or isinstance(error, OutcomeUnknown)
    if known.get("target_id") is not None or (known["status"] == "intended" and doubtful):
        return {**known, **{name: document[name] for name in ("notes", "at", failures.KEY)}}
    return document


def skipped(change: Change, *, known: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the result of a record that is left out, with the reason."""
    document = _with_note(change, "skipped", change.reason)
    if known is not None and (known.get("target_id") is not None or known["status"] == "intended"):
        return {**failures.without(known), "notes": document["notes"], "at": document["at"]}
    return document


def _with_note(change: Change, status: str, words: str) -> dict[str, Any]:
    document = _document(change, status, target_id=None)
    return {**document, "notes": [[status, "", words], *document["notes"]]}


def _words(error: MigrateError | str) -> str:
    advice = error.advice if isinstance(error, MigrateError) else ""
    return f"{error} ({advice})" if advice else str(error)


def _document(change: Change, status: str, *, target_id: int | None) -> dict[str, Any]:
    return {
        "source_id": change.source_id,
        "target_id": target_id,
        "status": status,
        "action": str(change.action),
        "notes": _at_most([*_conflicts(change), *_notes(change)]),
        "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _conflicts(change: Change) -> list[list[str]]:
    """Return conflicts as notes: the next run takes what it finds for settled."""
    words = "changed in Zammad and in Kayako; it stays as it is in Zammad, in Kayako it is"
    return [
        ["conflict", conflict.field, f"{words} {shown(conflict.after)}"]
        for conflict in change.conflicts
    ]


def _at_most(notes: list[list[str]]) -> list[list[str]]:
    """Cut a long list, saying so: every ledger document stays in memory."""
    more = len(notes) - _MOST_NOTES
    if more <= 0:
        return notes
    return [*notes[:_MOST_NOTES], ["more", "", f"{more} more; migrate explain shows all of them"]]


def _notes(change: Change) -> list[list[str]]:
    return [[note.kind, note.field, note.text] for note in change.notes]
