"""Where a sample helpdesk keeps its records, posts and files."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runner.sandbox.data import times
from runner.sandbox.data.table import Key, Recency, Record, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True, slots=True)
class File:
    """A stored file as it is downloaded: its name, its media type and its bytes."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Source:
    """Conversations that are made when somebody asks, always the same for the same id.

    ``changed`` gives the second of a case's last change without making the case; ``file`` takes
    the path of an attachment (``cases/3/notes/3/attachments/1``), ``media`` a public token.
    """

    cases: range
    case: Callable[[int], Record]
    changed: Callable[[int], int]
    posts: Callable[[int], list[Record]]
    last_post: int
    case_of_post: Callable[[int], int | None]
    file: Callable[[str], File | None]
    media: Callable[[str], File | None]


@dataclass(slots=True)
class Sides:
    """What hangs beside cases and people; each has an endpoint of its own, none is in a case."""

    user_notes: dict[int, list[Record]] = field(default_factory=dict)
    organization_notes: dict[int, list[Record]] = field(default_factory=dict)
    memberships: dict[int, list[int]] = field(default_factory=dict)
    participants: dict[int, list[int]] = field(default_factory=dict)
    activities: dict[int, list[Record]] = field(default_factory=dict)
    side_conversations: dict[int, list[Record]] = field(default_factory=dict)
    side_messages: dict[int, list[Record]] = field(default_factory=dict)
    mails: dict[int, Record] = field(default_factory=dict)


class Store:
    """All records, by type and id, and the order in which Kayako lists its cases.

    Records are dictionaries in Kayako's own shape with references instead of nested records.
    Read them under ``lock`` when a server is running on them; change them only by methods.
    ``version`` counts the changes.
    """

    def __init__(self, source: Source | None = None) -> None:
        self.lock = threading.RLock()
        self.version = 0
        self.tables: dict[str, Table] = {}
        self.hidden: set[tuple[str, Key]] = set()
        self.archived: set[int] = set()
        self.sides = Sides()
        self.files: dict[str, File] = {}
        self.media: dict[str, File] = {}
        self._source = source
        self._posts: dict[int, list[Record]] = {}
        self._case_of_post: dict[int, int] = {}
        self._highest_post = source.last_post if source else 0
        self._states: dict[str, set[int]] = {}
        self._orders = {False: Recency(), True: Recency()}
        if source:
            self.tables["case"] = Table(span=source.cases, make=source.case)
            self._orders[False] = Recency((source.changed(key), key) for key in source.cases)

    def table(self, resource_type: str) -> Table:
        """The records of one type; empty for a type that the helpdesk does not use."""
        return self.tables.setdefault(resource_type, Table())

    @property
    def teams(self) -> Table:
        """Teams by id."""
        return self.table("team")

    @property
    def organizations(self) -> Table:
        """Organizations by id."""
        return self.table("organization")

    @property
    def users(self) -> Table:
        """Users by id."""
        return self.table("user")

    @property
    def cases(self) -> Table:
        """Conversations by id, whatever their state: also archived, trashed, suspended ones."""
        return self.table("case")

    def find(self, resource_type: str, key: Key) -> Record | None:
        """The record that a reference means, or None where it leads nowhere."""
        table = self.tables.get(resource_type)
        return table.get(key) if table else None

    def listed(self, resource_type: str) -> Iterator[Record]:
        """The records of a type that a list shows: deleted definitions are left out."""
        for key, record in self.table(resource_type).items():
            if (resource_type, key) not in self.hidden:
                yield record

    def posts(self, case_id: int) -> list[Record]:
        """The posts of a case, oldest first, without activities; do not change the list."""
        kept = self._posts.get(case_id)
        if kept is not None:
            return kept
        if self._source and case_id in self._source.cases and case_id in self.cases:
            return self._source.posts(case_id)
        return []

    def find_post(self, post_id: int) -> Record | None:
        """One post by its id."""
        case_id = self._case_of_post.get(post_id)
        if case_id is None and self._source:
            case_id = self._source.case_of_post(post_id)
        if case_id is None:
            return None
        return next((post for post in self.posts(case_id) if post["id"] == post_id), None)

    def find_file(self, path: str) -> File | None:
        """The attachment at an API path such as ``cases/3/notes/3/attachments/1``."""
        return self.files.get(path) or (self._source.file(path) if self._source else None)

    def find_media(self, token: str) -> File | None:
        """The inline image behind a public token."""
        return self.media.get(token) or (self._source.media(token) if self._source else None)

    def case_count(self, *, archived: bool = False) -> int:
        """How many cases a list counts."""
        return len(self._orders[archived])

    def newest_cases(self, offset: int, limit: int, *, archived: bool = False) -> list[int]:
        """Ids of one page of a case list: the last change first."""
        return self._orders[archived].newest_first(offset, limit)

    def cases_in_state(self, state: str) -> list[int]:
        """Ids of cases that no list shows, TRASH or SUSPENDED, latest first; they are few."""
        return sorted(self._states.get(state, ()), reverse=True)

    def add(self, record: Record) -> Record:
        """Store a record of any type but a case; returns it."""
        self.table(record["resource_type"]).put(record)
        self.version += 1
        return record

    def add_case(
        self, record: Record, posts: list[Record] | None = None, *, archived: bool = False
    ) -> Record:
        """Store a case with its posts, oldest first; both as they are, nothing is counted."""
        self._forget_order(record["id"])
        self.cases.put(record)
        (self.archived.add if archived else self.archived.discard)(record["id"])
        self._order(record)
        if posts is not None:
            self._posts[record["id"]] = posts
            for post in posts:
                self._case_of_post[post["id"]] = record["id"]
                self._highest_post = max(self._highest_post, post["id"])
        self.version += 1
        return record

    def _remove_case(self, case_id: int) -> None:
        self._forget_order(case_id)
        self.cases.remove(case_id)
        for post in self._posts.pop(case_id, []):
            self._case_of_post.pop(post["id"], None)
        self.archived.discard(case_id)
        self.version += 1

    def _order(self, record: Record) -> None:
        if record["state"] == "ACTIVE":
            changed = times.moment(record["updated_at"])
            self._orders[record["id"] in self.archived].add(changed, record["id"])
        else:
            self._states.setdefault(record["state"], set()).add(record["id"])

    def _forget_order(self, case_id: int) -> None:
        record = self.cases.get(case_id)
        if record is not None:
            changed = times.moment(record["updated_at"])
            self._orders[case_id in self.archived].discard(changed, case_id)
            self._states.get(record["state"], set()).discard(case_id)
