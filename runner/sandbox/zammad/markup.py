"""HTML as Zammad keeps it: an allow-list of tags and attributes, images as attachments."""

from __future__ import annotations

import base64
import binascii
import html
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ALLOWED = _words(
    "a abbr acronym address area article aside b bdi bdo big blockquote br caption center cite "
    "code col colgroup dd del details dfn dir div dl dt em figcaption figure footer h1 h2 h3 h4 "
    "h5 h6 header hr i img ins kbd label legend li main map mark menu meter nav ol output p pre q "
    "s samp section small span strike strong sub summary sup table tbody td text tfoot th thead "
    "time tr tt u ul var"
)
_DROPPED_WITH_CONTENT = frozenset({"script", "style", "title", "iframe", "object", "template"})
_VOID = frozenset({"area", "br", "col", "hr", "img"})
_ATTRIBUTES = _words(
    "align alt border cellpadding cellspacing cid cite colspan data-target-id data-target-type dir "
    "headers height href hreflang lang name rowspan scope size span src start style summary title "
    "type valign value width"
)
_LINKS = ("http:", "https:", "ftp:", "mailto:", "tel:", "sms:", "#")
_STYLES = re.compile(
    r"\s*(?:background|background-color|color|font-size|font-style|font-weight|text-align|"
    r"text-decoration|width|height|max-width|max-height|min-width|padding[-a-z]*|margin[-a-z]*|"
    r"border[-a-z]*|vertical-align|line-height|list-style[-a-z]*|display|white-space)\s*:",
    re.IGNORECASE,
)
_DATA_IMAGE = re.compile(r"data:(image/(?:jpeg|jpg|png));base64,(.*)", re.IGNORECASE | re.DOTALL)
_PLAIN = re.compile(
    r"(?:[^<&\r]++|&(?:lt|gt|amp);|</?(?:p|div|b|i|u|strong|em|ul|ol|li|blockquote|pre|span|table|"
    r"tbody|tr|td|h[1-6])>|<(?:br|hr)>)*+"
)


def sanitize(source: str, keep_image: Callable[[str, bytes], str]) -> str:
    """Return what Zammad stores of an HTML body.

    Args:
        source: HTML of any kind.
        keep_image: stores an inline image (mime type, bytes) and returns its content id.

    Remote images go, ``data:`` images of PNG and JPEG become attachments, scripts and styles go
    with their content, unknown tags go without it (recordings "inline data image becomes an
    attachment", "remote image is stripped", "script is stripped").
    """
    if _PLAIN.fullmatch(source):
        return source
    cleaner = _Cleaner(keep_image)
    cleaner.feed(source)
    cleaner.close()
    return cleaner.result()


class _Cleaner(HTMLParser):
    """Writes the allowed part of a document, well nested."""

    def __init__(self, keep_image: Callable[[str, bytes], str]) -> None:
        super().__init__(convert_charrefs=True)
        self._keep_image = keep_image
        self._written: list[str] = []
        self._open: list[str] = []
        self._dropping: list[str] = []

    def result(self) -> str:
        self._written += [f"</{tag}>" for tag in reversed(self._open)]
        self._open.clear()
        return "".join(self._written)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED_WITH_CONTENT:
            self._dropping.append(tag)
        if self._dropping or tag not in _ALLOWED:
            return
        attributes = self._attributes(tag, attrs)
        if attributes is None:
            return
        self._written.append(f"<{tag}{attributes}>")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._dropping:
            if tag == self._dropping[-1]:
                self._dropping.pop()
            return
        while tag in self._open:
            closed = self._open.pop()
            self._written.append(f"</{closed}>")
            if closed == tag:
                return

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self._written.append(html.escape(data, quote=False))

    def _attributes(self, tag: str, attrs: list[tuple[str, str | None]]) -> str | None:
        """Return the attributes to write, or None when the whole node goes."""
        kept = {name: value or "" for name, value in attrs if name in _ATTRIBUTES}
        if "style" in kept:
            kept["style"] = _style(kept["style"])
        if tag == "img" and not self._source(kept):
            return None
        if tag == "a" and "href" in kept:
            if not kept["href"].strip().lower().startswith(_LINKS):
                del kept["href"]
            elif kept["href"].lower().startswith("http"):
                kept |= {"rel": "nofollow noreferrer noopener", "target": "_blank"}
        kept = {name: value for name, value in kept.items() if value or name != "style"}
        return "".join(f' {name}="{html.escape(value)}"' for name, value in kept.items())

    def _source(self, kept: dict[str, str]) -> bool:
        """Put an image's data aside; return whether the image stays."""
        source = kept.get("src", "").strip()
        if not source or source.lower().startswith(("http:", "https:", "//")):
            return False
        match = _DATA_IMAGE.fullmatch(source)
        if match:
            try:
                content = base64.b64decode(match.group(2))
            except binascii.Error:
                return False
            kept["src"] = f"cid:{self._keep_image(match.group(1).lower(), content)}"
            kept["style"] = _with_width(kept.get("style", ""))
        return True


def _style(value: str) -> str:
    parts = [part.strip() for part in value.split(";") if _STYLES.match(part)]
    return "".join(f"{part};" for part in parts)


def _with_width(style: str) -> str:
    return style if "max-width" in style else f"{style}max-width:100%;"
