"""Files and pictures (§12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.data import common
from runner.sandbox.data.hard.drafts import mail, note
from runner.sandbox.data.helpdesk import File
from runner.sandbox.data.images import KINDS, filler, picture
from runner.sandbox.data.shapes import FOREIGN_HOST, HOST

if TYPE_CHECKING:
    from runner.sandbox.data.hard.drafting import Desk
    from runner.sandbox.data.table import Record

AGENT = common.AGENTS[0]
BIG = 2_000_000
"""Bytes of the largest attachment."""


def write(desk: Desk) -> None:
    """Add the conversations of this chapter."""
    _attachments(desk)
    _pictures(desk)


def _attachments(desk: Desk) -> None:
    desk.case(
        "Attachments",
        mail(
            "All kinds of files.",
            files=(
                File("data.json", "application/json", b'{"status": 404, "errors": []}'),
                File("empty.txt", "text/plain", b""),
                File("big.bin", "application/octet-stream", filler(1, BIG)),
                File("same.txt", "text/plain", b"one"),
                File("same.txt", "text/plain", b"two"),
            ),
        ),
        note("The same picture twice.", files=(_image(3), _image(3))),
        mail("Page", AGENT, files=(File("page.html", "text/html", b"<script>1</script>"),)),
    )
    names = (
        "Übersicht \u2013 见积.pdf",
        "../../etc/passwd",
        "C:\\temp\\report.txt",
        'quoted "name".txt',
        "line\nbreak.txt",
        "x" * 240 + ".txt",
        "con.txt",
        ".hidden",
        "no extension",
        "semi;colon, comma.txt",
        "😀.txt",
    )
    files = tuple(File(name, "text/plain", f"{at}".encode()) for at, name in enumerate(names))
    desk.case("Names of files", mail("See attached.", files=files))
    mailed = desk.case("A file elsewhere", mail("On another host.", files=(_image(5),)))
    _elsewhere(desk.helpdesk.posts(mailed)[0])


def _image(number: int) -> File:
    return File("picture.png", "image/png", picture(number))


def _elsewhere(post: Record) -> None:
    """Let the addresses of a post's files name another host than the one that was asked."""
    for record in post["attachments"]:
        for key in ("url", "url_download"):
            record[key] = record[key].replace(HOST, FOREIGN_HOST)


def _pictures(desk: Desk) -> None:
    for at, (name, kind) in enumerate(KINDS.items()):
        desk.helpdesk.media[f"hard-{name}"] = File(f"i.{name}", kind, picture(at + 10, name))
    desk.helpdesk.media["hard/with+signs=="] = File("i.png", "image/png", picture(20))
    desk.helpdesk.media["hard-foreign"] = File("i.png", "image/png", picture(21))
    sources = [f"{HOST}/media/url/hard-{name}" for name in KINDS]
    gone = f"{HOST}/media/url/hard-gone"
    html = "".join(f'<p><img src="{source}" alt="x"></p>' for source in [*sources, gone])
    desk.case("Pictures in the text", mail("Look at these.", html=html))
    odd = (
        f"<img src='{HOST}/media/url/hard%2Fwith%2Bsigns%3D%3D?size=1&amp;a=b'>"
        f'<img width="10" src="{FOREIGN_HOST}/media/url/hard-foreign">'
        f'<img src="{sources[0]}"><img src="{sources[0]}">'
        '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><img src="cid:part-1"><img>'
    )
    case = desk.case("Odd pictures", mail("These, too.", html=odd, files=(_image(6),)))
    desk.helpdesk.posts(case)[0]["attachments"][0]["content_id"] = "part-1"
