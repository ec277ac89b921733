"""When an agent first answered: Kayako has no such date, its posts tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.snapshot.values import Json

if TYPE_CHECKING:
    from collections.abc import Iterable


def first_agent_reply(posts: Iterable[Json]) -> str | None:
    """Return when an agent first wrote in public after the requester had written, None if never.

    Args:
        posts: a conversation's expanded posts, oldest first.
    """
    asked = False
    for post in posts:
        if not _is_public(post):
            continue
        if post["is_requester"]:
            asked = True
        elif asked and _is_by_agent(post):
            moment: str | None = post["created_at"]
            return moment
    return None


def with_first_reply(case: Json, posts: Iterable[Json]) -> Json:
    """Return an expanded conversation with ``first_agent_reply_at`` filled in from its posts."""
    return {**case, "first_agent_reply_at": first_agent_reply(posts)}


def _is_public(post: Json) -> bool:
    """Notes, and what came over no channel that is known, are not public; nor is the log."""
    kind = (post["source_channel"] or {}).get("type")
    logged = post["original"].get("resource_type") == "activity"
    return kind not in {None, "NOTE"} and not logged and not post["interleaved"]


def _is_by_agent(post: Json) -> bool:
    """A user who is gone has no role: who did not ask was an agent."""
    creator = post["creator"] or {}
    return creator.get("type") == "user" and creator.get("role") != "CUSTOMER"
