"""Posts before they have ids and times, and what they become."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from runner.sandbox.data import common
from runner.sandbox.data.shapes import originals, reference
from runner.sandbox.data.shapes.basics import original_key

if TYPE_CHECKING:
    from runner.sandbox.data.helpdesk import File, Helpdesk
    from runner.sandbox.data.table import Record

CUSTOMER = 11
"""Who asks unless a conversation says otherwise: a customer with one address and a name."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One post before it has ids and times.

    ``by`` is a user's id, a reference to somebody else (a trigger), or None for nobody; ``kind``
    is the type of the original; ``html`` with ``{FILES}`` is filled with the files' addresses by
    the caller. ``post`` and ``original`` replace any key of the two records.
    """

    text: str
    by: int | Record | None = CUSTOMER
    channel: str | None = "MAIL"
    kind: str | None = "case_message"
    html: str | None = None
    files: tuple[File, ...] = ()
    post: dict[str, Any] = field(default_factory=dict)
    original: dict[str, Any] = field(default_factory=dict)


def mail(text: str, by: int | Record | None = CUSTOMER, **more: Any) -> Draft:
    """A mail; its HTML is the text in a ``div`` unless ``html`` is given."""
    more.setdefault("html", f'<div dir="ltr">{text}</div>')
    return Draft(text, by, **more)


def note(text: str, by: int | Record | None = common.AGENTS[0], **more: Any) -> Draft:
    """An internal note."""
    more.setdefault("html", f"{text}<br>")
    return Draft(text, by, channel="NOTE", kind="note", **more)


def said(
    kind: str, channel: str | None, text: str, by: int | None = CUSTOMER, **more: Any
) -> Draft:
    """A post of any other channel."""
    return Draft(text, by, channel=channel, kind=kind, **more)


@dataclass(frozen=True, slots=True)
class Placed:
    """A draft at its place in a conversation; ``asks`` says whether its author is the requester."""

    case: int
    post: int
    subject: str
    draft: Draft
    creator: Record | None
    moment: str
    asks: bool


class Directory(Protocol):
    """Where people's addresses and names are looked up, and files are kept."""

    helpdesk: Helpdesk

    def identity(self, person: Record | int | None) -> Record | None:
        """A reference to the first mail address of a user."""
        ...

    def address(self, person: Record | None) -> str | None:
        """The first mail address of a user."""
        ...

    def name(self, person: Record | None) -> str:
        """The name of a user."""
        ...


def original(directory: Directory, placed: Placed) -> Record | None:
    """The message, note, chat line or tweet that a draft becomes; None for a draft of no kind."""
    kind = placed.draft.kind
    if kind is None:
        return None
    if kind == "note":
        written = _written(directory, placed, "notes")
        return originals.note(original_key(placed.post), f"cases/{placed.case}", **written)
    if kind == "case_message":
        posted = placed.draft.channel == "MAIL"
        letter = {
            "identity": directory.identity(placed.creator),
            "fullname": directory.name(placed.creator),
            "email": directory.address(placed.creator) if placed.asks and posted else None,
            "mailbox": reference("mailbox", common.SUPPORT_MAILBOX) if posted else None,
            **_written(directory, placed, "messages"),
        }
        key = original_key(placed.post)
        return originals.case_message(key, placed.case, subject=placed.subject, **letter)
    return _social(directory, placed, kind)


def _written(directory: Directory, placed: Placed, folder: str) -> dict[str, Any]:
    draft = placed.draft
    parent = f"cases/{placed.case}/{folder}/{original_key(placed.post)}"
    return {
        "text": draft.text,
        "html": draft.html,
        "creator": placed.creator,
        "created_at": placed.moment,
        "attachments": directory.helpdesk.attach(parent, draft.files, placed.moment),
        **draft.original,
    }


def _social(directory: Directory, placed: Placed, kind: str) -> Record:
    key = original_key(placed.post)
    author = (placed.creator or {"id": 0})["id"]
    text, moment = placed.draft.text, placed.moment
    if kind == "chat_message":
        return originals.chat_message(key, placed.case, text=text, sender=author, created_at=moment)
    if kind == "twitter_tweet":
        return originals.tweet(
            f"8775044502{key:08d}",
            screen_name=f"customer_{author}",
            full_name=directory.name(placed.creator),
            text=text,
            identity=author,
            created_at=moment,
        )
    return originals.social_message(
        kind,
        f"9000{key:08d}",
        text=text,
        created_at=moment,
        recipient=placed.draft.original.get("recipient"),
    )
