"""What people do in a helpdesk, and what it leaves behind."""

from __future__ import annotations

import pytest

from runner.sandbox.data import File, Helpdesk, generate, hard_cases


@pytest.fixture
def helpdesk() -> Helpdesk:
    return generate(10, with_hard_cases=True)


@pytest.mark.parametrize("case", [1, 1003])
def test_a_new_post_moves_its_case_to_the_head_and_counts(helpdesk: Helpdesk, case: int) -> None:
    before = helpdesk.cases[case]
    file = File("a.txt", "text/plain", b"abc")
    added = helpdesk.add_post(case, "More.", files=(file,))
    after = helpdesk.cases[case]
    assert helpdesk.newest_cases(0, 1) == [case]
    assert after["post_count"] == before["post_count"] + 1 == len(helpdesk.posts(case))
    assert after["updated_at"] == added["created_at"] > before["updated_at"]
    assert helpdesk.posts(case)[-1] == added
    assert helpdesk.find_post(added["id"]) == added
    assert added["is_requester"]
    path = f"{added['original']['resource_url'].rpartition('/api/v1/')[2]}/attachments/1"
    assert helpdesk.find_file(path) == file


def test_ids_of_new_posts_are_new(helpdesk: Helpdesk) -> None:
    known = {post["id"] for case in helpdesk.cases for post in helpdesk.posts(case)}
    first = helpdesk.add_post(1, kind="NOTE", creator=3)
    second = helpdesk.add_post(1001)
    assert {first["id"], second["id"]}.isdisjoint(known)
    assert first["id"] != second["id"]
    assert first["original"]["resource_type"] == "note"


def test_each_change_is_later_than_the_one_before(helpdesk: Helpdesk) -> None:
    moments = [
        helpdesk.touch(1)["updated_at"],
        helpdesk.change_subject(2, "New")["updated_at"],
        helpdesk.move_team(1001, 2)["updated_at"],
        helpdesk.rename_user(11, "Customer Eleven")["updated_at"],
        helpdesk.set_status(1, 5)["updated_at"],
    ]
    assert moments == sorted(set(moments))
    assert helpdesk.cases[1001]["assigned_team"] == {"id": 2, "resource_type": "team"}
    assert helpdesk.users[11]["full_name"] == "Customer Eleven"


def test_changes_may_share_a_second(helpdesk: Helpdesk) -> None:
    helpdesk.tick = 0
    assert helpdesk.touch(1)["updated_at"] == helpdesk.touch(2)["updated_at"]
    assert helpdesk.newest_cases(0, 2) == [2, 1]


def test_trash_takes_a_case_off_the_list_and_keeps_it(helpdesk: Helpdesk) -> None:
    count = helpdesk.case_count()
    helpdesk.trash(1002)
    assert helpdesk.case_count() == count - 1
    assert helpdesk.cases[1002]["state"] == "TRASH"
    assert 1002 in helpdesk.cases_in_state("TRASH")
    helpdesk.touch(1002, state="ACTIVE")
    assert 1002 not in helpdesk.cases_in_state("TRASH")
    assert helpdesk.case_count() == count


def test_the_archive_changes_where_a_case_is_and_nothing_of_it(helpdesk: Helpdesk) -> None:
    before, archived = helpdesk.cases[1001], helpdesk.case_count(archived=True)
    helpdesk.archive(1001)
    assert helpdesk.cases[1001] == before
    assert helpdesk.case_count(archived=True) == archived + 1
    assert 1001 not in helpdesk.newest_cases(0, 1000)
    helpdesk.touch(1001)
    assert helpdesk.newest_cases(0, 1, archived=True) == [1001]


@pytest.mark.parametrize("case", [1, 1005])
def test_what_is_deleted_is_gone_for_good(helpdesk: Helpdesk, case: int) -> None:
    post = helpdesk.posts(case)[0]["id"]
    helpdesk.delete_case(case)
    assert case not in helpdesk.cases
    assert case not in list(helpdesk.cases)
    assert case not in helpdesk.newest_cases(0, 1000)
    assert helpdesk.posts(case) == []
    assert helpdesk.find_post(post) is None
    helpdesk.delete_user(11)
    assert helpdesk.find("user", 11) is None
    with pytest.raises(KeyError):
        helpdesk.touch(case)
    with pytest.raises(KeyError):
        helpdesk.delete_user(11)


def test_every_change_counts_as_a_new_version() -> None:
    helpdesk = hard_cases()
    versions = [helpdesk.version]
    helpdesk.touch(1)
    versions.append(helpdesk.version)
    helpdesk.delete_user(12)
    versions.append(helpdesk.version)
    helpdesk.add_post(2)
    versions.append(helpdesk.version)
    assert versions == sorted(set(versions))
