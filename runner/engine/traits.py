"""What is special about one conversation: what a small set has to contain to stand for all.

Read from rows as they are stored, without expanding posts: every conversation is looked at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from runner.snapshot import posts
from runner.snapshot.beside import SIDE_CONVERSATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.snapshot import Snapshot

ESSENTIAL = ("channel", "state", "priority", "type", "requester", "author", "field")
"""Kinds of traits of which every value is wanted before any oddity is."""

ODDITY = "oddity"
ODDITIES = (
    *("files", "inline_pictures", "notes", "merged", "archived", "long_thread", "empty_body"),
    *("copied", "time", "active_html", "right_to_left", "large_file", "file_gone"),
    *("side_conversation", "long_body", "no_posts", "emoji", "east_asian", "cyrillic_or_greek"),
    *("no_subject", "long_subject", "tags", "rated", "no_team", "trash", "suspended"),
)
"""All oddities, the most telling ones first."""

NOBODY, GONE, NONE = "nobody", "gone", "none"
"""Values for a person who is not there, one whom Kayako does not have, and for an empty field."""

_LONG_THREAD, _LONG_BODY, _LONG_SUBJECT, _LARGE_FILE = 50, 100_000, 250, 1_000_000
_BODIES = ("body_html", "body_text", "text", "contents")
_SCRIPTS = (
    ("right_to_left", re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")),
    ("east_asian", re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")),
    ("cyrillic_or_greek", re.compile("[\u0370-\u03ff\u0400-\u04ff]")),
    ("emoji", re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")),
)
_ACTIVE = re.compile(r"<(?:script|iframe|object|style)\b|\bon\w+\s*=|javascript:", re.IGNORECASE)
_PICTURE = re.compile("/media/url/|/attachments/")
_TAG = re.compile(r"<[^<>]*>")
_LOOKED_AT = 4_000
"""Characters of a body in which foreign scripts are looked for: they do not begin later."""


class Trait(NamedTuple):
    """One of them: ``kind`` is one of ``ESSENTIAL`` or ``ODDITY``, ``value`` Kayako's own word."""

    kind: str
    value: str

    @property
    def is_essential(self) -> bool:
        """Say whether it comes before oddities."""
        return self.kind in ESSENTIAL


class Reader:
    """Reads traits out of one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._fields = {
            str(field["key"]): str(field["type"])
            for field in snapshot.fields("case")
            if not field["is_system"]
        }
        self._system = {
            str(field["key"]) for field in snapshot.fields("case") if field["is_system"]
        }

    def of_case(self, case: dict[str, Any]) -> frozenset[Trait]:
        """Return the traits of an expanded case; those of its posts as far as they are read."""
        stored = self._snapshot.stored_posts(case["id"])
        found = {*self._header(case), *self._oddities(case)}
        for post in stored:
            found |= set(self._post(post))
        texts = [str(case.get("subject") or ""), *map(_text, stored)]
        found |= {Trait(ODDITY, name) for name in _written_in(texts)}
        if self._snapshot.bodies(case["id"]) != "missing" and not stored:
            found.add(Trait(ODDITY, "no_posts"))
        return frozenset(found)

    def _header(self, case: dict[str, Any]) -> Iterator[Trait]:
        yield Trait("channel", str((case.get("source_channel") or {}).get("type") or NONE))
        for kind, source in (("state", "status"), ("priority", "priority"), ("type", "type")):
            found = case.get(source) or {}
            yield Trait(kind, str(found.get("label") or found.get("id") or NONE))
        yield Trait("requester", role_of(case.get("requester")))
        for key, value in (case.get("custom_fields") or {}).items():
            if value not in (None, "", []) and key not in self._system:
                yield Trait("field", self._fields.get(key, GONE))

    def _oddities(self, case: dict[str, Any]) -> Iterator[Trait]:
        subject = str(case.get("subject") or "")
        state = case.get("state")
        times = self._snapshot.time_entries(case["id"])
        told = {
            "archived": case.get("archived"),
            "trash": state == "TRASH",
            "suspended": state == "SUSPENDED",
            "merged": case.get("is_merged"),
            "files": case.get("has_attachments"),
            "notes": case.get("has_notes"),
            "long_thread": (case.get("post_count") or 0) >= _LONG_THREAD,
            "no_subject": not subject.strip(),
            "long_subject": len(subject) > _LONG_SUBJECT,
            "copied": case.get("participants"),
            "rated": case.get("rating"),
            "no_team": case.get("assigned_team") is None,
            "tags": case.get("tags"),
            "time": any(entry["log_type"] != "VIEWED" for entry in times),
            "side_conversation": self._snapshot.beside.get(SIDE_CONVERSATIONS, case["id"]),
        }
        yield from (Trait(ODDITY, name) for name, there in told.items() if there)

    def _post(self, stored: dict[str, Any]) -> Iterator[Trait]:
        lookup = self._snapshot.lookup
        source = lookup.resolved(stored.get("source_channel")) or {}
        yield Trait("channel", str(source.get("type") or NONE))
        yield Trait("author", role_of(lookup.person(stored.get("creator"))))
        original = stored.get("original") or {}
        if original.get("resource_type") == "note":
            yield Trait(ODDITY, "notes")
        if any(
            isinstance(item, dict) and str(item.get("type")).upper() == "CC"
            for item in original.get("recipients") or []
        ):
            yield Trait(ODDITY, "copied")
        yield from self._files(stored)
        html, text = str(original.get("body_html") or ""), _text(stored)
        if "<img" in html.lower() and _PICTURE.search(html):
            yield Trait(ODDITY, "inline_pictures")
        elif not text.strip():
            yield Trait(ODDITY, "empty_body")
        if len(text) > _LONG_BODY:
            yield Trait(ODDITY, "long_body")
        if _ACTIVE.search(html):
            yield Trait(ODDITY, "active_html")

    def _files(self, stored: dict[str, Any]) -> Iterator[Trait]:
        for item in posts.attachments(stored):
            yield Trait(ODDITY, "files")
            size = item.get("size")
            if isinstance(size, int) and size > _LARGE_FILE:
                yield Trait(ODDITY, "large_file")
            if self._snapshot.file_of(posts.attachment_key(item))[0] is None:
                yield Trait(ODDITY, "file_gone")


def role_of(person: dict[str, Any] | None) -> str:
    """Return what a person is in Kayako: a role, or ``trigger`` and the like."""
    if person is None:
        return NOBODY
    if person["type"] != "user":
        return str(person["type"])
    return str(person["role"] or NONE) if person["known"] else GONE


def _text(stored: dict[str, Any]) -> str:
    """Return a post's text without markup, roughly: enough to see what it is written in."""
    original = stored.get("original") or {}
    for name in _BODIES:
        if original.get(name):
            return _TAG.sub(" ", str(original[name]))
    return str(stored.get("contents") or "")


def _written_in(texts: list[str]) -> Iterator[str]:
    for name, pattern in _SCRIPTS:
        if any(pattern.search(text, 0, _LOOKED_AT) for text in texts):
            yield name


def importance(trait: Trait) -> int:
    """Return a number that is smaller for what matters more."""
    if trait.is_essential:
        return ESSENTIAL.index(trait.kind)
    return len(ESSENTIAL) + ODDITIES.index(trait.value)


def in_order(traits: Iterable[Trait]) -> list[Trait]:
    """Return traits by importance, those of a kind by their value."""
    return sorted(traits, key=lambda trait: (importance(trait), trait.value))
