"""Posts and files that follow from their ids."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.sandbox.data import common, times
from runner.sandbox.data.images import filler, picture
from runner.sandbox.data.making import FIRST_CASE, FIRST_POST, FIRST_USER, Making, channel_of
from runner.sandbox.data.shapes import HOST, conversations, originals, reference
from runner.sandbox.data.shapes.basics import original_key, url
from runner.sandbox.data.store import File, Source

if TYPE_CHECKING:
    from runner.sandbox.data.table import Record

_ATTACHMENT = re.compile(r"cases/(\d+)/(messages|notes)/(\d+)/attachments/1")


@dataclass(frozen=True, slots=True)
class _Turn:
    """Who says what, when, through which channel."""

    case: int
    post: int
    kind: str
    author: int
    subject: str
    text: str
    created_at: str

    @property
    def parent(self) -> str:
        """The path of the note or message."""
        folder = "notes" if self.kind == "NOTE" else "messages"
        return f"cases/{self.case}/{folder}/{original_key(self.post)}"


def source(making: Making) -> Source:
    """All conversations that ``making`` describes."""
    last = FIRST_POST + making.count * making.stride - 1

    def case_of_post(post: int) -> int | None:
        if not FIRST_POST <= post <= last:
            return None
        case = FIRST_CASE + (post - FIRST_POST) // making.stride
        return case if post in making.post_keys(case) else None

    return Source(
        cases=range(FIRST_CASE, FIRST_CASE + making.count),
        case=making.case,
        changed=making.changed,
        posts=lambda case: posts(making, case),
        last_post=last if making.count else 0,
        case_of_post=case_of_post,
        file=lambda path: _file(making, path, last),
        media=_media,
    )


def posts(making: Making, case: int) -> list[Record]:
    """The posts of a case, oldest first: requester and agent by turns, now and then a note."""
    subject = making.subject(case)
    return [
        _post(making, _turn(making, case, number, post, subject))
        for number, post in enumerate(making.post_keys(case))
    ]


def _turn(making: Making, case: int, number: int, post: int, subject: str) -> _Turn:
    kind = making.kind(post)
    asks = number % 2 == 0 and kind != "NOTE"
    return _Turn(
        case,
        post,
        kind,
        making.requester(case) if asks else making.agent(case),
        subject,
        f"{making.text(post, 17)}\n{making.text(post, 18)}",
        times.text(making.written(case, number)),
    )


def _post(making: Making, turn: _Turn) -> Record:
    return conversations.post(
        turn.post,
        subject=turn.subject if turn.kind in {"MAIL", "HELPCENTER"} else turn.text,
        contents=turn.text,
        creator=reference("user", turn.author),
        original=_original(making, turn),
        source_channel=channel_of(turn.kind),
        created_at=turn.created_at,
        is_requester=turn.author >= FIRST_USER,
    )


def _original(making: Making, turn: _Turn) -> Record:
    key = original_key(turn.post)
    if turn.kind == "MESSENGER":
        return originals.chat_message(
            key, turn.case, text=turn.text, sender=turn.author, created_at=turn.created_at
        )
    written: dict[str, Any] = {
        "text": turn.text,
        "html": _html(making, turn),
        "creator": reference("user", turn.author),
        "created_at": turn.created_at,
        **_files(making, turn),
    }
    if turn.kind == "NOTE":
        return originals.note(key, f"cases/{turn.case}", **written)
    asks = turn.author >= FIRST_USER
    return originals.case_message(
        key,
        turn.case,
        subject=turn.subject,
        identity=reference("identity_email", turn.author),
        fullname=f"Customer {turn.author}" if asks else f"Agent {turn.author}",
        email=making.address(turn.author) if asks and turn.kind == "MAIL" else None,
        mailbox=reference("mailbox", common.SUPPORT_MAILBOX) if turn.kind == "MAIL" else None,
        **written,
    )


def _html(making: Making, turn: _Turn) -> str:
    html = "<div>" + turn.text.replace("\n", "<br>") + "</div>"
    if making.dice(turn.post, 19) % 20 == 0:
        html += f'<img src="{HOST}/media/url/generated-{turn.post}" alt="">'
    return html


def _files(making: Making, turn: _Turn) -> dict[str, Any]:
    if not making.has_file(turn.post):
        return {}
    attachment = originals.attachment(
        1,
        turn.parent,
        name=f"file-{turn.post}.txt",
        size=_size(making, turn.post),
        kind="text/plain",
        created_at=turn.created_at,
    )
    everything = url(f"{turn.parent}/attachments/download/all")
    return {"attachments": [attachment], "download_all": everything}


def _size(making: Making, post: int) -> int:
    return 100 + making.dice(post, 21) % 8000


def _file(making: Making, path: str, last_post: int) -> File | None:
    match = _ATTACHMENT.fullmatch(path)
    if not match:
        return None
    post = int(match[3]) - original_key(0)
    if not FIRST_POST <= post <= last_post or not making.has_file(post):
        return None
    return File(f"file-{post}.txt", "text/plain", filler(post, _size(making, post)))


def _media(token: str) -> File | None:
    head, _, number = token.partition("-")
    if head != "generated" or not number.isdecimal():
        return None
    return File("image.png", "image/png", picture(int(number)))
