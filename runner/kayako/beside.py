"""What Kayako keeps beside its records, one request each: copies, original mails, notes, mergers.

Nothing of it is asked twice for a record that did not change (``runner.snapshot.beside``), and
what a plan or role does not include is counted and left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.errors import Refused
from runner.kayako import aside as asides
from runner.kayako.answers import NOT_OFFERED, Json, Unavailable
from runner.kayako.mergers import survivor
from runner.kayako.paging import LIMIT, pages
from runner.kayako.resources import PARTICIPANTS_PARAMS, USERS
from runner.snapshot.beside import (
    MEMBERSHIPS,
    MERGED,
    NOTES,
    ORIGINAL,
    ORIGINALS,
    PARTICIPANTS,
    USER,
)
from runner.snapshot.expand import not_closed
from runner.snapshot.mails import headers
from runner.snapshot.posts import is_inbound_mail
from runner.snapshot.values import number

if TYPE_CHECKING:
    from runner.kayako.client import Kayako
    from runner.snapshot import Snapshot
    from runner.snapshot.writing import StoredFile, Writer

Chosen = Callable[[Json], bool]
"""Says of an expanded conversation whether something is asked for it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is asked beside posts and files, and for which conversations; None: for none."""

    participants: Chosen | None = not_closed
    originals: Chosen | None = None
    aside: asides.Aside = field(default_factory=asides.Aside)


@dataclass
class Asked:
    """What was asked beside one conversation: mails that were there, requests that were refused."""

    originals: int = 0
    refused: int = 0
    files: list[StoredFile] = field(default_factory=list)


def missing(snapshot: Snapshot, case: Json, choice: Choice) -> bool:
    """Tell whether something that is chosen for a conversation was never asked."""
    wanted = (
        (MERGED, case["is_merged"]),
        (PARTICIPANTS, choice.participants is not None and choice.participants(case)),
        (ORIGINALS, choice.originals is not None and choice.originals(case)),
    )
    return asides.missing(snapshot, case, choice.aside) or any(
        chosen and not snapshot.beside.answered(kind, case["id"]) for kind, chosen in wanted
    )


def of_case(
    kayako: Kayako,
    snapshot: Snapshot,
    writer: Writer,
    case: Json,
    posts: list[Json],
    *,
    choice: Choice,
) -> Asked:
    """Ask for what is chosen beside one conversation.

    Args:
        kayako: Whom to ask.
        snapshot: What is known.
        writer: Where it goes.
        case: The expanded conversation.
        posts: Its posts, as Kayako sends them or as they are stored.
        choice: What is asked.
    """
    asked = Asked()
    case_id = case["id"]
    if case["is_merged"] and snapshot.beside.get(MERGED, case_id) is None:
        # One request and no more: how a history is paged was never recorded (§6).
        path, query = f"cases/{case_id}/activities", {"limit": LIMIT, "include": "case"}
        found = _offered(asked, lambda: kayako.get(path, query)["data"])
        writer.beside(MERGED, case_id, survivor(found or [], case_id))
    if choice.participants is not None and choice.participants(case):
        people = pages(kayako, f"cases/{case_id}/participants", PARTICIPANTS_PARAMS)
        found = _offered(asked, lambda: [item for page in people for item in page.data])
        writer.beside(PARTICIPANTS, case_id, found)
    if choice.originals is not None and choice.originals(case):
        _originals(kayako, snapshot, writer, posts, asked)
        writer.beside(ORIGINALS, case_id, None)
    refused, asked.files = asides.of_case(kayako, snapshot, writer, case, choice.aside)
    asked.refused += refused
    return asked


def _originals(
    kayako: Kayako, snapshot: Snapshot, writer: Writer, posts: list[Json], asked: Asked
) -> None:
    """Read the headers of mails that came in; a mail never changes, so each once and for good."""
    for post in posts:
        post_id = number(post.get("id"))
        if post_id is None or not is_inbound_mail(post, snapshot.lookup):
            continue
        if snapshot.beside.answered(ORIGINAL, post_id):
            continue
        try:
            mail = kayako.get(f"cases/posts/{post_id}/email_original")["data"]
        except Refused as error:
            if error.status != 404:
                raise
            writer.beside(ORIGINAL, post_id, None)
        except Unavailable:
            asked.refused += 1
            return
        else:
            asked.originals += 1
            source = mail.get("source_content") if isinstance(mail, dict) else None
            writer.beside(ORIGINAL, post_id, headers(source))


def _offered(asked: Asked, ask: Callable[[], Any]) -> list[Json] | None:
    """Return the rows that ``ask`` brings, None when plan or role do not include them."""
    try:
        found = ask()
    except (Unavailable, Refused) as error:
        if isinstance(error, Refused) and error.status not in NOT_OFFERED:
            raise
        asked.refused += 1
        return None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def ask_for_people(kayako: Kayako, snapshot: Snapshot, writer: Writer) -> tuple[int, int]:
    """Ask by id, once, for each user whom records name and no list has.

    Returns:
        How many were found, and how many Kayako does not have: those are not asked for again.
    """
    found = missed = 0
    for user_id, wanted in snapshot.beside.pending(USER):
        if snapshot.record("users", user_id) is not None:
            snapshot.beside.forget(USER, user_id)
            continue
        try:
            user = kayako.get(f"{USERS.path}/{user_id}", USERS.params)["data"]
        except Unavailable:
            continue
        except Refused as error:
            if error.status != 404:
                raise
            user = None
        if isinstance(user, dict) and user.get("id") == user_id:
            writer.keep(USERS.name, user, sweep=writer.last_sweep(USERS.name))
            snapshot.beside.forget(USER, user_id)
            found += 1
        else:
            snapshot.beside.keep(USER, user_id, None, stamp=wanted)
            missed += 1
    return found, missed


def read_notes(kayako: Kayako, snapshot: Snapshot, writer: Writer) -> dict[str, int]:
    """Read the notes of users and organizations that have pinned ones.

    Nothing says how many notes a profile has but for pinned ones (kayako-api.md §10), and a
    request for each user would be too dear.

    Returns:
        How many profiles were read, by resource.
    """
    read = {}
    for resource, kind in NOTES.items():
        count = 0
        for identifier, wanted in snapshot.beside.pending(kind):
            found: list[Json] = []
            try:
                for page in pages(kayako, f"{resource}/{identifier}/notes", {"include": "note"}):
                    found += page.data
            except (Unavailable, Refused) as error:
                if isinstance(error, Refused) and error.status not in NOT_OFFERED:
                    raise
                continue
            writer.beside(kind, identifier, found, stamp=wanted)
            count += 1
        read[resource] = count
    return read


def read_memberships(kayako: Kayako, snapshot: Snapshot, writer: Writer) -> int:
    """Read to which organizations each user belongs who has one; asked again when they change.

    A request each: no list tells who has several (kayako-api.md §9, ``/users/:id/organizations``;
    that the members of an organization would name them all is nowhere said).

    Returns:
        How many users belong to more than one.
    """
    several = 0
    for user_id, wanted in snapshot.beside.pending(MEMBERSHIPS):
        try:
            found = [
                number(item.get("id"))
                for page in pages(kayako, f"{USERS.path}/{user_id}/organizations")
                for item in page.data
            ]
        except (Unavailable, Refused) as error:
            if isinstance(error, Refused) and error.status not in NOT_OFFERED:
                raise
            continue
        writer.beside(MEMBERSHIPS, user_id, [one for one in found if one], stamp=wanted)
        several += len(found) > 1
    return several
