"""Bodies of messages as text that can only be read: no markup of theirs ever reaches a page.

Scripts, styles and hidden parts vanish, pictures become words, links show where they lead. Read in
one pass, whatever stands there: Python's own parser takes minutes for a tag that is opened ten
thousand times and never closed.
"""

from __future__ import annotations

import re
from html import unescape

from runner.report.page.tame import tame

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
_MARKUP = re.compile(
    r"<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*+)(?P<rest>[^<>]*+)>|(?P<comment><!--)|<[!?][^<>]*+>"
)
_ATTRIBUTE = r"""(?:^|\s){name}\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))"""
_HREF = re.compile(_ATTRIBUTE.format(name="href"), re.IGNORECASE)
_ALT = re.compile(_ATTRIBUTE.format(name="alt"), re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]++")
_EMPTY_LINES = re.compile(r"\n{3,}")
_MOST_READ = 400_000


def of_html(html: str, picture: str) -> str:
    """Return what a reader sees of HTML, in lines; ``picture`` stands for each picture."""
    html = html[:_MOST_READ]
    lower = html.lower()
    reader = _Reader(picture)
    at = 0
    while (found := _MARKUP.search(html, at)) is not None:
        reader.text(html[at : found.start()])
        at = found.end()
        name = (found["name"] or "").lower()
        if found["comment"] or (name in _HIDDEN and not found["end"]):
            # Whatever is never closed hides all that follows, as in a browser.
            closing = "-->" if found["comment"] else f"</{name}"
            end = lower.find(closing, at)
            if end < 0:
                return lines("".join(reader.seen))
            at = end + len(closing) if found["comment"] else end
        elif found["end"]:
            reader.close(name)
        elif name:
            reader.open(name, found["rest"])
    reader.text(html[at:])
    return lines("".join(reader.seen))


def lines(text: str) -> str:
    """Return a text of several lines, each without anything that acts."""
    tamed = "\n".join(tame(line).strip() for line in text.splitlines())
    return _EMPTY_LINES.sub("\n\n", tamed).strip()


def cut(text: str, most: int) -> tuple[str, int]:
    """Return the first ``most`` characters, and how many are left."""
    return text[:most], max(len(text) - most, 0)


class _Reader:
    """Collects text and line breaks."""

    def __init__(self, picture: str) -> None:
        self.seen: list[str] = []
        self._picture = picture
        self._link: tuple[str, int] | None = None

    def text(self, raw: str) -> None:
        """Take text in."""
        if raw:
            self.seen.append(_SPACE.sub(" ", unescape(raw)))

    def open(self, name: str, rest: str) -> None:
        """Take the beginning of an element in."""
        if name in _BLOCKS:
            self.seen.append("\n• " if name == "li" else "\n")
        elif name in _CELLS:
            self.seen.append("  ")
        elif name == "img":
            words = _value(_ALT, rest)
            self.seen.append(f" [{self._picture}{': ' if words else ''}{words}] ")
        elif name == "a":
            self._link = (_value(_HREF, rest), len(self.seen))

    def close(self, name: str) -> None:
        """Take the end of an element in."""
        if name in _BLOCKS:
            self.seen.append("\n")
        elif name == "a" and self._link is not None:
            address, start = self._link
            self._link = None
            words = "".join(self.seen[start:]).strip()
            if address and address.removeprefix("mailto:").rstrip("/") != words.rstrip("/"):
                self.seen.append(f" <{address}>")


def _value(pattern: re.Pattern[str], rest: str) -> str:
    found = pattern.search(rest)
    return unescape(next((part for part in found.groups() if part), "")) if found else ""
