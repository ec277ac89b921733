"""Links to Kayako's own pages in what people wrote: found, and led elsewhere.

Kayako's pages (addresses as its frontend writes them, and as people paste them):

* ``/agent/conversations/123``, for agents; ``/agent/conversations/view/7`` is a list, no
  conversation, and stays;
* ``/en-us/conversation/123`` and the same without a language, for customers;
  ``/conversation/new/11`` is a form, and stays;
* ``/en-us/article/85-some-words``, with and without a language: the Help Center.

A body in which nothing is led elsewhere stays as it is, byte for byte.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from runner.mapping.html import attribute
from runner.markup import Markup

Resolve = Callable[[str, int], str | None]
"""Gets what a page shows (``conversation``, ``article``) and its id; gives where it is now, or
None where it has no other place."""

CONVERSATION, ARTICLE = "conversation", "article"

_PAGE = (
    r"/(?:"
    r"(?:agent/|[a-z]{2}(?:-[a-z]{2,4})?/)?conversations?/(?P<conversation>[0-9]{1,18})"
    r"|(?:[a-z]{2}(?:-[a-z]{2,4})?/)?article/(?P<article>[0-9]{1,18})(?:-[\w%.~-]*[\w%~-])?"
    r")(?![\w%-])"
)
# What may follow in the same address, but for punctuation that ends a sentence or a bracket.
_INNER = r"(?!&(?:[gl]t|quot|nbsp|#34|#39);)[^\s<>\"'()\[\]{}|\\^`]"
_REST = rf"(?:[/?#](?:(?:{_INNER})*(?<![.,;:!?*]))?)?"
_SILENT = frozenset({"script", "style", "title", "template", "textarea"})


def hosts_of(kayako_url: str, brands: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Return the hosts of Kayako's pages in lower case, with the port where one is given.

    Args:
        kayako_url: the address of the account.
        brands: its brands: ``domain`` and ``alias`` are host names of their own, ``sub_domain``
            stands before the account's domain (kayako-api.md §10, brand).
    """
    own = urlsplit(kayako_url).netloc.lower()
    _, _, domain = own.partition(".")
    found = {own}
    for brand in brands:
        for key in ("domain", "alias", "sub_domain"):
            name = str(brand.get(key) or "").strip().lower()
            name = urlsplit(name).netloc if "//" in name else name
            if key == "sub_domain" and name and "." not in name:
                name = f"{name}.{domain}" if domain.startswith("kayako.") else ""
            if "." in name:
                found.add(name)
    return frozenset(found - {""})


def rewrite(
    text: str,
    *,
    is_html: bool,
    hosts: frozenset[str],
    resolve: Resolve,
    marks: Mapping[str, str] | None = None,
) -> tuple[str, list[str]]:
    """Lead links to Kayako's pages elsewhere.

    Args:
        text: a message or an article.
        is_html: ``href`` of links is looked at, and text that shows; else all of the text.
        hosts: as ``hosts_of`` gives them; pages of other hosts are none of ours.
        resolve: says where a page is now.
        marks: attributes that a link gets beside its address, by the address that ``resolve``
            gave: `` name="value"``, escaped. It may fill them while it is asked.

    Returns:
        The text, and every address that stays for want of another place, once each.
    """
    lowered = text.lower()
    if not any(host in lowered for host in hosts):
        return text, []
    address = _address(hosts)
    stay: dict[str, None] = {}

    def led(match: re.Match[str]) -> str:
        kind = CONVERSATION if match[CONVERSATION] else ARTICLE
        new = resolve(kind, int(match[kind]))
        if new is None:
            stay.setdefault(html.unescape(match[0]) if is_html else match[0])
            return match[0]
        return html.escape(new) if is_html else new

    if is_html:
        beside = {} if marks is None else marks
        return _in_html(text, lambda part: address.sub(led, part), beside), list(stay)
    return address.sub(led, text), list(stay)


def article_of(address: str) -> int | None:
    """Return the id of the article whose page an address is; None for any other address."""
    match = re.search(_PAGE, urlsplit(address).path, re.IGNORECASE)
    return int(match[ARTICLE]) if match and match[ARTICLE] else None


def _address(hosts: frozenset[str]) -> re.Pattern[str]:
    names = "|".join(re.escape(host) for host in sorted(hosts))
    return re.compile(rf"(?<![\w/=?&%#@.+])https?://(?:{names}){_PAGE}{_REST}", re.IGNORECASE)


def _in_html(text: str, led: Callable[[str], str], marks: Mapping[str, str]) -> str:
    """Apply ``led`` to the addresses of links and to text, and leave all other markup alone.

    The words of a link that leads where it led stay, too: they would not fit it any more.
    """
    written: list[str] = []
    fixed = False
    for kind, piece, tag in _Pieces(text).found():
        if kind == "a":
            new = _in_tag(tag, led, marks)
            fixed = new == tag and attribute(tag, "href") is not None
            written.append(new + piece[len(tag) :])
        else:
            fixed = fixed and kind != "/a"
            written.append(led(piece) if kind == "text" and not fixed else piece)
    return "".join(written)


def _in_tag(tag: str, led: Callable[[str], str], marks: Mapping[str, str]) -> str:
    """Lead the address of one link, however it is written; one inside of another stays."""
    match = attribute(tag, "href")
    if match is None:
        return tag
    inner = match[2].strip("\"'").strip()
    new = led(inner) if inner.lower().startswith("http") else inner
    if new == inner:
        return tag
    mark = marks.get(html.unescape(new), "")
    return f'{tag[: match.start(2)]}"{new}"{mark}{tag[match.end(2) :]}'


class _Pieces(Markup):
    """Takes HTML apart without losing a character."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self._text = text
        self._marks: list[tuple[int, str, str]] = []
        self._silent = ""
        self._starts = [0]
        self._starts.extend(match.end() for match in re.finditer("\n", text))
        self.feed(text)
        self.close()

    def found(self) -> Iterable[tuple[str, str, str]]:
        """Yield kind (``a``, ``/a``, ``text`` or nothing), piece, and the tag as written."""
        marks = [(0, "", ""), *self._marks, (len(self._text), "", "")]
        for (start, kind, tag), (end, _, _) in pairwise(marks):
            yield kind, self._text[start:end], tag

    def _mark(self, kind: str, tag: str = "") -> None:
        line, column = self.getpos()
        if kind != "text" or not self._marks or self._marks[-1][1] != "text":
            self._marks.append((self._starts[line - 1] + column, kind, tag))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._silent = self._silent or (tag if tag in _SILENT else "")
        written = self.get_starttag_text() or ""
        self._mark("a" if tag == "a" and not self._silent else "", written)

    def handle_endtag(self, tag: str) -> None:
        self._silent = "" if tag == self._silent else self._silent
        self._mark("/a" if tag == "a" else "")

    def handle_data(self, data: str) -> None:
        self._mark("" if self._silent or not data else "text")

    def handle_entityref(self, name: str) -> None:
        self.handle_data(name)

    def handle_charref(self, name: str) -> None:
        self.handle_data(name)

    def handle_comment(self, data: str) -> None:
        del data
        self._mark("")

    def handle_decl(self, decl: str) -> None:
        self.handle_comment(decl)

    def handle_pi(self, data: str) -> None:
        self.handle_comment(data)

    def unknown_decl(self, data: str) -> None:
        self.handle_comment(data)
