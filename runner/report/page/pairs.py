"""Both sides of a conversation as rows of a page: fields, then messages, each beside the other."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.report.page import readable
from runner.report.page.tame import short
from runner.zammad import kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from runner.engine.readback import Pair
    from runner.engine.verified import Deviation
    from runner.report.page.words import Words

_MOST_CHARACTERS = 6_000
_FIRST, _LAST = 8, 4
"""So many messages of a long conversation are shown from both of its ends."""
_FIELDS = (
    ("title", "subject"),
    ("state", "status.label"),
    ("priority", "priority.label"),
    ("type", "type.label"),
    ("group", "assigned_team.title"),
    ("customer", "requester"),
    ("owner", "assigned_agent"),
    ("organization", "organization.name"),
    ("tags", "tags"),
    ("created_at", "created_at"),
    ("updated_at", "updated_at"),
)
"""Zammad's fields that everybody knows, and Kayako's that they come from."""


@dataclass(frozen=True, slots=True)
class Row:
    """One field on both sides; ``differs`` says in words what verify found."""

    label: str
    kayako: str
    zammad: str
    differs: str = ""
    wanted: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message as one of the two systems has it."""

    author: str
    at: str
    about: str
    to: str
    text: str
    more: int
    files: tuple[str, ...]
    internal: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A message on both sides; either may be missing, ``reason`` says why in Kayako's case."""

    kayako: Message | None
    zammad: Message | None
    reason: str = ""
    differs: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Sides:
    """All of a conversation; ``hidden`` messages between ``before`` and ``after`` are left out."""

    fields: tuple[Row, ...]
    before: tuple[Line, ...]
    after: tuple[Line, ...] = ()
    hidden: int = 0
    notes: tuple[str, ...] = field(default=())


def sides(pair: Pair, words: Words) -> Sides:
    """Return the rows of a conversation."""
    lines = list(_lines(pair, words))
    hidden = 0
    before, after = lines, list[Line]()
    if len(lines) > _FIRST + _LAST + 1:
        before, middle, after = lines[:_FIRST], lines[_FIRST:-_LAST], lines[-_LAST:]
        told = [line for line in middle if line.differs]
        before, hidden = [*before, *told[:_FIRST]], len(middle) - len(told[:_FIRST])
    return Sides(
        fields=tuple(_fields(pair, words)),
        before=tuple(before),
        after=tuple(after),
        hidden=hidden,
        notes=tuple(dict.fromkeys(_note(note) for note in pair.notes)),
    )


def _note(note: Any) -> str:
    return f"{note.field}: {note.text}" if note.field else str(note.text)


def _fields(pair: Pair, words: Words) -> Iterator[Row]:
    """Yield the fields that everybody knows, custom ones, and whatever else differs."""
    ticket = pair.ticket or {}
    found = {one.field: one for one in pair.differences if one.entity == "tickets"}
    yield Row(words("sample.number"), str(pair.case["id"]), shown(ticket.get("number"), words))
    for name, path in _FIELDS:
        left, right = _kayako(pair.case, path, words), _zammad(name, ticket.get(name), words)
        if left or right or name in found:
            yield _row(
                words.known(f"field.{name}", name), left, right, found.pop(name, None), words
            )
    for title, value, name in pair.fields:
        right = _zammad(name, ticket.get(name), words)
        yield _row(title, shown(value, words), right, found.pop(name, None), words)
    if pair.times or ticket.get("time_unit"):
        yield _row(
            words("sample.spent"), *_times(pair, ticket, words), found.pop("time_unit", None), words
        )
    for one in found.values():
        yield _row(one.field, "", shown(one.there, words), one, words)


def _times(pair: Pair, ticket: Mapping[str, Any], words: Words) -> tuple[str, str]:
    """Return the time that was worked: Kayako's in minutes, Zammad's in its own unit."""
    seconds = sum(one["seconds"] for one in pair.times if one["log_type"] == "WORKED")
    return words("sample.minutes", number=seconds / 60), shown(ticket.get("time_unit"), words)


def _row(label: str, left: str, right: str, one: Deviation | None, words: Words) -> Row:
    if one is None:
        return Row(label, left, right)
    told = words.known(f"difference.{one.kind}", str(one.kind))
    return Row(label, left, right, told, shown(one.wanted, words))


def _kayako(case: Mapping[str, Any], path: str, words: Words) -> str:
    value: Any = case
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if value is None and path.endswith(".label") and case.get(path.partition(".")[0]):
        number = case[path.partition(".")[0]].get("id")
        return words("sample.undefined", number=str(number))
    if path in {"requester", "assigned_agent"}:
        return person(value, words)
    return shown(value, words)


def _zammad(name: str, value: Any, words: Words) -> str:
    if name == "owner" and value in {None, "", "-"}:
        return words("trait.nobody")
    return shown(value, words)


