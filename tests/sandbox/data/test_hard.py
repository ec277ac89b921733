"""Every trap is there: whoever removes one has to say so here."""

from __future__ import annotations

from typing import Any

import pytest

from runner.sandbox.data import Helpdesk, generate, hard_cases

Record = dict[str, Any]


@pytest.fixture(scope="module")
def helpdesk() -> Helpdesk:
    return hard_cases()


def all_posts(helpdesk: Helpdesk) -> list[Record]:
    return [post for case in helpdesk.cases for post in helpdesk.posts(case)]


def originals(helpdesk: Helpdesk) -> list[Record]:
    return [post["original"] for post in all_posts(helpdesk) if post["original"]]


def test_posts_are_counted_as_their_cases_say(helpdesk: Helpdesk) -> None:
    for case in helpdesk.cases.values():
        assert case["post_count"] == len(helpdesk.posts(case["id"])), case["subject"]
    assert {0, 230} <= {case["post_count"] for case in helpdesk.cases.values()}


def test_every_channel_and_kind_of_original_occurs(helpdesk: Helpdesk) -> None:
    channels = {(post["source_channel"] or {}).get("type") for post in all_posts(helpdesk)}
    assert channels == {"MAIL", "HELPCENTER", "NOTE", "MESSENGER", "TWITTER", "FACEBOOK", None}
    assert {original["resource_type"] for original in originals(helpdesk)} == {
        *("case_message", "note", "chat_message", "twitter_tweet", "twitter_message"),
        *("facebook_post", "facebook_post_comment", "facebook_message"),
    }
    assert any(post["original"] is None for post in all_posts(helpdesk))


def test_every_kind_of_author_occurs(helpdesk: Helpdesk) -> None:
    authors = [post["creator"] for post in all_posts(helpdesk)]
    assert None in authors
    assert {"id": 7, "resource_type": "trigger"} in authors
    assert {"id": 7, "resource_type": "user"} in authors
    assert {"id": 3, "resource_type": "monitor"} in authors
    people = {who["id"] for who in authors if who and who["resource_type"] == "user"}
    assert people - set(helpdesk.users) == {90, 91}
    requesters = [case["requester"] for case in helpdesk.cases.values()]
    assert None in requesters
    assert {"id": 90, "resource_type": "user"} in requesters


def test_every_state_and_every_dropped_definition_occurs(helpdesk: Helpdesk) -> None:
    cases = list(helpdesk.cases.values())
    assert {case["state"] for case in cases} == {"ACTIVE", "TRASH", "SUSPENDED"}
    assert helpdesk.case_count(archived=True) == 3
    assert any(case["is_merged"] for case in cases)
    used = {case["status"]["id"] for case in cases}
    assert used == {1, 2, 3, 4, 5, 6, 7, 8, 99}
    assert helpdesk.find("case_status", 99) is None
    assert {(case["priority"] or {}).get("id") for case in cases} >= {None, 5, 6, 99}
    assert {(case["type"] or {}).get("id") for case in cases} >= {None, 5, 6, 99}


def test_people_who_are_hard_to_reach_occur_and_ask(helpdesk: Helpdesk) -> None:
    users = list(helpdesk.users.values())
    askers = {(case["requester"] or {}).get("id") for case in helpdesk.cases.values()}
    silent = [user for user in users if not user["emails"]]
    assert any(user["phones"] for user in silent)
    assert any(user["twitter"] for user in silent)
    assert any(user["facebook"] for user in silent)
    assert any(not (user["phones"] or user["twitter"] or user["facebook"]) for user in silent)
    assert any(len(user["emails"]) > 2 for user in users)
    assert {user["id"] for user in silent} <= askers
    addresses = [record["email"] for record in helpdesk.table("identity_email").values()]
    assert len({address.strip().lower() for address in addresses}) < len(addresses)
    assert {user["full_name"] for user in users} >= {"", None, "Single"}
    disabled = [user for user in users if not user["is_enabled"]]
    assert {bool(user["teams"]) for user in disabled} == {True, False}
    roles = {helpdesk.table("role")[user["role"]["id"]]["type"] for user in users}
    assert roles == {"OWNER", "ADMIN", "AGENT", "COLLABORATOR", "CUSTOMER"}


