"""What is done to the HTML of posts: find out whether it shows anything, and link its images.

Everything else stays as Kayako sent it, byte for byte: pieces are exchanged in the text itself,
the HTML is never written anew.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from runner.markup import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SHOWING_TAGS = frozenset(
    {"img", "video", "audio", "iframe", "object", "embed", "svg", "hr", "input", "canvas"}
)
_SHOWING = re.compile(rf"<(?:{'|'.join(sorted(_SHOWING_TAGS))})\b", re.IGNORECASE)
_HIDING = re.compile(r"<(?:style|script|title|head|template|!--|!\[)", re.IGNORECASE)
_BLANK = "\\s\u00a0\u00ad\u034f\u200b-\u200f\u2028\u2029\u2060\ufeff"
_BLANK_ENTITY = r"&(?:nbsp|shy|zwn?j|#160|#xa0|#173|#xad|#8203|#x200b|#8204|#x200c);?"
_TEXT = re.compile(rf"(?:\A|>)(?:[{_BLANK}]|{_BLANK_ENTITY})*+[^<>{_BLANK}]", re.IGNORECASE)
_ONLY_BLANK = re.compile(rf"[{_BLANK}]*\Z")
_ATTRIBUTE = re.compile(r"""([^\s=/>"']+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?""")
_TAG = re.compile(r"<[^\s/>]*")
_MEDIA = "/media/url/"


def has_content(text: Any) -> bool:
    """Tell whether HTML shows anything: text that is not blank, an image, a rule…."""
    if not isinstance(text, str) or not text or text.isspace():
        return False
    if "<" not in text:
        return not _ONLY_BLANK.match(html.unescape(text))
    if not _HIDING.search(text):
        return bool(_SHOWING.search(text) or _TEXT.search(text))
    search = _Search()
    search.feed(text)
    search.close()
    return search.found


class _Search(Markup):
    """Looks for anything that shows, outside of what browsers hide."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = False
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count what hides its content; an image is something to see."""
        del attrs
        if tag in {"style", "script", "title", "template"}:
            self._hidden += 1
        elif not self._hidden and tag in _SHOWING_TAGS:
            self.found = True

    def handle_endtag(self, tag: str) -> None:
        """End what hides its content."""
        if tag in {"style", "script", "title", "template"} and self._hidden:
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        """Text that is not blank shows."""
        if not self._hidden and not _ONLY_BLANK.match(data):
            self.found = True


def link_images(
    text: str, images: Mapping[str, str | None], replaced: Callable[[str], None]
) -> str:
    """Point the images that were fetched to their files, and name those that are gone.

    Args:
        text: HTML as Kayako sent it.
        images: URL in the HTML to the file's sha256, or to None when it could not be fetched.
        replaced: Is told each URL whose image is missing.

    Returns:
        The HTML with ``src="snapshot:SHA256"`` for files, and a link in place of an image that is
        missing; images of other hosts are left alone. Kayako's images are known by their path
        (``/media/url/TOKEN``): the host differs where an account has an alias.
    """
    if "<img" not in text and "<IMG" not in text and "<Img" not in text:
        return text
    by_path = {_media_path(url): digest for url, digest in images.items() if _media_path(url)}
    finder = _Images(text)
    pieces: list[str] = []
    end = 0
    for start, tag, source, alternative in finder.found:
        known, digest = _digest(source, images, by_path)
        if not known:
            continue
        pieces.append(text[end:start])
        end = start + len(tag)
        if digest:
            pieces.append(_with_source(tag, f"snapshot:{digest}"))
        else:
            replaced(source)
            words = alternative.strip() or "image"
            address = html.escape(source)
            pieces.append(f'<a href="{address}">[{html.escape(words)}: no longer available]</a>')
    pieces.append(text[end:])
    return "".join(pieces)


def _with_source(tag: str, source: str) -> str:
    """Return a tag as it was written, with another address."""
    found = attribute(tag, "src")
    return tag if found is None else f'{tag[: found.start(2)]}"{source}"{tag[found.end(2) :]}'


def attribute(tag: str, name: str) -> re.Match[str] | None:
    """Return where a tag as it was written has an attribute: group 2 is its value, with quotes."""
    start = _TAG.match(tag)
    for found in _ATTRIBUTE.finditer(tag, start.end() if start else 0):
        if found[1].lower() == name and found[2]:
            return found
    return None


def _digest(
    source: str, images: Mapping[str, str | None], by_path: Mapping[str, str | None]
) -> tuple[bool, str | None]:
    """Return whether an image is Kayako's, and its file."""
    if source in images:
        return True, images[source]
    path = _media_path(source)
    return bool(path), by_path.get(path)


def _media_path(url: str) -> str:
    """Return the part of a URL that names a Kayako image, or nothing."""
    if _MEDIA not in url:
        return ""
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    return unquote(path[path.index(_MEDIA) :]) if _MEDIA in path else ""


class _Images(Markup):
    """Finds images: ``found`` has offset, tag as written, address and alternative text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[tuple[int, str, str, str]] = []
        self._starts = [0]
        self._starts.extend(match.end() for match in re.finditer("\n", text))
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an image with an address."""
        values = {name: value or "" for name, value in reversed(attrs)}
        source = values.get("src", "").strip()
        written = self.get_starttag_text()
        if tag == "img" and source and written:
            line, column = self.getpos()
            start = self._starts[line - 1] + column
            self.found.append((start, written, source, values.get("alt", "")))
