"""What Zammad keeps of what it is sent: how far HTML and values can be compared afterwards.

Its sanitizer takes attributes, classes, scripts, remote images and unknown tags off an HTML body
and adds ``rel``, ``target`` and ``style`` (reference §b10; recorded: "script is stripped", "remote
image is stripped", "inline data image becomes an attachment"). What has to survive is every
character that a reader sees, in its order, and every picture.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from runner.markup import Markup

if TYPE_CHECKING:
    from collections.abc import Callable

_DROPPED_WITH_CONTENT = frozenset({"script", "style", "title", "iframe", "object", "template"})
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
PICTURE = "\N{OBJECT REPLACEMENT CHARACTER}"


def visible(html: str, picture: Callable[[str], str] = lambda _: "") -> str:
    """Return what a reader sees of HTML, without white space (tags may gain or lose some).

    Args:
        html: any HTML.
        picture: gets the address of each image, in order; returns what stands for it.
    """
    reader = _Reader(picture)
    reader.feed(html)
    reader.close()
    return squeezed("".join(reader.seen))


def links(html: str) -> list[str]:
    """Return where the links of HTML lead, in order; Zammad makes some of addresses in text."""
    reader = _Reader(lambda _: "")
    reader.feed(html)
    reader.close()
    return reader.links


def squeezed(text: str) -> str:
    """Return text without white space, and without the NULs that databases refuse."""
    return "".join(text.replace("\0", "").split())


def same(kind: str, wanted: Any, there: Any) -> bool:
    """Say whether Zammad holds what it was sent.

    Args:
        kind: the field's type in ``schemas/targets.json``, empty for fields that are not in it.
        wanted: what was sent.
        there: what Zammad answers; nothing and an empty text are the same.
    """
    if wanted in (None, "", []) or there in (None, "", []):
        return wanted in (None, "", []) and there in (None, "", [])
    if isinstance(wanted, bool) or isinstance(there, bool):
        return wanted is there
    if isinstance(wanted, list) and isinstance(there, list):
        return sorted(map(str, wanted)) == sorted(map(str, there))
    one, other = str(wanted), str(there)
    if kind == "html":
        return visible(one) == visible(other)
    if kind == "datetime" or (_TIME.match(one) and _TIME.match(other)):
        return moment(one) == moment(other)
    return one == other


def moment(text: str) -> str:
    """Return a moment in UTC to the second, whatever it was written like; else the text itself."""
    try:
        read = datetime.fromisoformat(text)
        aware = read if read.tzinfo else read.replace(tzinfo=UTC)
        return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    except (ValueError, OverflowError):
        return text


def excerpts(wanted: str, there: str, length: int = 60) -> tuple[str, str]:
    """Return both texts around the place where they begin to differ."""
    pairs = zip(wanted, there, strict=False)
    differs = next((at for at, (one, other) in enumerate(pairs) if one != other), None)
    at = min(len(wanted), len(there)) if differs is None else differs
    start = max(0, at - length // 3)
    return _cut(wanted, start, length), _cut(there, start, length)


def _cut(text: str, start: int, length: int) -> str:
    piece = text[start : start + length]
    return f"{'…' if start else ''}{piece}{'…' if start + length < len(text) else ''}"


class _Reader(Markup):
    """Collects what shows: text, whatever stands for pictures, and where links lead."""

    def __init__(self, picture: Callable[[str], str]) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[str] = []
        self.links: list[str] = []
        self._picture = picture
        self._dropping: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED_WITH_CONTENT:
            self._dropping.append(tag)
        elif tag == "img" and not self._dropping:
            source = dict(reversed(attrs)).get("src")
            self.seen.append(self._picture((source or "").strip()))
        elif tag == "a" and not self._dropping:
            self.links += [value for name, value in attrs if name == "href" and value]

    def handle_endtag(self, tag: str) -> None:
        if self._dropping and tag == self._dropping[-1]:
            self._dropping.pop()

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self.seen.append(data)
