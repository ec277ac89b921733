"""How many requests a plan's changes need, of each side, and how much of it is not known yet."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.config.model import ENTITIES
from runner.engine.change import Action, Change
from runner.engine.world import SOURCES
from runner.snapshot.expand import not_closed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.engine.world import World

POSTS_A_PAGE = 100
_KINDS = dict.fromkeys(("kb_categories", "kb_sections", "kb_answers"), "knowledge_bases")
"""Kinds of requests that are named otherwise than the step that sends them."""
MAILS_A_POST = 0.5
"""Of posts that are not read, so many are taken for mails whose own headers are asked for."""


@dataclass(slots=True)
class Counted:
    """Requests by kind that changes need.

    ``unread`` conversations have ``unread_posts`` posts that are still to be read, and
    ``articles_unread`` of them become articles; ``unread_with_files`` of them have attachments.
    """

    reading: Counter[str] = field(default_factory=Counter)
    one_writer: Counter[str] = field(default_factory=Counter)
    writing: Counter[str] = field(default_factory=Counter)
    unread: int = 0
    unread_posts: int = 0
    articles_unread: int = 0
    unread_with_files: int = 0

    def take(self, change: Change, *, console: bool) -> None:
        """Add what one change needs; ``console``: the console script sets dates of tickets."""
        if change.action not in {Action.CREATE, Action.UPDATE}:
            return
        if change.entity != "tickets":
            self._take_listed(change)
            return
        more = max(0, change.posts_unread - len(change.digests)) if change.bodies_unread else 0
        articles = len(change.children) + more
        if change.bodies_unread:
            self.unread += 1
            self.unread_posts += change.posts_unread
            self.articles_unread += more
            self.unread_with_files += change.files_unread
            self.reading["posts"] += pages(change.posts_unread)
        self.reading["beside"] += change.asks
        if change.action is Action.CREATE:
            self.writing["tickets"] += 1
            articles = max(0, articles - 1)
        self.writing["articles"] += articles
        has_date = "updated_at" in change.payload and not console
        if has_date if change.action is Action.CREATE else bool(change.fields):
            self.writing["ticket updates"] += 1
        alone = (entry for entry in change.times if entry.is_due and entry.article is None)
        self.writing["time entries"] += sum(1 for _ in alone)

    def take_link(self, *, console: bool) -> None:
        """Add a link between two tickets, which moves the date of both."""
        self.writing["links"] += 1
        self.writing["ticket updates"] += 0 if console else 2

    def take_picture(self) -> None:
        """Add a picture of a user."""
        self.one_writer["users"] += 1

    def _take_listed(self, change: Change) -> None:
        kind = _KINDS.get(change.entity, change.entity)
        updates = "user updates" if change.entity == "users" else kind
        if change.action is Action.UPDATE:
            self.one_writer[updates] += 1 if change.fields else 0
            return
        self.one_writer[kind] += 1
        if change.entity == "users" and "updated_at" in change.payload:
            self.one_writer[updates] += 1


def pages(posts: int) -> int:
    """Return how many requests the posts of one conversation take."""
    return max(1, -(-posts // POSTS_A_PAGE))


def asks(world: World, case: dict[str, Any], mails: int | None) -> tuple[int, int]:
    """Return how many posts of a conversation are still to be read, and what is asked beside them.

    Args:
        world: What is known of both sides.
        case: The expanded conversation.
        mails: Mails whose own headers are to be read, None: nobody knows how many.
    """
    if world.snapshot.bodies(case["id"]) == "complete":
        return 0, mails or 0
    posts = int(case.get("post_count") or 0)
    beside = int(not_closed(case)) + int(bool(case.get("is_merged")))
    return posts, beside + (round(posts * MAILS_A_POST) if mails is None else mails)


def outlook(world: World, entities: Iterable[str], limit: int | None = None) -> Counted:
    """Return what a run needs, quickly: by the counts of snapshot and ledger, without a plan.

    Updates are not among it: only computing the changes tells them.
    """
    counted, ledger = Counted(), world.ledger
    for entity in entities:
        if entity in SOURCES and entity in ENTITIES and entity != "tickets":
            new = world.snapshot.count(SOURCES[entity]) - len(ledger.table(entity))
            counted.one_writer[entity] += max(0, new)
        if entity == "tickets":
            _outlook_of_tickets(world, counted, limit)
    return counted


def _outlook_of_tickets(world: World, counted: Counted, limit: int | None) -> None:
    volume = world.snapshot.volume(world.keep_since)
    tickets = articles = 0
    for document in world.ledger.table("tickets"):
        tickets += document["status"] != "intended"
        articles += len((document.get("children") or {}).get("posts", {}))
    new = max(0, volume.cases - tickets)
    share = 1.0 if limit is None else min(1.0, limit / max(1, volume.cases))
    scoped = new if limit is None else min(new, max(0, limit - tickets))
    counted.writing["tickets"] = scoped
    counted.writing["articles"] = max(0, round((volume.posts - articles) * share) - scoped)
    counted.writing["ticket updates"] = 0 if world.dates_by_console else scoped
    counted.unread = round(volume.unread * share)
    counted.unread_posts = round(volume.unread_posts * share)
    counted.articles_unread = counted.unread_posts
    counted.reading["posts"] = round(volume.unread_pages * share)
    counted.reading["beside"] = round(volume.unread_active * share)
