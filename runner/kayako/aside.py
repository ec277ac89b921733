"""What hangs beside a conversation: side conversations, ratings, its history; a request each.

Whether there are any is told by nothing that Kayako lists but for ratings, so it is asked with
the posts, where the configuration wants it. What plan or role do not include is asked for once in
a run and then left: the next run asks again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.errors import Refused
from runner.kayako.answers import NOT_OFFERED, Json, Unavailable
from runner.kayako.files import fetch_missing
from runner.kayako.paging import pages
from runner.kayako.resources import RATINGS_LIST
from runner.snapshot.beside import ACTIVITIES, RATINGS, SIDE_CONVERSATIONS
from runner.snapshot.posts import images_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.kayako.client import Kayako
    from runner.snapshot import Snapshot
    from runner.snapshot.writing import StoredFile, Writer

_EVERYTHING = {"include": "*"}


@dataclass(frozen=True, slots=True)
class Aside:
    """What is asked; ``refused`` are the kinds that Kayako does not offer, filled as it shows."""

    side_conversations: bool = False
    activities: bool = False
    refused: set[str] = field(default_factory=set, compare=False)


def missing(snapshot: Snapshot, case: Json, aside: Aside) -> bool:
    """Tell whether something that is wanted of a conversation was never asked."""
    return any(
        not snapshot.beside.answered(kind, case["id"]) for kind in _wanted(snapshot, case, aside)
    )


def _wanted(snapshot: Snapshot, case: Json, aside: Aside) -> list[str]:
    rated = case.get("rating") is not None or case.get("rating_status") == "RECEIVED"
    # The list of all ratings costs a request for a hundred; only without it each is asked for.
    alone = RATINGS_LIST.name in snapshot.unavailable
    choice = {
        SIDE_CONVERSATIONS: aside.side_conversations,
        ACTIVITIES: aside.activities,
        RATINGS: rated and alone,
    }
    return [kind for kind, wanted in choice.items() if wanted and kind not in aside.refused]


def of_case(
    kayako: Kayako, snapshot: Snapshot, writer: Writer, case: Json, aside: Aside
) -> tuple[int, list[StoredFile]]:
    """Ask for what is wanted beside one conversation.

    Returns:
        How many requests were refused, and the files that came along.
    """
    refused, files = 0, []
    for kind in _wanted(snapshot, case, aside):
        try:
            found = _ASK[kind](kayako, case["id"])
        except (Unavailable, Refused) as error:
            if isinstance(error, Refused) and error.status not in NOT_OFFERED:
                raise
            aside.refused.add(kind)
            refused += 1
            continue
        if kind == SIDE_CONVERSATIONS:
            files = _files(kayako, snapshot, found)
        writer.beside(kind, case["id"], found or None, files=files)
    return refused, files


def _side_conversations(kayako: Kayako, case_id: int) -> list[Json]:
    """Read the side conversations with their messages, oldest first."""
    found = _all(kayako, f"cases/{case_id}/side-conversations")
    for one in found:
        messages = _all(kayako, f"side-conversations/{one['id']}/messages")
        one["messages"] = messages[::-1]
    return found


def _activities(kayako: Kayako, case_id: int) -> list[Json]:
    return _all(kayako, f"cases/{case_id}/activities")[::-1]


def _ratings(kayako: Kayako, case_id: int) -> list[Json]:
    return _all(kayako, f"cases/{case_id}/ratings")


_ASK: dict[str, Callable[[Kayako, int], list[Json]]] = {
    SIDE_CONVERSATIONS: _side_conversations,
    ACTIVITIES: _activities,
    RATINGS: _ratings,
}


def _all(kayako: Kayako, path: str) -> list[Json]:
    once: dict[Any, Json] = {}
    for page in pages(kayako, path, _EVERYTHING):
        for item in page.data:
            if item.get("id") is not None:
                once.setdefault(item["id"], item)
    return list(once.values())


def _files(kayako: Kayako, snapshot: Snapshot, found: list[Json]) -> list[StoredFile]:
    messages = [message for one in found for message in one["messages"]]
    attached = [item for message in messages for item in message.get("attachments") or []]
    shown = [
        address for message in messages for address in images_in(str(message.get("body_html")))
    ]
    return fetch_missing(kayako, snapshot, attached, shown)
