"""Endpoints of conversations: lists, posts, and what hangs beside them (kayako-api.md §9, §13)."""

from __future__ import annotations

from email.utils import formataddr
from typing import TYPE_CHECKING

from runner.sandbox.data import times
from runner.sandbox.data.shapes import originals
from runner.sandbox.data.shapes.basics import references
from runner.sandbox.kayako.answers import Listing, Single, not_found

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.sandbox.data.table import Record
    from runner.sandbox.kayako.asking import Ask

_FILTERS = {
    "MESSAGES": "case_message",
    "NOTES": "note",
    "CHAT_MESSAGES": "chat_message",
    "TWEETS": "twitter_tweet",
    "TWITTER_MESSAGES": "twitter_message",
    "FACEBOOK_MESSAGES": "facebook_message",
    "FACEBOOK_POSTS": "facebook_post",
    "FACEBOOK_POST_COMMENTS": "facebook_post_comment",
}
_NARROWING = ("ids", "status", "tags", "priority", "start_time")


def cases(ask: Ask) -> Listing:
    """``/cases``: active ones, or the archived ones, the last change first, live."""
    archived = ask.query.get("archived", "") in {"1", "true"}
    helpdesk = ask.helpdesk
    if ask.sees_all and not any(ask.query.get(name) for name in _NARROWING):
        return ask.pages.by_offset(
            "case",
            helpdesk.case_count(archived=archived),
            lambda offset, limit: [
                helpdesk.cases[key]
                for key in helpdesk.newest_cases(offset, limit, archived=archived)
            ],
        )
    ids = helpdesk.newest_cases(0, helpdesk.case_count(archived=archived), archived=archived)
    matching = [key for key in ids if _matches(ask, helpdesk.cases[key])]
    return ask.pages.by_offset(
        "case",
        len(matching),
        lambda offset, limit: [helpdesk.cases[key] for key in matching[offset : offset + limit]],
    )


def _matches(ask: Ask, case: Record) -> bool:
    query, find = ask.query, ask.helpdesk.find
    if not ask.sees_all and (case["assigned_agent"] or {}).get("id") != ask.me["id"]:
        return False
    wanted = ask.wanted_ids()
    if wanted is not None and case["id"] not in wanted:
        return False
    if query.get("status"):
        status = find("case_status", case["status"]["id"]) if case["status"] else None
        if not status or status["type"] not in query["status"].upper().split(","):
            return False
    if query.get("priority"):
        level = case["priority"] and find("case_priority", case["priority"]["id"])
        if not level or str(level["level"]) != query["priority"]:
            return False
    if query.get("tags"):
        names = {tag.get("name") for tag in case["tags"]}
        if not names & set(query["tags"].split(",")):
            return False
    start = query.get("start_time")
    return not start or times.moment(case["updated_at"]) >= times.moment(start)


def case(ask: Ask, key: int) -> Single:
    """``/cases/:id``: any case that was not deleted, whatever its state."""
    record = ask.require("case", key)
    if not ask.sees_all and not _matches(ask, record):
        raise not_found("case")
    return Single("case", record)


def posts(ask: Ask, key: int) -> Listing:
    """``/cases/:id/posts``: the newest first, without activities unless they are asked for."""
    ask.require("case", key)
    filters = set(ask.query.get("filters", "").upper().split(",")) - {""}
    found = ask.helpdesk.posts(key)
    if filters & {"ALL", "ACTIVITIES"}:
        activities = ask.helpdesk.sides.activities.get(key, [])
        found = sorted([*found, *activities], key=lambda post: post["id"])
    if filters and "ALL" not in filters:
        kinds = {_FILTERS.get(name, name) for name in filters}
        kinds |= {"activity"} if "ACTIVITIES" in filters else set()
        found = [post for post in found if (post["original"] or {}).get("resource_type") in kinds]
    return ask.pages.by_cursor("post", found[::-1])


def _originals(*kinds: str) -> Callable[[Ask, int], Listing]:
    def answer(ask: Ask, key: int) -> Listing:
        ask.require("case", key)
        found = [post["original"] for post in ask.helpdesk.posts(key) if post["original"]]
        chosen = [original for original in found if original["resource_type"] in kinds]
        return ask.pages.by_cursor(kinds[0], chosen[::-1])

    return answer


messages = _originals("case_message")
notes = _originals("note")


def post(ask: Ask, key: int) -> Single:
    """``/cases/posts/:id``."""
    found = ask.helpdesk.find_post(key)
    if found is None:
        raise not_found("post")
    return Single("post", found)


