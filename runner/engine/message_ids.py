"""Message ids of articles: our own, or the real one of the mail that a post came as.

Answers to mails from before the move carry the real ids; Zammad finds the ticket by them. Our own
id tells by itself which post an article is, the real one only inside its own ticket: Zammad takes
equal ids and answers a mail with the newest article of its id (reference §b10), so one mail to two
mailboxes may leave its id in both tickets, but never twice in one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from runner.engine.conversations import closed_at, is_closed
from runner.engine.ownership import message_end
from runner.snapshot.beside import ORIGINALS
from runner.snapshot.posts import is_inbound_mail

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from runner.engine.change import Child
    from runner.engine.world import World

_MAY_BE_ANSWERED = timedelta(days=60)
_LONGEST = 3000
"""Characters that Zammad keeps of a message id: a longer one would find nothing."""


def applies(choice: str, case: Mapping[str, Any], go_live: date) -> bool:
    """Say whether the mails of a conversation keep their real ids.

    Args:
        choice: ``options.original_message_ids``: ``open``, ``all`` or ``none``. Open are those
            that are not closed, or were closed in the 60 days before ``go_live``.
        case: The expanded conversation.
        go_live: The day of the switch.
    """
    if choice != "open":
        return choice == "all"
    if not is_closed(case):
        return True
    closed = closed_at(case) or ""
    return bool(closed[:10] >= (go_live - _MAY_BE_ANSWERED).isoformat())


def chosen(world: World, case: Mapping[str, Any]) -> bool:
    """Say whether the mails of a conversation keep their real ids in this run."""
    return applies(world.original_message_ids, case, world.go_live)


def own_id(kayako_host: str, post_id: str) -> str:
    """Return the message id that we make for a post."""
    return f"<kayako-post-{post_id}{message_end(kayako_host)}"


class MessageIds:
    """The ids of one conversation's articles, given out in time order."""

    def __init__(self, world: World, case: Mapping[str, Any]) -> None:
        self._host = world.kayako_host
        self._chosen = chosen(world, case)
        self._taken: set[str] = set()

    def give(self, post_id: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Return what a ``Child`` says of ids, with its payload.

        Args:
            post_id: Whose article it is.
            payload: As the mapping made it; its ``message_id`` is the real one, if any.
        """
        own = own_id(self._host, post_id)
        real = str(payload.get("message_id") or "")
        if real in self._taken or len(real) > _LONGEST or real.endswith(message_end(self._host)):
            real = ""  # the last: strangers could pass a mail off as another post
        self._taken.add(real)
        sent = real if real and self._chosen else own
        return {"payload": {**payload, "message_id": sent}, "own_id": own, "original_id": real}


def originals(children: Iterable[Child]) -> dict[str, str]:
    """Return the real ids that articles are sent with, by post."""
    return {child.source_id: child.original_id for child in children if child.is_original}


def written(child: Child, known: Mapping[str, Any]) -> str:
    """Return the id that the article of a post has in Zammad, by the ticket's ledger document."""
    sent = known.get("originals") or {}
    return str(sent.get(child.source_id) or child.own_id or child.payload["message_id"])


def kept(children: Iterable[Child], known: Mapping[str, Any]) -> int:
    """Count articles in Zammad whose id is not the one that this run would send.

    They keep it: articles cannot be changed.
    """
    posts = (known.get("children") or {}).get("posts", {})
    sent = known.get("originals") or {}
    return sum(
        child.source_id in posts and (child.source_id in sent) != child.is_original
        for child in children
    )


def unread(world: World, case: Mapping[str, Any]) -> int | None:
    """Count mails whose real ids are chosen and were not asked for yet: a request each.

    None: it is not known how many, because the conversation's posts are not read.
    """
    snapshot = world.snapshot
    if not chosen(world, case) or snapshot.beside.answered(ORIGINALS, case["id"]):
        return 0
    if snapshot.bodies(case["id"]) == "missing":
        return None
    return sum(is_inbound_mail(post, snapshot.lookup) for post in snapshot.stored_posts(case["id"]))
