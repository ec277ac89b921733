"""Side conversations, ratings and history: asked where they are wanted, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runner.kayako.aside import Aside
from runner.kayako.pull import pull_beside
from runner.sandbox.data import Helpdesk, generate, hard_cases
from tests.kayako.support import Pulling, pulling


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Pulling]:
    with pulling(hard_cases(), tmp_path) as found:
        found.headers()
        yield found


def rated(helpdesk: Helpdesk) -> int:
    return max(helpdesk.sides.side_conversations)


def channels(world: Pulling, case_id: int) -> list[Any]:
    return [(post["source_channel"] or {}).get("type") for post in world.snapshot.posts(case_id)]


def test_nothing_is_asked_unless_it_is_wanted(world: Pulling) -> None:
    world.bodies()
    case_id = rated(world.fake.helpdesk)
    assert world.asked("/side-conversations") == world.asked(f"/cases/{case_id}/activities") == []
    assert "RATING" in channels(world, case_id), "all ratings come in one list"
    assert "SIDE_CONVERSATION" not in channels(world, case_id)


def test_messages_of_side_conversations_are_posts_with_their_files(world: Pulling) -> None:
    case_id = rated(world.fake.helpdesk)
    world.bodies(case_ids=[case_id], aside=Aside(side_conversations=True))
    posts = [post for post in world.snapshot.posts(case_id) if str(post["id"]).startswith("side-")]
    assert [post["contents"] for post in posts] == [
        "Do you have the part?",
        "Still waiting.",
        "Here it is.",
    ]
    first, _, last = posts
    assert first["to"] == ["vendor@vendors.example"]
    assert first["creator"]["name"] == "Agent 3"
    assert first["side_conversation"]["subject"] == "To the vendor"
    assert last["from"] == "Vendor <vendor@vendors.example>"
    sha256 = last["attachments"][0]["sha256"]
    assert world.snapshot.file(sha256).read_bytes() == b"part 7"


def test_the_history_is_one_readable_post(world: Pulling) -> None:
    case_id = rated(world.fake.helpdesk)
    world.bodies(case_ids=[case_id], aside=Aside(activities=True))
    found = [post for post in world.snapshot.posts(case_id) if post["id"] == "activities"]
    assert len(found) == 1
    assert (
        found[0]["contents"].splitlines()
        == ["2024-05-02 10:00:00 UTC: Agent changed the status"] * 3
    )


def test_what_was_not_wanted_before_is_asked_later_and_once(world: Pulling) -> None:
    world.bodies()
    wanted = Aside(side_conversations=True)
    first = pull_beside(world.kayako, world.snapshot, aside=wanted, workers=2)
    assert first.read == len(list(world.snapshot.case_ids())) - 2, "all but the hidden ones"
    assert first.files == 1
    assert channels(world, rated(world.fake.helpdesk)).count("SIDE_CONVERSATION") == 3
    world.fake.requests.clear()
    assert pull_beside(world.kayako, world.snapshot, aside=wanted).read == 0
    assert world.asked("/side-conversations") == []


@pytest.mark.parametrize("status", [404, 426])
def test_what_the_plan_lacks_is_asked_once_a_run(tmp_path: Path, status: int) -> None:
    refused = {f"cases/{case_id}/side-conversations": status for case_id in range(1001, 1021)}
    with pulling(generate(20), tmp_path, unlicensed=refused) as world:
        world.headers()
        report = world.bodies(workers=1, aside=Aside(side_conversations=True))
        assert (report.refused, report.failed) == (1, 0)
        assert len(world.asked("/side-conversations")) == 1


def test_without_the_list_of_ratings_only_rated_conversations_are_asked(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path, unlicensed={"cases/ratings": 404}) as world:
        world.headers()
        world.bodies()
        helpdesk = world.fake.helpdesk
        rows = [case["id"] for case in helpdesk.cases.values() if case["rating"]]
        asked = [path for path in world.asked("/ratings") if path != "/api/v1/cases/ratings"]
        assert sorted(asked) == sorted(f"/api/v1/cases/{case_id}/ratings" for case_id in rows)
        found = [post for post in world.snapshot.posts(rated(helpdesk)) if post["id"] == "rating-2"]
        assert (found[0]["score"], found[0]["contents"]) == ("BAD", "It broke again.")
        assert found[0]["creator"]["id"] == 11