def email_original(ask: Ask, key: int) -> Single:
    """``/cases/posts/:id/email_original``: the raw mail of an inbound one, 404 for all others."""
    kept = ask.helpdesk.sides.mails.get(key)
    if kept is not None:
        return Single("email_original", kept)
    found = post(ask, key).record
    original = found["original"] or {}
    if original.get("resource_type") != "case_message" or not (
        found["is_requester"] and original["mailbox"]
    ):
        raise not_found("email_original")
    sender = original["email"] or "unknown@customers.example"
    mailbox = ask.require("mailbox", original["mailbox"]["id"])["address"]
    people = {"TO": mailbox, **_addressed(ask, original)}
    copies = f"Cc: {people['CC']}\n" if "CC" in people else ""
    source = (
        f"Message-ID: <mail-{key}@customers.example>\nFrom: {sender}\nTo: {people['TO']}\n{copies}"
        f"Date: {found['created_at']}\n\n{original['body_text']}"
    )
    record = originals.email_original(found, sender=sender, to=mailbox, source=source)
    return Single("email_original", record)


def _addressed(ask: Ask, original: Record) -> dict[str, str]:
    """Return the To and Cc of a mail: who is listed on its message, as far as there is anybody."""
    people: dict[str, list[str]] = {}
    for one in original["recipients"]:
        identity = one["identity"] and ask.helpdesk.find("identity_email", one["identity"]["id"])
        address = one.get("email") or (identity and identity["email"])
        if address:
            people.setdefault(one["type"], []).append(formataddr((one["name"] or "", address)))
    return {kind: ", ".join(found) for kind, found in people.items()}


def tags(ask: Ask, key: int) -> Listing:
    """``/cases/:id/tags``."""
    named = [ask.helpdesk.find("tag", tag["id"]) or tag for tag in ask.require("case", key)["tags"]]
    return ask.pages.whole("tag", named)


def activities(ask: Ask, key: int) -> Listing:
    """``/cases/:id/activities``: the same as the posts that ``filters=ACTIVITIES`` gives."""
    ask.require("case", key)
    found = [post["original"] for post in ask.helpdesk.sides.activities.get(key, [])]
    return ask.pages.by_cursor("activity", found[::-1])


def participants(ask: Ask, key: int) -> Listing:
    """``/cases/:id/participants``: people in copy, with or without the requester."""
    requester = (ask.require("case", key)["requester"] or {}).get("id")
    ids = list(ask.helpdesk.sides.participants.get(key, []))
    if "exclude_requester" not in ask.query and requester is not None:
        ids.insert(0, requester)
    users = [ask.helpdesk.users.get(user) for user in ids if user in ask.helpdesk.users]
    return ask.paged("user", [user for user in users if user])


def field_values(ask: Ask, key: int) -> Listing:
    """``/cases/:id/field/values``: the same list as in the case."""
    return ask.pages.whole("case_field_value", ask.require("case", key)["custom_fields"])


def channels(ask: Ask, key: int) -> Listing:
    """``/cases/:id/channels``: through what the case can be answered."""
    channel = ask.require("case", key)["source_channel"]
    return ask.pages.whole("channel", [channel] if channel else [])


def time_entries(ask: Ask, key: int) -> Listing:
    """``/cases/:id/timetracking``."""
    ask.require("case", key)
    entries = ask.helpdesk.table("timetracking_log").values()
    return ask.paged("timetracking_log", [one for one in entries if one["case"]["id"] == key])


def ratings(ask: Ask, key: int) -> Listing:
    """``/cases/:id/ratings``."""
    ask.require("case", key)
    found = ask.helpdesk.table("rating").values()
    return ask.paged("rating", [one for one in found if one["case"]["id"] == key])


def side_conversations(ask: Ask, key: int) -> Listing:
    """``/cases/:id/side-conversations``."""
    ask.require("case", key)
    return ask.paged("side_conversation", ask.helpdesk.sides.side_conversations.get(key, []))


def side_messages(ask: Ask, key: int) -> Listing:
    """``/side-conversations/:id/messages``, the newest first."""
    found = ask.helpdesk.sides.side_messages.get(key)
    if found is None:
        raise not_found("side_conversation")
    return ask.pages.by_cursor("side_conversation_message", found[::-1])


def view_cases(ask: Ask, key: int) -> Listing:
    """``/views/:id/cases``: the only list of trashed and suspended cases."""
    view = ask.require("view", key)
    if view["type"] not in {"TRASH", "SUSPENDED"}:
        return cases(ask)
    found = [ask.helpdesk.cases[case] for case in ask.helpdesk.cases_in_state(view["type"])]
    return ask.paged("case", found)


def cases_of(role: str) -> Callable[[Ask, int], Listing]:
    """``/users/:id/cases`` and ``/organizations/:id/cases``; ``role`` is user or organization."""

    def answer(ask: Ask, key: int) -> Listing:
        ask.require(role, key)
        helpdesk = ask.helpdesk
        people = {key} if role == "user" else _members(ask, key)
        ids = helpdesk.newest_cases(0, helpdesk.case_count())
        found = [helpdesk.cases[case] for case in ids]
        chosen = [one for one in found if (one["requester"] or {}).get("id") in people]
        return ask.paged("case", chosen)

    return answer


def _members(ask: Ask, organization: int) -> set[int]:
    wanted = references("organization", [organization])[0]
    users = ask.helpdesk.users.values()
    return {user["id"] for user in users if user["organization"] == wanted}
