"""Every trap that kayako-api.md §17 numbers has data that springs it: where, one line each.

Traps of the wire (18, 24: limits, sessions, page caps) have no data; they are switches of the
server, and there must be enough data for them to bite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from runner.sandbox.data import Helpdesk, common, hard_cases
from runner.sandbox.data.hard import fields
from runner.sandbox.data.shapes import FOREIGN_HOST
from tests.sandbox.kayako.support import client

Record = dict[str, Any]
Where = Callable[[Helpdesk], object]


@pytest.fixture(scope="module")
def helpdesk() -> Helpdesk:
    return hard_cases()


def posts(helpdesk: Helpdesk) -> Iterator[Record]:
    for case in helpdesk.cases:
        yield from helpdesk.posts(case)


def originals(helpdesk: Helpdesk, kind: str) -> list[Record]:
    found = [post["original"] for post in posts(helpdesk) if post["original"]]
    return [original for original in found if original["resource_type"] == kind]


def case(helpdesk: Helpdesk, subject: str) -> Record:
    (found,) = (one for one in helpdesk.cases.values() if one["subject"] == subject)
    return found


def value(record: Record, field: int) -> str:
    (found,) = (item for item in record["custom_fields"] if item["field"]["id"] == field)
    return str(found["value"])


def creators(helpdesk: Helpdesk) -> list[Record | None]:
    return [post["creator"] for post in posts(helpdesk)]


def archived(helpdesk: Helpdesk) -> bool:
    listed = helpdesk.case_count()
    return 0 < helpdesk.case_count(archived=True) < listed


def seen_by_admins_only(helpdesk: Helpdesk) -> bool:
    with client(helpdesk) as admin, client(helpdesk, role="AGENT") as agent:
        counts = [one.ask("cases").json()["total_count"] for one in (agent, admin)]
    return bool(counts[0] < counts[1])


def moves_while_it_is_read(_: Helpdesk) -> bool:
    own = hard_cases()
    first, last = own.newest_cases(0, 1), own.newest_cases(own.case_count() - 1, 1)
    own.touch(last[0])
    return own.newest_cases(0, 1) == last and own.newest_cases(1, 1) == first


def several_pages_of_posts(helpdesk: Helpdesk) -> bool:
    return max(one["post_count"] for one in helpdesk.cases.values()) > 200


def bodies_in_every_place(helpdesk: Helpdesk) -> bool:
    mails = originals(helpdesk, "case_message")
    only_text = [one for one in mails if not one["body_html"] and one["body_text"].strip()]
    chats = [one for one in originals(helpdesk, "chat_message") if one["text"]]
    tweets = [one for one in originals(helpdesk, "twitter_tweet") if one["contents"]]
    bare = [one for one in posts(helpdesk) if not one["original"] and one["contents"]]
    return all((only_text, chats, tweets, bare))


def same_number_of_two_types(helpdesk: Helpdesk) -> bool:
    by_type = {(who["resource_type"], who["id"]) for who in creators(helpdesk) if who is not None}
    return {("trigger", 7), ("user", 7)} <= by_type


def every_kind_of_value(helpdesk: Helpdesk) -> bool:
    whole, odd = case(helpdesk, "All custom fields"), case(helpdesk, "Odd custom fields")
    kinds = {
        field["type"] for field in helpdesk.table("case_field").values() if not field["is_system"]
    }
    zones = "+05:00" in value(odd, 16)
    separators = {
        label for label in ("::", "\\") if label in repr(helpdesk.table("case_field")[15])
    }
    spare = case(helpdesk, "Custom fields with names of Zammad's own")
    return (
        len(kinds) == 12
        and "," in value(whole, 12)
        and (value(whole, 18), value(odd, 18)) == ("yes", "no")
        and value(spare, 18) == ""
        and zones
        and separators == {"::", "\\"}
        and bool(value(spare, common.DISABLED_FIELD))
        and bool(value(whole, 19))
    )


def phones_of_users_without_mail(helpdesk: Helpdesk) -> list[Record]:
    return [user for user in helpdesk.users.values() if user["phones"] and not user["emails"]]


def recipients_listed_and_not(helpdesk: Helpdesk) -> bool:
    kinds = {bool(one["recipients"]) for one in originals(helpdesk, "case_message")}
    return kinds == {True, False} and bool(helpdesk.sides.mails and helpdesk.sides.participants)


def awkward_files(helpdesk: Helpdesk) -> bool:
    records = [record for post in posts(helpdesk) for record in post["attachments"]]
    paths = [record["resource_url"].partition("/api/v1/")[2] for record in records]
    return (
        any(FOREIGN_HOST in record["url_download"] for record in records)
        and any(record["type"] == "application/json" for record in records)
        and any(path not in helpdesk.files for path in paths)
        and len({record["name"] for record in records}) < len(records)
    )


def pictures_that_die(helpdesk: Helpdesk) -> bool:
    html = " ".join(one["body_html"] or "" for one in originals(helpdesk, "case_message"))
    return f"{FOREIGN_HOST}/media/url/" in html and "hard-gone" not in helpdesk.media


def authors_who_are_no_users(helpdesk: Helpdesk) -> bool:
    who = creators(helpdesk)
    kinds = {one["resource_type"] for one in who if one}
    users = {one["id"] for one in who if one and one["resource_type"] == "user"}
    unlisted = {key for kind, key in helpdesk.hidden if kind == "user"}
    return (
        None in who
        and {"trigger", "monitor"} <= kinds
        and bool(users - set(helpdesk.users))
        and bool(users & unlisted)
    )


def people_who_do_not_fit(helpdesk: Helpdesk) -> bool:
    users = list(helpdesk.users.values())
    mails = [record["email"].lower() for record in helpdesk.table("identity_email").values()]
    return (
        any(len(user["emails"]) > 1 for user in users)
        and any(not user["emails"] for user in users)
        and any(len((user["full_name"] or "").split()) == 1 for user in users)
        and len(set(mails)) < len(mails)
        and bool(helpdesk.sides.memberships)
    )


def labels_that_zammad_lacks(helpdesk: Helpdesk) -> bool:
    status = {(one["type"], one["is_deleted"]) for one in helpdesk.table("case_status").values()}
    levels = {one["level"] for one in helpdesk.table("case_priority").values()}
    kinds = [one["type"] for one in helpdesk.cases.values()]
    return ("CUSTOM", False) in status and max(levels) > 4 and None in kinds and any(kinds)


def time_that_is_no_work(helpdesk: Helpdesk) -> bool:
    rows = list(helpdesk.table("timetracking_log").values())
    return (
        {row["log_type"] for row in rows} >= {"VIEWED", "WORKED"}
        and any(row["case"]["id"] not in helpdesk.cases for row in rows)
        and any(row["agent"]["id"] not in helpdesk.users for row in rows)
        and any(row["time_spent"] % 60 for row in rows)
    )


def words_in_another_language_only(helpdesk: Helpdesk) -> bool:
    options = helpdesk.table("user_field")[fields.TIER]["options"]
    read = [
        {text["locale"]: text["translation"] for text in option["values"]} for option in options
    ]
    return {"en-us": None, "fr": "Argent"} in read


def two_times_of_one_post(helpdesk: Helpdesk) -> bool:
    apart = [
        post
        for post in posts(helpdesk)
        if (post["original"] or post)["created_at"] != post["created_at"]
    ]
    at_once = [
        post["created_at"] for post in helpdesk.posts(_key(helpdesk, "All at the same second"))
    ]
    return bool(apart) and len(set(at_once)) == 1 < len(at_once)


def _key(helpdesk: Helpdesk, subject: str) -> int:
    return int(case(helpdesk, subject)["id"])


def addresses_of_browsers(helpdesk: Helpdesk) -> list[Record]:
    return [user for user in helpdesk.users.values() if user["last_seen_ip"]]


TRAPS: dict[int, Where] = {
    1: archived,
    2: seen_by_admins_only,
    3: moves_while_it_is_read,
    4: several_pages_of_posts,
    5: bodies_in_every_place,
    6: same_number_of_two_types,
    7: every_kind_of_value,
    8: phones_of_users_without_mail,
    9: recipients_listed_and_not,
    10: awkward_files,
    11: pictures_that_die,
    12: authors_who_are_no_users,
    13: people_who_do_not_fit,
    14: lambda helpdesk: case(helpdesk, "Asked twice, the copy")["is_merged"],
    15: labels_that_zammad_lacks,
    16: time_that_is_no_work,
    17: lambda helpdesk: helpdesk.sides.user_notes and helpdesk.sides.participants,
    18: lambda helpdesk: len(helpdesk.cases) > 50,
    19: words_in_another_language_only,
    20: lambda helpdesk: {type(key) for key in helpdesk.cases} == {int},
    21: two_times_of_one_post,
    22: addresses_of_browsers,
    23: lambda helpdesk: any(
        post["subject"] == post["contents"] and post["client_id"] == ""
        for post in posts(helpdesk)
        if (post["original"] or {}).get("resource_type") == "note"
    ),
    24: lambda helpdesk: helpdesk.case_count() > 50,
    25: lambda helpdesk: all(
        item["field"].keys() == {"id", "resource_type"}
        for one in helpdesk.cases.values()
        for item in one["custom_fields"]
    ),
}


@pytest.mark.parametrize("number", range(1, 26))
def test_every_numbered_trap_has_data(helpdesk: Helpdesk, number: int) -> None:
    assert TRAPS[number](helpdesk)


def deleted_option(helpdesk: Helpdesk, kind: str, records: Iterator[Record]) -> bool:
    known = {
        str(option["id"]) for field in helpdesk.table(kind).values() for option in field["options"]
    }
    choosing = {
        key for key, field in helpdesk.table(kind).items() if field["type"] in {"SELECT", "RADIO"}
    }
    values = [
        item["value"]
        for record in records
        for item in record["custom_fields"]
        if item["field"]["id"] in choosing and item["value"]
    ]
    return any(one not in known for one in values)


ABORTS: dict[str, Where] = {
    "a reserved field key": lambda helpdesk: helpdesk.table("case_field")[fields.RESERVED],
    "a deleted option of a user": lambda helpdesk: deleted_option(
        helpdesk, "user_field", iter(helpdesk.users.values())
    ),
    "a deleted option of a case": lambda helpdesk: deleted_option(
        helpdesk, "case_field", iter(helpdesk.cases.values())
    ),
    "a post without a channel": lambda helpdesk: any(
        post["source_channel"] is None for post in posts(helpdesk)
    ),
    "a deleted requester": lambda helpdesk: any(
        one["requester"] and one["requester"]["id"] not in helpdesk.users
        for one in helpdesk.cases.values()
    ),
}
"""What Zammad's own importer stops at."""


@pytest.mark.parametrize("what", ABORTS)
def test_what_stops_zammads_own_importer_has_data(helpdesk: Helpdesk, what: str) -> None:
    assert ABORTS[what](helpdesk)