def test_no_address_is_of_two_people_in_a_large_helpdesk() -> None:
    large = generate(2_500, with_hard_cases=True)
    owned = [one["id"] for user in large.users.values() for one in user["emails"]]
    assert len(owned) > 600
    assert len(owned) == len(set(owned))


def test_organizations_share_names_and_some_are_gone(helpdesk: Helpdesk) -> None:
    names = [record["name"] for record in helpdesk.organizations.values()]
    assert names.count("Twin") == 2
    assert {record["is_shared"] for record in helpdesk.organizations.values()} == {True, False}
    domains = {record["domain"] for record in helpdesk.table("identity_domain").values()}
    assert "gmail.com" in domains
    used = {(user["organization"] or {}).get("id") for user in helpdesk.users.values()}
    assert used - set(helpdesk.organizations) == {None, 98}
    assert any("::" in team["title"] for team in helpdesk.teams.values())


def test_bodies_are_empty_plain_dangerous_and_long(helpdesk: Helpdesk) -> None:
    found = originals(helpdesk)
    assert any(not original.get("body_html", "-") for original in found)
    assert any("<script>" in (original.get("body_html") or "") for original in found)
    plain = [original for original in found if original.get("body_html", "") is None]
    assert any("<print>" in original["body_text"] for original in plain)
    assert any(len(original.get("body_text", "")) > 200_000 for original in found)
    subjects = [case["subject"] for case in helpdesk.cases.values()]
    assert {None, ""} <= set(subjects)
    assert any(len(subject or "") > 250 for subject in subjects)


def test_files_are_empty_large_alike_and_badly_named(helpdesk: Helpdesk) -> None:
    sizes = {len(file.content) for file in helpdesk.files.values()}
    assert {0, 2_000_000} <= sizes
    names = [file.name for file in helpdesk.files.values()]
    assert names.count("same.txt") == 2
    assert any("/" in name for name in names)
    assert any(not name.isascii() for name in names)
    kinds = {file.kind for file in helpdesk.media.values()}
    assert kinds == {"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"}


def test_owners_do_not_fit_their_teams(helpdesk: Helpdesk) -> None:
    def fits(case: Record) -> bool:
        owner = helpdesk.find("user", (case["assigned_agent"] or {}).get("id", 0))
        return not owner or not case["assigned_team"] or case["assigned_team"] in owner["teams"]

    assert not all(fits(case) for case in helpdesk.cases.values())


def test_tags_hold_signs_that_zammad_refuses(helpdesk: Helpdesk) -> None:
    names = {tag["name"] for case in helpdesk.cases.values() for tag in case["tags"]}
    assert any("," in name for name in names)
    assert any("*" in name for name in names)


def test_time_entries_dangle_and_have_unix_times(helpdesk: Helpdesk) -> None:
    entries = list(helpdesk.table("timetracking_log").values())
    assert {entry["log_type"] for entry in entries} >= {"VIEWED", "WORKED"}
    assert any(entry["case"]["id"] not in helpdesk.cases for entry in entries)
    assert any(isinstance(entry["created_at"], int) for entry in entries)


def test_nobody_in_it_has_a_persons_name(helpdesk: Helpdesk) -> None:
    allowed = {"Customer", "Agent", "Admin", "Owner", "Collaborator", "Çustomer", "Single"}
    for user in helpdesk.users.values():
        words = (user["full_name"] or "").replace(",", "").split()
        assert not words or words[0] in allowed


def test_what_has_to_be_asked_apart_occurs(helpdesk: Helpdesk) -> None:
    sides = helpdesk.sides
    unlisted = {key for kind, key in helpdesk.hidden if kind == "user"}
    askers = {(case["requester"] or {}).get("id") for case in helpdesk.cases.values()}
    assert unlisted
    assert unlisted <= askers & set(helpdesk.users)
    assert all(helpdesk.users[key]["pinned_notes_count"] for key in sides.user_notes)
    assert all(
        helpdesk.organizations[key]["pinned_notes_count"] for key in sides.organization_notes
    )
    assert any("Message-ID" in mail["source_content"] for mail in sides.mails.values())
    merged = next(case for case in helpdesk.cases.values() if case["is_merged"])
    (merger,) = sides.activities[merged["id"]]
    survivor = merger["original"]["target"]["original"]
    assert survivor == {"id": merged["id"] - 1, "resource_type": "case"}
