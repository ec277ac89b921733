"""Conversations in trash and suspended ones: counted, their posts left unless somebody asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.sandbox.data import generate, hard_cases
from tests.kayako.support import pulling


def test_their_headers_are_read_like_others(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        headers, bodies = world.both()
        cases = world.fake.helpdesk.cases
        assert (headers.lists["trash"].seen, headers.lists["suspended"].seen) == (1, 1)
        assert (headers.lists["trash"].counted, headers.lists["suspended"].counted) == (1, 1)
        assert world.snapshot.count("cases") == len(cases)
        assert sorted(world.snapshot.case_ids()) == sorted(cases)
        hidden = {
            case["id"]: case["state"]
            for case in world.snapshot.records("cases")
            if world.snapshot.is_hidden(case["id"])
        }
        assert sorted(hidden.values()) == ["SUSPENDED", "TRASH"]
        assert bodies.read == len(cases) - 2
        assert list(world.snapshot.cases_needing_bodies()) == []
        assert world.snapshot.count_needing_bodies() == 0
        for case_id in hidden:
            assert world.snapshot.bodies(case_id) == "missing"
            assert world.asked(f"/cases/{case_id}/posts") == []


def test_their_posts_are_read_where_somebody_asks(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        world.both()
        report = world.bodies(hidden=lambda case: case["state"] == "TRASH")
        assert report.read == 1
        read = {
            case["state"]
            for case in world.snapshot.records("cases")
            if world.snapshot.bodies(case["id"]) == "complete"
        }
        assert read == {"ACTIVE", "TRASH"}


def test_what_leaves_the_trash_or_goes_there_is_seen(tmp_path: Path) -> None:
    with pulling(generate(5), tmp_path) as world:
        world.both()
        helpdesk = world.fake.helpdesk
        helpdesk.trash(1002)
        helpdesk.trash(1004)
        headers = world.headers()
        assert headers.lists["trash"].seen == 2
        assert world.asked("/api/v1/cases/1002") == [
            path for path in world.asked("/api/v1/cases/1002") if path.endswith("/posts")
        ]
        assert list(world.snapshot.cases_needing_bodies()) == []
        helpdesk.touch(1002, state="ACTIVE")
        helpdesk.delete_case(1004)
        headers = world.headers()
        assert headers.lists["trash"].seen == 0
        assert headers.notes == []
        assert world.snapshot.gone("cases") == [1004]
        assert list(world.snapshot.cases_needing_bodies()) == [1002]


def test_a_long_trash_is_read_to_its_end(tmp_path: Path) -> None:
    with pulling(generate(30), tmp_path, page_cap=4) as world:
        for case_id in range(1001, 1016):
            world.fake.helpdesk.trash(case_id)
        headers = world.headers()
        assert headers.lists["trash"].seen == 15
        assert headers.lists["cases"].seen == 15
        assert headers.notes == []
        assert world.snapshot.count("cases") == 30


@pytest.mark.parametrize("status", [403, 404, 426])
def test_without_the_views_the_pull_goes_on_and_says_so(tmp_path: Path, status: int) -> None:
    with pulling(hard_cases(), tmp_path, unlicensed={"views": status}) as world:
        headers = world.headers()
        assert "trash and suspended" in headers.unavailable
        assert "trash and suspended" in world.snapshot.unavailable
        assert world.snapshot.count("cases") == len(world.fake.helpdesk.cases) - 2


def test_a_helpdesk_without_such_a_view_says_so(tmp_path: Path) -> None:
    helpdesk = generate(2)
    helpdesk.table("view").remove(3)
    with pulling(helpdesk, tmp_path) as world:
        headers = world.headers()
        assert headers.unavailable == {"trash and suspended": "Kayako shows no view of TRASH"}
