"""Bodies of messages as text that can only be read: no markup of theirs ever reaches a page.

Scripts, styles and hidden parts vanish, pictures become words, links show where they lead.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from runner.report.page.tame import tame

if TYPE_CHECKING:
    from collections.abc import Sequence

_HIDDEN = frozenset(
    {"script", "style", "title", "template", "iframe", "object", "noscript", "svg", "math"}
)
_BLOCKS = frozenset(
    {
        *("address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "fieldset", "figure"),
        *("footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main"),
        *("ol", "p", "pre", "section", "table", "tr", "ul"),
    }
)
_CELLS = frozenset({"td", "th"})
_SPACE = re.compile(r"[ \t\r\n\f]+")
_EMPTY_LINES = re.compile(r"\n{3,}")
_MOST_READ = 400_000


def of_html(html: str, picture: str) -> str:
    """Return what a reader sees of HTML, in lines; ``picture`` stands for each picture."""
    reader = _Reader(picture)
    reader.feed(html[:_MOST_READ])
    reader.close()
    return lines("".join(reader.seen))


def lines(text: str) -> str:
    """Return a text of several lines, each without anything that acts."""
    tamed = "\n".join(tame(line).strip() for line in text.splitlines())
    return _EMPTY_LINES.sub("\n\n", tamed).strip()


def cut(text: str, most: int) -> tuple[str, int]:
    """Return the first ``most`` characters, and how many are left."""
    return text[:most], max(len(text) - most, 0)


class _Reader(HTMLParser):
    """Collects text and line breaks."""

    def __init__(self, picture: str) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[str] = []
        self._picture = picture
        self._hidden: list[str] = []
        self._link: tuple[str, int] | None = None

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden.append(tag)
        if self._hidden:
            return
        if tag in _BLOCKS:
            self.seen.append("\n• " if tag == "li" else "\n")
        elif tag in _CELLS:
            self.seen.append("  ")
        elif tag == "img":
            alternative = dict(attrs).get("alt") or ""
            self.seen.append(f" [{self._picture}{': ' if alternative else ''}{alternative}] ")
        elif tag == "a":
            self._link = (str(dict(attrs).get("href") or ""), len(self.seen))

    def handle_endtag(self, tag: str) -> None:
        if self._hidden:
            if tag == self._hidden[-1]:
                self._hidden.pop()
            return
        if tag in _BLOCKS:
            self.seen.append("\n")
        elif tag == "a" and self._link is not None:
            address, start = self._link
            self._link = None
            words = "".join(self.seen[start:]).strip()
            if address and address.removeprefix("mailto:").rstrip("/") != words.rstrip("/"):
                self.seen.append(f" <{address}>")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.seen.append(_SPACE.sub(" ", data))
