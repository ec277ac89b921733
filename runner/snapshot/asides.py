"""Makes posts of what hangs beside a conversation, so that mappings treat it like other posts.

A message of a side conversation is a post of the channel SIDE_CONVERSATION, a rating with words
one of the channel RATING, the whole history one of the channel ACTIVITIES. Their ids are text, so
that none meets a post's own.
"""

from __future__ import annotations

import re
from html import escape, unescape
from typing import TYPE_CHECKING

from runner.snapshot.beside import ACTIVITIES, RATINGS, SIDE_CONVERSATIONS
from runner.snapshot.values import Json, timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.snapshot.beside import Beside
    from runner.snapshot.lookup import Lookup

_MARKUP = re.compile(r"<[^>]*>")


def as_posts(case_id: int, beside: Beside, ratings: list[Json], lookup: Lookup) -> Iterator[Json]:
    """Yield raw posts, as ``runner.snapshot.posts`` expands them.

    Args:
        case_id: Of the conversation.
        beside: What was asked beside it.
        ratings: Its ratings from Kayako's list of all, as they are stored.
        lookup: Who people are.
    """
    for one in beside.get(SIDE_CONVERSATIONS, case_id) or []:
        for message in one.get("messages") or []:
            yield _message(one, message)
    for rating in ratings or beside.get(RATINGS, case_id) or []:
        if str(rating.get("comment") or "").strip():
            yield _rating(rating)
    history = beside.get(ACTIVITIES, case_id)
    if history:
        yield _history(history, lookup)


def _message(conversation: Json, message: Json) -> Json:
    titled = message.get("subject") or conversation.get("subject")
    post = _post(f"side-{message['id']}", "SIDE_CONVERSATION", message, message.get("body_text"))
    return post | {
        "subject": titled,
        "attachments": message.get("attachments") or [],
        "original": {"resource_type": "side_conversation_message", **message},
        "side_conversation": {key: conversation.get(key) for key in ("id", "subject", "status")},
    }


def _rating(rating: Json) -> Json:
    post = _post(f"rating-{rating['id']}", "RATING", rating, rating.get("comment"))
    return post | {
        "creator": rating.get("creator") or rating.get("user"),
        "is_requester": True,
        "original": {"resource_type": "rating", "id": rating["id"]},
        "score": rating.get("score"),
    }


def _history(activities: list[Json], lookup: Lookup) -> Json:
    """Return the history as one post: a line an activity, oldest first."""
    ordered = sorted(activities, key=lambda item: timestamp(item.get("created_at")) or "")
    lines = [_line(item, lookup) for item in ordered]
    post = _post("activities", "ACTIVITIES", ordered[-1], "\n".join(lines))
    html = "".join(f"<li>{escape(line, quote=False)}</li>" for line in lines)
    original = {"resource_type": "activities", "id": None, "body_html": f"<ul>{html}</ul>"}
    return post | {"creator": None, "original": original}


def _line(activity: Json, lookup: Lookup) -> str:
    actor = activity.get("actor") or {}
    person = lookup.person(actor.get("original")) or {}
    who = person.get("name") or actor.get("full_title") or actor.get("title") or ""
    words = [str(activity.get("summary") or activity.get("verb") or ""), *_changes(activity)]
    what = " ".join(" ".join(_MARKUP.sub("", unescape(word)).split()) for word in words if word)
    moment = (timestamp(activity.get("created_at")) or "").replace("T", " ").removesuffix("Z")
    return " ".join(part for part in (f"{moment} UTC:" if moment else "", who, what) if part)


def _changes(activity: Json) -> Iterator[str]:
    for action in activity.get("actions") or []:
        if isinstance(action, dict) and action.get("field"):
            old, new = (action.get(key) for key in ("old_value", "new_value"))
            yield f"({action['field']}: {_shown(old)} → {_shown(new)})"


def _shown(value: object) -> str:
    return "nothing" if value in (None, "", [], {}) else str(value)


def _post(identifier: str, channel: str, source: Json, text: object) -> Json:
    return {
        "id": identifier,
        "uuid": source.get("uuid"),
        "subject": None,
        "contents": text,
        "creator": source.get("creator"),
        "identity": None,
        "source_channel": {"type": channel, "account": None},
        "attachments": [],
        "is_requester": False,
        "created_at": source.get("created_at"),
        "updated_at": source.get("updated_at") or source.get("created_at"),
        "resource_type": "post",
    }
