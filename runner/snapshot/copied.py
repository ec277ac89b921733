"""People in copy of a conversation who stand in none of its mails: who else would know of them?"""

from __future__ import annotations

from email.utils import getaddresses
from typing import TYPE_CHECKING

from runner.snapshot.values import Json, address, distinct

if TYPE_CHECKING:
    from collections.abc import Iterable

STAFF = frozenset({"OWNER", "ADMIN", "AGENT", "COLLABORATOR"})
"""Types of the roles whose people work in Kayako."""
_NO_MESSAGES = {None, "NOTE", "SIDE_CONVERSATION", "RATING", "ACTIVITIES"}


def fill(case: Json, posts: list[Json]) -> None:
    """Give each expanded post of a conversation its ``copied``, oldest first.

    The first that is no note and no activity has them all, the others nobody.
    """
    for post in posts:
        post["copied"] = []
    people = [item for item in case["participants"] if item["email"] and not _is_staff(item)]
    first = next((post for post in posts if _is_message(post)), None)
    if not people or first is None:
        return
    named = addresses(
        text for post in posts for text in (post["from"], *post["to"], *post["cc"]) if text
    )
    first["copied"] = distinct(
        address((item["person"] or {}).get("name"), item["email"]) or ""
        for item in people
        if item["email"].casefold() not in named
    )


def addresses(texts: Iterable[str]) -> set[str]:
    """Return the bare addresses in ``Name <address>, …``, in lower case."""
    return {mail.casefold() for _, mail in getaddresses(list(texts)) if mail}


def _is_staff(item: Json) -> bool:
    return (item["person"] or {}).get("role") in STAFF


def _is_message(post: Json) -> bool:
    kind = (post["source_channel"] or {}).get("type")
    return kind not in _NO_MESSAGES and post["original"]["resource_type"] != "activity"