def person(who: Mapping[str, Any] | None, words: Words) -> str:
    """Return a person of Kayako's: name and address, or what is known of them."""
    if who is None:
        return words("trait.nobody")
    if who.get("type") != "user":
        return f"{who.get('type')} {who.get('name') or who.get('id')}"
    name = who.get("name") or words("sample.user", number=str(who.get("id")))
    mail = f" <{who['email']}>" if who.get("email") and who["email"] != name else ""
    gone = "" if who.get("known") else f" ({words('trait.gone')})"
    return f"{name}{mail}{gone}"


def shown(value: Any, words: Words) -> str:
    """Return a value as people read it."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return words("sample.yes" if value else "sample.no")
    if isinstance(value, list):
        return ", ".join(shown(item, words) for item in value)
    if isinstance(value, dict):
        name = value.get("name") or value.get("ref")
        return str(name) if name else json.dumps(value, ensure_ascii=False)
    text = str(value)
    if len(text) >= 19 and text[4:5] == "-" and text[10:11] in "T ":
        return kept.moment(text).replace("T", " ")
    return text


def _lines(pair: Pair, words: Words) -> Iterator[Line]:
    """Yield every message of Kayako with its article, then what Zammad has besides."""
    articles = {row["id"]: row for row in pair.articles}
    found: dict[str, list[Row]] = {}
    for one in pair.differences:
        if one.entity == "articles":
            told = words.known(f"difference.{one.kind}", str(one.kind))
            difference = Row(one.field, "", shown(one.there, words), told, shown(one.wanted, words))
            found.setdefault(one.source_id.partition("/")[2], []).append(difference)
    for post in pair.posts:
        post_id = str(post["id"])
        article = articles.pop(pair.article_of.get(post_id, 0), None)
        right = None if article is None else _article(article, words)
        reason = pair.left_out.get(post_id, "") if article is None else ""
        yield Line(_post(post, words), right, reason, tuple(found.get(post_id, ())))
    posts = {article_id: post for post, article_id in pair.article_of.items()}
    for left in articles.values():
        differing = found.get(posts.get(left["id"], ""), [])
        yield Line(None, _article(left, words), "", tuple(differing))


def _post(post: Mapping[str, Any], words: Words) -> Message:
    original = post["original"]
    html = original.get("body_html")
    plain = original.get("body_text") or original.get("text") or post.get("contents") or ""
    body = readable.of_html(str(html), words("sample.picture")) if html else ""
    kind = original.get("resource_type")
    channel = (post.get("source_channel") or {}).get("type") or words("trait.none")
    text, more = readable.cut(body or readable.lines(str(plain)), _MOST_CHARACTERS)
    return Message(
        author=person(post.get("creator"), words),
        at=shown(post.get("created_at"), words),
        about=channel if kind in {None, "note"} else f"{channel}, {kind}",
        to=_addressed(post.get("to"), post.get("cc"), words),
        text=text,
        more=more,
        files=tuple(_files(_kayako_files(post, words), words)),
        internal=kind == "note",
    )


def _kayako_files(post: Mapping[str, Any], words: Words) -> Iterator[tuple[str, Any]]:
    for one in post["attachments"]:
        gone = "" if one["sha256"] else f" ({words('oddity.file_gone')})"
        yield f"{one['name']}{gone}", one["size"]


def _article(row: Mapping[str, Any], words: Words) -> Message:
    body = str(row.get("body") or "")
    if row.get("content_type") == "text/html":
        body = readable.of_html(body, words("sample.picture"))
    text, more = readable.cut(readable.lines(body), _MOST_CHARACTERS)
    files = ((str(one["filename"]), one.get("size")) for one in row.get("attachments") or ())
    return Message(
        author=str(row.get("from") or ""),
        at=shown(row.get("created_at"), words),
        about=", ".join(str(row[name]) for name in ("type", "sender") if row.get(name)),
        to=_addressed(row.get("to"), row.get("cc"), words),
        text=text,
        more=more,
        files=tuple(_files(files, words)),
        internal=bool(row.get("internal")),
    )


def _addressed(to: Any, copied: Any, words: Words) -> str:
    parts = []
    for key, value in (("sample.to", to), ("sample.cc", copied)):
        text = shown(value, words)
        if text:
            parts.append(f"{words(key)} {short(text, 300)}")
    return " · ".join(parts)


def _files(files: Iterable[tuple[str, Any]], words: Words) -> Iterator[str]:
    for name, size in files:
        yield f"{short(name, 120)}, {_size(size, words)}"


def _size(size: Any, words: Words) -> str:
    number = int(size) if str(size or 0).isdigit() else 0
    for unit, factor in (("MB", 1_000_000), ("kB", 1_000)):
        if number >= factor:
            return f"{words.number(number / factor)} {unit}"
    return f"{words.number(number)} bytes"
