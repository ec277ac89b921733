"""A change: what plan prints and apply does, for one record."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from runner.mapping.model import Reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.mapping.model import DroppedLabel, Note

MOST_LISTED = 1000
"""Rows of one kind that a run keeps to show them: its memory must not grow with the data."""


class Action(StrEnum):
    """What becomes of a record; the words are those of plan, ledger and status."""

    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    SKIP = "skip"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that an update writes; values are plain (see ``plain``)."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Child:
    """One article that is written inside its ticket; ``digest`` is of its post at the source.

    Its ``message_id`` is one of ``own_id`` (made by us) and ``original_id`` (of the mail that it
    came as, empty where that is not known); either proves that an article is this one.
    """

    source_id: str
    digest: str
    payload: dict[str, Any]
    own_id: str = ""
    original_id: str = ""

    @property
    def message_ids(self) -> frozenset[str]:
        """The ids that the article may have in Zammad."""
        return frozenset({str(self.payload["message_id"]), self.own_id, self.original_id}) - {""}

    @property
    def is_original(self) -> bool:
        """Say whether it is sent with the id of the mail that it came as."""
        return bool(self.original_id) and self.payload["message_id"] == self.original_id


@dataclass(frozen=True, slots=True)
class TimeEntry:
    """Accounted time of a ticket: what it should be, and what is to be done about it.

    ``payload`` has ``time_unit`` (``12.50``, in the configured unit), ``created_at`` and
    ``updated_at``, ``by_console`` what no request can set; ``article`` is the source id of the
    article that carries it, None where it is written by itself. SKIP says that it changed and that
    this Zammad lets nobody change it.
    """

    source_id: str
    digest: str
    payload: dict[str, Any]
    action: Action = Action.CREATE
    article: str | None = None
    by_console: dict[str, Any] = field(default_factory=dict)

    @property
    def is_due(self) -> bool:
        """Say whether it has to be written."""
        return self.action in {Action.CREATE, Action.UPDATE}


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one record, and all that is needed to make it happen.

    ``came_in`` is the mailbox that a conversation came in through and its team's title, None for
    what came in another way.

    ``payload`` is what the target should hold, with symbolic references; ``fields`` the part of it
    that an update writes; ``deferred`` what ``finish`` writes; ``by_console`` what no request can
    set; ``children`` the articles still to be written, ``digests`` those of all posts; ``times``
    all time entries. ``resume``: an earlier run may have sent it. ``ids_kept`` counts articles
    that keep another message id than this run would send, ``mails_unread`` mails whose own ids are
    to be read from Kayako (None: nobody knows how many). ``posts_unread`` counts the posts that
    Kayako announces where ``bodies_unread``, ``asks`` the requests for what hangs beside them,
    ``files_unread`` says whether some of them have attachments.
    """

    entity: str
    source_id: str
    action: Action
    reason: str = ""
    label: str = ""
    target_id: int | None = None
    payload: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    deferred: dict[str, Any] = field(default_factory=dict)
    by_console: dict[str, Any] = field(default_factory=dict)
    differences: tuple[Difference, ...] = ()
    conflicts: tuple[Difference, ...] = ()
    children: tuple[Child, ...] = ()
    digests: dict[str, str] = field(default_factory=dict)
    articles_changed: int = 0
    ids_kept: int = 0
    mails_unread: int | None = 0
    articles_skipped: tuple[tuple[str, str], ...] = ()
    times: tuple[TimeEntry, ...] = ()
    times_skipped: tuple[tuple[str, str], ...] = ()
    fingerprint: str = ""
    adopted: bool = False
    before: dict[str, Any] = field(default_factory=dict)
    resume: bool = False
    bodies_unread: bool = False
    posts_unread: int = 0
    asks: int = 0
    files_unread: bool = False
    came_in: tuple[str, str] | None = None
    notes: tuple[Note, ...] = ()
    dropped: tuple[DroppedLabel, ...] = ()
    creates: tuple[tuple[str, str, str], ...] = ()

    @property
    def writes(self) -> bool:
        """Say whether apply has to do anything in Zammad."""
        due = any(entry.is_due for entry in self.times)
        return self.action is Action.CREATE or due or bool(self.fields or self.children)

    def conflict_rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row for each field that stays because it was changed on both sides."""
        for conflict in self.conflicts:
            yield {
                "entity": self.entity,
                "source_id": self.source_id,
                "label": self.label,
                "field": conflict.field,
                "written": conflict.before,
                "wanted": conflict.after,
            }

    def references(self) -> Iterator[Reference]:
        """Yield every record that this one refers to, its articles' included.

        Those of the console script too: it can only name people who are there by then.
        """
        yield from references_in(self.payload)
        yield from references_in(self.by_console)
        for entry in self.times:
            yield from references_in(entry.by_console)
        for child in self.children:
            yield from references_in(child.payload)


def references_in(value: Any) -> Iterator[Reference]:
    """Yield the references in a payload, however deep."""
    if isinstance(value, Reference):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from references_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from references_in(inner)


def plain(value: Any) -> Any:
    """Return a payload as JSON values: references become ``{"ref": "users/17"}``."""
    if isinstance(value, Reference):
        return {"ref": str(value)}
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def reference_of(text: str) -> Reference:
    """Read a reference back from its text (``users/17``, ``groups=Support``)."""
    for mark in ("/", "="):
        entity, separator, rest = text.partition(mark)
        if separator and entity.replace("_", "").isalpha():
            if mark == "/":
                return Reference(entity, source_id=rest)
            return Reference(entity, name=rest)
    raise ValueError(text)
