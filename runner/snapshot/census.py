"""What a Kayako holds, counted in one pass: the figures that a plan begins with.

Nothing here knows mappings: of conversations all are counted but those in trash, suspended and
erased ones. Rows are read a page at a time; what is kept are the figures alone.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from runner.snapshot import expand, posts
from runner.snapshot.beside import NOTES, PARTICIPANTS, RATINGS, SIDE_CONVERSATIONS
from runner.snapshot.store import ERASED, HIDDEN_STATES
from runner.snapshot.values import Json, distinct, timestamp, unpack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.snapshot.store import Snapshot

PAGE = 200
LONGEST_TEXT = 255
"""Characters that the attributes of Zammad's importer hold (reference zammad-api §f)."""
USUAL_LEVELS = (1, 2, 3, 4)
"""Levels of the priorities that Kayako brings along; teams give theirs other ones."""

_TEXTS = ("TEXT", "TEXTAREA", "REGEX")
_LABELS = (("status", "states"), ("priority", "priorities"), ("type", "types"))
_HIDDEN = json.dumps([*HIDDEN_STATES, ERASED])
_CASES = (
    "SELECT record.id, record.archived, record.post_count, record.body, thread.body"
    " FROM record LEFT JOIN thread ON thread.case_id = record.id"
    " WHERE record.resource = 'cases' AND record.gone = 0 AND (record.state IS NULL"
    " OR record.state NOT IN (SELECT value FROM json_each(?)))"
    " AND record.id > ? ORDER BY record.id LIMIT ?"
)
_RECORDS = (
    "SELECT id, body FROM record WHERE resource = ? AND gone = 0 AND id > ? ORDER BY id LIMIT ?"
)


@dataclass(slots=True)
class Census:
    """Figures of one snapshot; times as ``2026-12-05T08:00:00Z``, sizes in bytes.

    ``closed`` conversations have a date at which that was done. ``unread`` ones have no posts here
    yet: Kayako's own count stands for their messages, and their files are not known. ``labels`` and
    ``labelled`` say how many states, priorities and types a team invented are in use, and on how
    many conversations. ``minutes`` is accounted time that is lost when each entry is rounded down
    to whole minutes by itself.
    """

    conversations: int = 0
    archived: int = 0
    closed: int = 0
    messages: int = 0
    unread: int = 0
    files: int = 0
    bytes: int = 0
    people: int = 0
    organizations: int = 0
    oldest: str | None = None
    newest: str | None = None
    labels: dict[str, int] = field(default_factory=dict)
    labelled: dict[str, int] = field(default_factory=dict)
    chat_messages: int = 0
    json_files: int = 0
    field_files: int = 0
    long_texts: int = 0
    further_emails: int = 0
    collaborators: int = 0
    notes: int = 0
    merged: int = 0
    in_copy: int = 0
    side_conversations: int = 0
    ratings: int = 0
    minutes: int = 0
    articles: int = 0
    macros: int = 0
    business_hours: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return asdict(self)


def take(snapshot: Snapshot) -> Census:
    """Count a snapshot: a page of records in memory at a time."""
    found = Census(
        people=snapshot.count("users"),
        organizations=snapshot.count("organizations"),
        articles=snapshot.count("articles"),
        macros=snapshot.count("macros"),
        business_hours=snapshot.count("business_hours"),
        ratings=snapshot.count("ratings"),
    )
    _count_cases(snapshot, found)
    _count_people(snapshot, found)
    for _, body in _pages(snapshot, "organizations"):
        _count_values(snapshot, found, body)
    _count_beside(snapshot, found)
    found.minutes = _lost_seconds(snapshot) // 60
    return found


def _count_cases(snapshot: Snapshot, found: Census) -> None:
    used: dict[str, Counter[str]] = {name: Counter() for _, name in _LABELS}
    last, reader = -1, snapshot.database.reader()
    while rows := reader.execute(_CASES, (_HIDDEN, last, PAGE)).fetchall():
        last = rows[-1][0]
        for _, archived, post_count, body, thread in rows:
            case = unpack(body)
            found.conversations += 1
            found.archived += bool(archived)
            found.merged += bool(case.get("is_merged"))
            found.closed += bool(case.get("last_completed_at") or case.get("last_closed_at"))
            begun = timestamp(case.get("created_at"))
            if begun:
                found.oldest = min(found.oldest or begun, begun)
                found.newest = max(found.newest or begun, begun)
            for key, name in _LABELS:
                label = _own_label(snapshot, name, case.get(key))
                if label is not None:
                    used[name][label] += 1
            _count_values(snapshot, found, case)
            if thread is None:
                found.unread += 1
                found.messages += post_count or 0
            else:
                _count_posts(snapshot, found, unpack(thread))
    found.labels = {name: len(labels) for name, labels in used.items() if labels}
    found.labelled = {name: labels.total() for name, labels in used.items() if labels}


