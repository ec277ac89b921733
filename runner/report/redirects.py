"""Where Kayako's pages are now: a table, and rules for the web server of a custom domain.

Two pages of nginx rules, for two places of its configuration: *maps* belong beside the servers,
the *server* rule into the server of the Help Center's old domain.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import TextIO

CSV, MAPS, SERVER = "redirects.csv", "nginx-maps.conf", "nginx-server.conf"

_LANGUAGE = "(?:[a-z][a-z](?:-[a-z]+)?/)?"
_HEAD = """\
# Belongs into the http block of nginx, beside the servers:
#   include /etc/nginx/nginx-maps.conf;
# With many lines nginx may ask for a larger map_hash_max_size: set it beside this.

map $uri $kayako_page {
    default "";
    "~^/(?:agent/|LANGUAGE)conversations?/(?<kayako_case>[0-9]+)(?:/|$)" c$kayako_case;
    "~^/LANGUAGEarticle/(?<kayako_article>[0-9]+)(?:-|/|$)" a$kayako_article;
}

# Conversations whose ticket has the same number need no line of their own.
map $kayako_page $zammad_page {
    default "";
    "~^c(?<kayako_number>[0-9]+)$" ticket/zoom/number/$kayako_number;
""".replace("LANGUAGE", _LANGUAGE)
_SERVER = """\
# Belongs into the server block of the old domain ({hosts}):
#   include /etc/nginx/nginx-server.conf;
# Once it works as it should, 301 tells search engines to forget the old address.

if ($zammad_page != "") {{
    return 302 {zammad}/#$zammad_page;
}}
"""


class Page(NamedTuple):
    """A page of Kayako's and where it is now.

    Args:
        path: its path, like ``/conversation/12``.
        key: ``c`` for a conversation or ``a`` for an article, and its id.
        target: its place in Zammad, to stand behind ``/#``.
    """

    path: str
    key: str
    target: str


def conversation(case_id: str, target: str) -> Page:
    """Return the page of a conversation."""
    return Page(f"/conversation/{case_id}", f"c{case_id}", target)


def article(article_id: str, target: str) -> Page:
    """Return the page of a Help Center article."""
    return Page(f"/article/{article_id}", f"a{article_id}", target)


def write(folder: Path, pages: Iterable[Page], *, hosts: list[str], zammad_url: str) -> int:
    """Write the three files and return how many pages they lead elsewhere.

    Args:
        folder: where to; made if it is missing.
        pages: what is where; read once.
        hosts: scheme and host of Kayako and of its brands: each page has an address at each.
        zammad_url: where Zammad is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    number = 0
    with _open(folder / CSV) as table, _open(folder / MAPS) as maps:
        rows = csv.writer(table, lineterminator="\n")
        rows.writerow(["kayako_url", "zammad_url"])
        maps.write(_HEAD)
        for page in pages:
            number += 1
            rows.writerows([f"{host}{page.path}", f"{zammad_url}/#{page.target}"] for host in hosts)
            if page.target != f"ticket/zoom/number/{page.key.removeprefix('c')}":
                maps.write(f'    {page.key} "{page.target}";\n')
        maps.write("}\n")
    names = ", ".join(host.partition("//")[2] for host in hosts)
    with _open(folder / SERVER) as server:
        server.write(_SERVER.format(hosts=names, zammad=zammad_url))
    return number


def _open(file: Path) -> AbstractContextManager[TextIO]:
    return file.open("w", encoding="utf-8", newline="")
