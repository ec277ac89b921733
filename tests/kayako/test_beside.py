"""What is asked for apart: people in copy, original mails, mergers, notes, users in no list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runner.kayako.pull import not_closed, pull_beside
from runner.sandbox.data import generate, hard_cases
from runner.snapshot.beside import MEMBERSHIPS
from tests.kayako.support import Pulling, pulling

UNLISTED, GONE = 32, {90, 91}
ASKED_APART = re.compile(r"/(participants|activities|email_original|notes|users/\d+)$")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pulling]:
    with pulling(hard_cases(), tmp_path_factory.mktemp("snapshot")) as served:
        served.headers()
        served.bodies(originals=everything, people=True)
        yield served


def everything(_case: dict[str, Any]) -> bool:
    return True


def called(world: Pulling, subject: str) -> dict[str, Any]:
    return next(case for case in world.snapshot.records("cases") if case["subject"] == subject)


def apart(world: Pulling) -> list[str]:
    return [seen.path for seen in world.fake.requests if ASKED_APART.search(seen.path)]


def test_a_user_of_no_list_is_found_by_id_and_known(world: Pulling) -> None:
    case = called(world, "Asked by somebody whom no list has")
    assert case["requester"] == {
        "type": "user",
        "id": UNLISTED,
        "name": "Customer 32",
        "email": "unlisted-32@customers.example",
        "role": "CUSTOMER",
        "known": True,
    }
    assert UNLISTED in {user["id"] for user in world.snapshot.records("users")}
    assert case["organization"]["name"] == "Twin"


def test_users_whom_kayako_does_not_have_are_asked_for_once(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        headers = world.headers()
        assert (headers.people_found, headers.people_missing) == (1, len(GONE))
        world.bodies(people=True)
        world.headers()
        for user_id in GONE:
            assert world.asked(f"/api/v1/users/{user_id}") == [f"/api/v1/users/{user_id}"]
        gone = called(world, "The requester is gone")["requester"]
        assert (gone["id"], gone["known"]) == (90, False)
        assert world.snapshot.gone("users") == []


def test_an_author_whom_only_posts_name_is_found_when_asked(tmp_path: Path) -> None:
    with pulling(generate(3), tmp_path) as world:
        helpdesk = world.fake.helpdesk
        helpdesk.add({**helpdesk.users[1001], "id": 5001, "full_name": "Customer 5001"})
        helpdesk.hidden.add(("user", 5001))
        posts = helpdesk.posts(1002)
        helpdesk.add_case(
            helpdesk.cases[1002],
            [{**posts[0], "creator": {"id": 5001, "resource_type": "user"}}, *posts[1:]],
        )
        world.headers()
        assert world.bodies().people_found == 0
        assert world.asked("/users/5001") == []
        assert world.snapshot.posts(1002)[0]["creator"]["known"] is False
        world.headers()
        assert world.snapshot.posts(1002)[0]["creator"]["known"] is True
        assert len(world.asked("/users/5001")) == 1


def test_a_user_who_comes_into_the_list_is_not_asked_for(tmp_path: Path) -> None:
    with pulling(generate(2), tmp_path) as world:
        helpdesk = world.fake.helpdesk
        requester = helpdesk.users[helpdesk.cases[1001]["requester"]["id"]]
        world.fake.unlicensed = {f"users/{requester['id']}": 403}
        helpdesk.delete_user(requester["id"])
        world.headers()
        assert len(list(world.snapshot.beside.pending("user"))) == 1
        helpdesk.add(requester)
        world.fake.unlicensed = ()
        world.fake.requests.clear()
        world.headers()
        assert apart(world) == []
        assert list(world.snapshot.beside.pending("user")) == []


def test_people_in_copy_come_without_the_requester(world: Pulling) -> None:
    case = called(world, "Much beside it")
    assert [item["email"] for item in case["participants"]] == [
        "customer-15-b@customers.example",
        "customer-26@customers.example",
        "agent-3@acme.example",
    ]
    assert [item["person"]["id"] for item in case["participants"]] == [15, 26, 3]


def test_people_in_copy_are_asked_for_where_the_case_may_go_on(world: Pulling) -> None:
    snapshot = world.snapshot
    expected = {
        case["id"]
        for case in snapshot.records("cases")
        if case["state"] == "ACTIVE" and not_closed(case)
    }
    asked = {int(path.split("/")[-2]) for path in world.asked("/participants")}
    assert asked == expected
    assert 0 < len(asked) < len([*snapshot.case_ids()])
    assert called(world, "Archived 1")["participants"] == []


def test_all_people_in_copy_come_however_short_the_pages(tmp_path: Path) -> None:
    with pulling(generate(1), tmp_path, page_cap=2) as world:
        world.fake.helpdesk.sides.participants[1001] = [1, 2, 3, 4, 5]
        world.headers()
        world.bodies(participants=everything)
        record = world.snapshot.record("cases", 1001)
        assert record is not None
        assert [item["person"]["id"] for item in record["participants"]] == [1, 2, 3, 4, 5]


def test_the_original_mail_tells_its_ids_and_people(world: Pulling) -> None:
    case = called(world, "Asked by somebody whom no list has")
    first, answer = world.snapshot.posts(case["id"])
    assert first["original_message_id"] == "<CAF-1.32@customers.example>"
    assert first["in_reply_to"] == "<earlier@acme.example>"
    assert first["references"] == "<first@acme.example> <earlier@acme.example>"
    assert first["to"] == ['"Support, groß" <support@acme.example>', '"B, A" <b@vendors.example>']
    assert first["cc"] == ["copy-32@customers.example"]
    assert answer["original_message_id"] is None
    assert answer["in_reply_to"] is None
    assert answer["references"] is None


def test_only_mails_that_came_in_are_asked_for(world: Pulling) -> None:
    asked = {int(path.split("/")[-2]) for path in world.asked("/email_original")}
    posts = [
        post for case_id in world.snapshot.case_ids() for post in world.snapshot.posts(case_id)
    ]
    by_id = {post["id"]: post for post in posts}
    assert asked
    for post_id in asked:
        post = by_id[post_id]
        assert post["original"]["resource_type"] == "case_message"
        assert post["source_channel"]["type"] == "MAIL"
        assert post["is_requester"] or post["creator"]["role"] not in {"AGENT", "ADMIN", "OWNER"}
    inbound = {post["id"] for post in posts if post["is_requester"] and post["mailbox"]}
    assert inbound <= asked
    assert {by_id[post_id]["original_message_id"] is None for post_id in asked} == {True, False}


def test_nothing_is_asked_again_for_what_did_not_change(world: Pulling) -> None:
    before = len(apart(world))
    world.headers()
    world.bodies(originals=everything, people=True)
    report = pull_beside(world.kayako, world.snapshot, originals=everything)
    assert report.read == 0
    # Whom no list shows is looked after like everybody who vanished from a list.
    assert apart(world)[before:] == [f"/api/v1/users/{UNLISTED}"]


def test_a_changed_case_is_asked_again_but_never_its_old_mails(tmp_path: Path) -> None:
    with pulling(generate(6), tmp_path) as world:
        mailed = next(
            case["id"]
            for case in world.fake.helpdesk.cases.values()
            if case["source_channel"]["account"]
        )
        world.fake.helpdesk.set_status(mailed, 2)
        world.headers()
        world.bodies(originals=everything)
        world.fake.requests.clear()
        added = world.fake.helpdesk.add_post(mailed, "News")
        world.fake.helpdesk.sides.participants[mailed] = [3]
        world.headers()
        world.bodies(originals=everything)
        assert world.asked("/participants") == [f"/api/v1/cases/{mailed}/participants"]
        assert world.asked("/email_original") == [
            f"/api/v1/cases/posts/{added['id']}/email_original"
        ]
        record = world.snapshot.record("cases", mailed)
        assert record is not None
        assert [item["person"]["id"] for item in record["participants"]] == [3]


def test_a_mail_that_kayako_lost_is_asked_for_once(tmp_path: Path) -> None:
    with pulling(generate(3), tmp_path) as world:
        world.fake.unlicensed = {"cases/posts": 404}
        world.headers()
        assert world.bodies(originals=everything).originals == 0
        asked = world.asked("/email_original")
        assert len(asked) == len(set(asked)) > 0
        world.fake.helpdesk.touch(1001)
        world.fake.helpdesk.touch(1002)
        world.fake.helpdesk.touch(1003)
        world.headers()
        assert world.bodies(originals=everything).failed == 0
        assert world.asked("/email_original") == asked


def test_what_was_not_chosen_before_is_caught_up_without_reading_posts(tmp_path: Path) -> None:
    with pulling(generate(8), tmp_path) as world:
        world.headers()
        world.bodies(participants=None)
        assert apart(world) == []
        world.fake.requests.clear()
        report = pull_beside(world.kayako, world.snapshot, originals=everything, workers=2)
        assert report.originals > 0
        assert report.read == 8
        assert not [path for path in world.asked("/posts") if path.endswith("/posts")]
        assert any(
            post["original_message_id"]
            for case_id in world.snapshot.case_ids()
            for post in world.snapshot.posts(case_id)
        )


@pytest.mark.parametrize("status", [403, 404, 426])
def test_what_the_plan_does_not_have_is_counted_and_left(tmp_path: Path, status: int) -> None:
    with pulling(generate(4), tmp_path) as world:
        world.headers()
        refused = {f"cases/{case}/participants": status for case in range(1001, 1005)}
        world.fake.unlicensed = refused
        report = world.bodies(participants=everything)
        assert (report.read, report.failed, report.refused) == (4, 0, 4)
        world.fake.requests.clear()
        assert pull_beside(world.kayako, world.snapshot, participants=everything).read == 0
        assert world.asked("/participants") == []


def test_further_organizations_are_asked_for_once_and_when_the_user_changes(
    tmp_path: Path,
) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        world.headers()
        assert world.asked("/users/26/organizations") == []
        assert world.snapshot.record("users", 26) == {
            **(world.snapshot.record("users", 26) or {}),
            "other_organizations": [],
        }
        unasked = world.snapshot.beside.waiting(MEMBERSHIPS)
        world.headers(memberships=True)
        assert len(world.asked("/organizations")) - unasked < 10  # the lists themselves
        assert world.snapshot.beside.waiting(MEMBERSHIPS) == 0
        record = world.snapshot.record("users", 26)
        assert record is not None
        assert [item["id"] for item in record["organizations"]] == [5, 1]
        assert [item["name"] for item in record["other_organizations"]] == ["Organization 1"]
        world.fake.helpdesk.change_user(26, full_name="Customer 26 b")
        world.fake.requests.clear()
        world.headers(memberships=True)
        asked = [path for path in world.asked("/organizations") if "/users/" in path]
        assert asked == ["/api/v1/users/26/organizations"]


@pytest.mark.parametrize("status", [403, 404, 426])
def test_users_whose_organizations_are_not_told_stay_unasked(tmp_path: Path, status: int) -> None:
    with pulling(generate(2), tmp_path) as world:
        world.headers()
        users = [user["id"] for user in world.snapshot.records("users")]
        world.fake.unlicensed = {f"users/{number}/organizations": status for number in users}
        unasked = world.snapshot.beside.waiting(MEMBERSHIPS)
        world.headers(memberships=True)
        assert world.snapshot.beside.waiting(MEMBERSHIPS) == unasked > 0


def test_a_merged_case_names_its_survivor(world: Pulling) -> None:
    first, copy = called(world, "Asked twice"), called(world, "Asked twice, the copy")
    assert copy["merged_into"] == first["id"]
    assert first["merged_into"] is None
    assert world.asked("/activities") == [f"/api/v1/cases/{copy['id']}/activities"]


def test_pinned_notes_bring_all_notes_of_a_profile(world: Pulling) -> None:
    user = world.snapshot.record("users", 11)
    organization = world.snapshot.record("organizations", 1)
    assert user is not None
    assert organization is not None
    (note,) = user["notes"]
    assert (note["text"], note["is_pinned"]) == ("Prefers mail.", True)
    assert note["author"]["name"] == "Agent 3"
    assert note["created_at"] == "2024-05-02T10:00:00Z"
    # The user's notes come with those of the organization: each has its own.
    assert [item["text"] for item in organization["notes"]] == ["Pays late."]
    other = world.snapshot.record("users", 15)
    assert other is not None
    assert other["notes"] == []


def test_notes_are_asked_for_again_when_the_profile_changes(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        assert world.headers().notes_read == 3
        world.fake.requests.clear()
        assert world.headers().notes_read == 0
        assert world.asked("/notes") == []
        world.fake.helpdesk.sides.user_notes[11] = []
        world.fake.helpdesk.change_user(11, pinned_notes_count=0)
        world.headers()
        assert world.asked("/notes") == ["/api/v1/users/11/notes"]
        user = world.snapshot.record("users", 11)
        assert user is not None
        assert user["notes"] == []
        world.fake.requests.clear()
        world.fake.helpdesk.change_user(15)
        world.headers()
        assert world.asked("/notes") == []
