"""What a body shows: its words without blanks, and its pictures as pixels.

HTML may be written in many ways and tidied on its way; what people see may not change.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

from PIL import Image

from runner.sandbox.data import Helpdesk
from tests.behaviour.truth.source import Record

_HIDDEN = {"script", "style", "title", "template", "iframe"}
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u00a0"))


@dataclass
class Body:
    """``text`` is exact where it is plain, without blanks where it was HTML."""

    text: str
    is_html: bool
    pictures: list[str] = field(default_factory=list)
    lost: bool = False


class Page(HTMLParser):
    """Reads HTML: ``words`` is what shows, ``sources`` the addresses of its pictures."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words = ""
        self.sources: list[str] = []
        self._hidden = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _HIDDEN
        address = dict(attrs).get("src")
        if tag == "img" and address:
            self.sources.append(address)

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _HIDDEN

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words += "".join(data.split())


def of(helpdesk: Helpdesk, post: Record, missing: list[str]) -> Body:
    """Return what a post shows; ``missing`` files and lost pictures must be named in it."""
    original = post["original"] or {}
    html = original.get("body_html")
    if html:
        page = Page(html)
        if page.words.translate(_INVISIBLE) or page.sources:
            return _html(helpdesk, page, missing)
    texts = (original.get(key) for key in ("body_text", "text", "contents"))
    shown = [text for text in (*texts, post["contents"]) if text and text.strip()]
    return Body(shown[0] if shown else "(no content)", is_html=False)


def _html(helpdesk: Helpdesk, page: Page, missing: list[str]) -> Body:
    body = Body(page.words, is_html=True)
    for address in page.sources:
        token = unquote(urlsplit(address).path.partition("/media/url/")[2])
        if not token:
            continue
        picture = helpdesk.find_media(token)
        if picture is not None:
            body.pictures.append(pixels(picture.content))
        else:
            body.lost = True
            body.text += "[x:nolongeravailable]"
    for name in missing:
        body.text += f"[Attachment{name}couldnotbereadfromKayako:127.0.0.1answered404]"
    return body


def pixels(content: bytes) -> str:
    """Return a digest of what a picture shows, whatever format it is in."""
    with Image.open(io.BytesIO(content)) as image:
        shown = image.convert("RGBA")
        return hashlib.sha256(repr(shown.size).encode() + shown.tobytes()).hexdigest()
