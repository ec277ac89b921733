"""The rows of the fake Zammad and the indexes that keep every write independent of their number."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]

_REFERENCES = {
    "created_by_id": "users",
    "updated_by_id": "users",
    "customer_id": "users",
    "owner_id": "users",
    "user_id": "users",
    "origin_by_id": "users",
    "out_of_office_replacement_id": "users",
    "group_id": "groups",
    "parent_id": "groups",
    "organization_id": "organizations",
    "state_id": "ticket_states",
    "next_state_id": "ticket_states",
    "priority_id": "ticket_priorities",
    "email_address_id": "email_addresses",
    "signature_id": "signatures",
    "calendar_id": "calendars",
}


@dataclass(slots=True)
class Attachment:
    """A stored file of an article; ``preferences`` as Zammad shows them."""

    id: int
    store_file_id: int
    filename: str
    digest: str
    size: int
    preferences: dict[str, str]


@dataclass(slots=True)
class Article:
    """One article; slots, because there are six times as many of them as of anything else."""

    id: int
    ticket_id: int
    type_id: int
    sender_id: int
    sent_from: str | None
    to: str | None
    cc: str | None
    subject: str | None
    reply_to: str | None
    message_id: str | None
    in_reply_to: str | None
    content_type: str
    body: str
    internal: bool
    preferences: dict[str, Any] | None
    updated_by_id: int
    created_by_id: int
    origin_by_id: int | None
    created_at: str
    updated_at: str
    attachments: tuple[Attachment, ...] = ()

    def people(self) -> Iterator[int]:
        """Yield the ids of the users that this article refers to."""
        yield self.created_by_id
        yield self.updated_by_id
        if self.origin_by_id is not None:
            yield self.origin_by_id


class ArticleRows(Mapping[int, Row]):
    """The articles as plain dicts, made when looked at; the real ones are in ``items_by_id``."""

    def __init__(self) -> None:
        self.items_by_id: dict[int, Article] = {}

    def __getitem__(self, identifier: int) -> Row:
        article = self.items_by_id[identifier]
        row = {name: getattr(article, name) for name in Article.__slots__}
        row["from"] = row.pop("sent_from")
        row["attachments"] = [
            {name: getattr(attachment, name) for name in Attachment.__slots__}
            for attachment in article.attachments
        ]
        return row

    def __iter__(self) -> Iterator[int]:
        return iter(self.items_by_id)

    def __len__(self) -> int:
        return len(self.items_by_id)


@dataclass
class Tables:
    """All rows by table and id.

    ``files`` holds attachment bytes by sha256; ``tags`` the tags of each ticket id.
    """

    settings: dict[int, Row] = field(default_factory=dict)
    roles: dict[int, Row] = field(default_factory=dict)
    groups: dict[int, Row] = field(default_factory=dict)
    organizations: dict[int, Row] = field(default_factory=dict)
    users: dict[int, Row] = field(default_factory=dict)
    ticket_states: dict[int, Row] = field(default_factory=dict)
    ticket_priorities: dict[int, Row] = field(default_factory=dict)
    tickets: dict[int, Row] = field(default_factory=dict)
    articles: ArticleRows = field(default_factory=ArticleRows)
    attributes: dict[int, Row] = field(default_factory=dict)
    avatars: dict[int, Row] = field(default_factory=dict)
    mentions: dict[int, Row] = field(default_factory=dict)
    links: dict[int, Row] = field(default_factory=dict)
    time_accountings: dict[int, Row] = field(default_factory=dict)
    time_accounting_types: dict[int, Row] = field(default_factory=dict)
    data_privacy_tasks: dict[int, Row] = field(default_factory=dict)
    triggers: dict[int, Row] = field(default_factory=dict)
    jobs: dict[int, Row] = field(default_factory=dict)
    signatures: dict[int, Row] = field(default_factory=dict)
    email_addresses: dict[int, Row] = field(default_factory=dict)
    channels: dict[int, Row] = field(default_factory=dict)
    text_modules: dict[int, Row] = field(default_factory=dict)
    macros: dict[int, Row] = field(default_factory=dict)
    calendars: dict[int, Row] = field(default_factory=dict)
    slas: dict[int, Row] = field(default_factory=dict)
    overviews: dict[int, Row] = field(default_factory=dict)
    checklists: dict[int, Row] = field(default_factory=dict)
    checklist_items: dict[int, Row] = field(default_factory=dict)
    knowledge_bases: dict[int, Row] = field(default_factory=dict)
    knowledge_locales: dict[int, Row] = field(default_factory=dict)
    knowledge_translations: dict[int, Row] = field(default_factory=dict)
    knowledge_categories: dict[int, Row] = field(default_factory=dict)
    knowledge_category_translations: dict[int, Row] = field(default_factory=dict)
    knowledge_answers: dict[int, Row] = field(default_factory=dict)
    knowledge_answer_translations: dict[int, Row] = field(default_factory=dict)
    knowledge_contents: dict[int, Row] = field(default_factory=dict)
    knowledge_files: dict[int, Row] = field(default_factory=dict)
    tags: dict[int, list[str]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def named(self, name: str) -> dict[int, Row]:
        """Return a table of plain rows by its name."""
        table: dict[int, Row] = getattr(self, name)
        return table


class Store:
    """Tables with their id sequences, indexes and reference counts."""

    def __init__(self) -> None:
        self.tables = Tables()
        self.names: dict[str, dict[str, int]] = defaultdict(dict)
        self.logins: dict[str, int] = {}
        self.emails: dict[str, list[int]] = defaultdict(list)
        self.numbers: dict[str, int] = {}
        self.members: dict[int, set[int]] = defaultdict(set)
        self.group_users: dict[int, set[int]] = defaultdict(set)
        self.domains: dict[str, int] = {}
        self.ticket_articles: dict[int, list[int]] = {}
        self.ticket_mentions: dict[int, list[int]] = defaultdict(list)
        self.ticket_links: dict[int, list[int]] = defaultdict(list)
        self.ticket_times: dict[int, list[int]] = defaultdict(list)
        self.customer_tickets: dict[int, set[int]] = defaultdict(set)
        self.references: Counter[tuple[str, int]] = Counter()
        self._next: Counter[str] = Counter()
        self._file_ids: dict[str, int] = {}

    def next_id(self, table: str) -> int:
        """Take the next number of a sequence; numbers never come back."""
        self._next[table] += 1
        return self._next[table]

    def start_after(self, table: str, last: int) -> None:
        """Let a sequence go on after ``last``."""
        self._next[table] = max(last, self._next[table])

    def insert(self, table: str, row: Row) -> Row:
        """Store ``row`` (which has its id) and count what it refers to."""
        self.tables.named(table)[row["id"]] = row
        self.start_after(table, row["id"])
        self._count(row, 1)
        return row

    def change(self, row: Row, fields: Row) -> bool:
        """Write ``fields`` into ``row``; return whether anything became different."""
        changed = False
        for name, value in fields.items():
            before = row.get(name)
            if before == value and type(before) is type(value):
                continue
            changed = True
            kind = _REFERENCES.get(name)
            if kind is not None:
                self._refer(kind, before, -1)
                self._refer(kind, value, 1)
            row[name] = value
        return changed

    def remove(self, table: str, identifier: int) -> Row:
        """Take a row out and forget its references."""
        row = self.tables.named(table).pop(identifier)
        self._count(row, -1)
        return row

    def referenced(self, kind: str, identifier: int) -> bool:
        """Return whether any other row points at this one."""
        return self.references[(kind, identifier)] > 0

    def add_article(self, article: Article) -> None:
        """Store an article."""
        self.tables.articles.items_by_id[article.id] = article
        self.ticket_articles.setdefault(article.ticket_id, []).append(article.id)
        for person in article.people():
            self.references[("users", person)] += 1

    def remove_article(self, identifier: int) -> None:
        """Forget an article; its files stay, as others may share them."""
        article = self.tables.articles.items_by_id.pop(identifier)
        self.ticket_articles[article.ticket_id].remove(identifier)
        for person in article.people():
            self.references[("users", person)] -= 1

    def keep_file(self, content: bytes) -> tuple[str, int]:
        """Store bytes once; return their sha256 and the id of the stored file."""
        digest = hashlib.sha256(content).hexdigest()
        if digest not in self._file_ids:
            self._file_ids[digest] = self.next_id("store_files")
            self.tables.files[digest] = content
        return digest, self._file_ids[digest]

    def _count(self, row: Row, step: int) -> None:
        """Add ``step`` to the count of everything that ``row`` refers to."""
        for name, kind in _REFERENCES.items():
            if name in row:
                self._refer(kind, row[name], step)

    def _refer(self, kind: str, value: Any, step: int) -> None:
        if value is not None:
            self.references[(kind, value)] += step