def _own_label(snapshot: Snapshot, name: str, reference: Any) -> str | None:
    """Return what tells a state, priority or type that a team invented; None for the usual ones.

    Those that Kayako deleted since, so that nobody knows what they were, are not counted.
    """
    found = snapshot.lookup.resolved(reference)
    if found is None or not found.get("label"):
        return None
    if name == "priorities":
        own = found.get("level") not in (None, *USUAL_LEVELS)
    else:
        own = str(found.get("type")).upper() == "CUSTOM"
    return str(found["label"]) if own else None


def _count_posts(snapshot: Snapshot, found: Census, stored: list[Json]) -> None:
    for post in _once(stored):
        found.messages += 1
        original = post.get("original") or {}
        text = original.get("body_html") or original.get("body_text")
        if not text and _channel(snapshot, post) == "MESSENGER":
            found.chat_messages += 1
        for item in posts.attachments(post):
            found.files += 1
            size = item.get("size")
            found.bytes += size if isinstance(size, int) else 0
            name, kind = str(item.get("name") or ""), item.get("type")
            found.json_files += kind == "application/json" or name.lower().endswith(".json")


def _once(stored: list[Json]) -> Iterator[Json]:
    """Yield posts once each, as ``posts.in_order`` does, but in any order: a third of its time."""
    seen: set[object] = set()
    for post in stored:
        marks = {post.get("id"), (post.get("original") or {}).get("resource_url")} - {None}
        if not marks & seen:
            yield post
        seen |= marks


def _channel(snapshot: Snapshot, post: Json) -> str | None:
    found = expand.channel(post.get("source_channel"), snapshot.lookup)
    return found["type"] if found else None


def _count_values(snapshot: Snapshot, found: Census, body: Json) -> None:
    """Count files in fields, and texts that Zammad's importer cuts."""
    for item in body.get("custom_fields") or []:
        value = item.get("value") if isinstance(item, dict) else None
        about = snapshot.lookup.resolved(item.get("field")) if value else None
        if about is None or about.get("is_system"):
            continue
        found.field_files += about.get("type") == "FILE"
        found.long_texts += about.get("type") in _TEXTS and len(str(value)) > LONGEST_TEXT


def _count_people(snapshot: Snapshot, found: Census) -> None:
    for _, body in _pages(snapshot, "users"):
        if len(body.get("emails") or []) > 1:
            addresses = distinct(snapshot.lookup.identities(body["emails"], "email"))
            found.further_emails += max(0, len(addresses) - 1)
        role = snapshot.lookup.resolved(body.get("role")) or {}
        found.collaborators += str(role.get("type")).upper() == "COLLABORATOR"
        _count_values(snapshot, found, body)


def _count_beside(snapshot: Snapshot, found: Census) -> None:
    beside = snapshot.beside
    for kind in NOTES.values():
        found.notes += sum(len(notes) for _, notes in beside.everything(kind))
    found.side_conversations = sum(len(rows) for _, rows in beside.everything(SIDE_CONVERSATIONS))
    found.ratings += sum(len(rows) for _, rows in beside.everything(RATINGS))
    for case_id, people in beside.everything(PARTICIPANTS):
        case = snapshot.stored("cases", case_id) or {}
        asking = case.get("requester")
        found.in_copy += len(expand.participants(people, asking, snapshot.lookup))


def _lost_seconds(snapshot: Snapshot) -> int:
    """Return what is lost of all work when each entry loses its last begun minute."""
    entries = (body for _, body in _pages(snapshot, "timetracking"))
    spent = (body.get("time_spent") for body in entries if body.get("log_type") != "VIEWED")
    return sum(seconds % 60 for seconds in spent if isinstance(seconds, int))


def _pages(snapshot: Snapshot, resource: str) -> Iterator[tuple[int, Json]]:
    last, reader = -1, snapshot.database.reader()
    while rows := reader.execute(_RECORDS, (resource, last, PAGE)).fetchall():
        last = rows[-1][0]
        for identifier, body in rows:
            yield identifier, unpack(body)
