from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runner.snapshot.beside import NOTES, PARTICIPANTS, USER
from runner.snapshot.contacts import contacts
from tests.snapshot.support import case, filled, post, reference, user


def test_an_answer_is_remembered_even_an_empty_one(tmp_path: Path) -> None:
    snapshot, _ = filled(tmp_path)
    beside = snapshot.beside
    assert not beside.answered(PARTICIPANTS, 1)
    beside.keep(PARTICIPANTS, 1, None)
    beside.keep(PARTICIPANTS, 2, [{"id": 3}])
    assert beside.answered(PARTICIPANTS, 1)
    assert beside.get(PARTICIPANTS, 1) is None
    assert beside.many(PARTICIPANTS, range(5)) == {2: [{"id": 3}]}
    beside.forget(PARTICIPANTS, 2)
    assert not beside.answered(PARTICIPANTS, 2)
    snapshot.close()


def test_pending_rows_come_by_ascending_id_across_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runner.snapshot.beside.PAGE", 2)
    requesters = [9, 4, 3, 8, 5]
    cases = [
        case(number, requester=reference("user", who)) for number, who in enumerate(requesters, 1)
    ]
    snapshot, _ = filled(tmp_path, cases=cases)
    found = []
    for identifier, wanted in snapshot.beside.pending(USER):
        found.append(identifier)
        snapshot.beside.keep(USER, identifier, None, stamp=wanted)
    assert found == [3, 4, 5, 8, 9]
    assert list(snapshot.beside.pending(USER)) == []
    snapshot.close()


def test_users_of_the_list_triggers_and_users_who_are_gone_are_not_asked_for(
    tmp_path: Path,
) -> None:
    people = [reference("user", 7), reference("trigger", 9), reference("user", 5), None]
    posts = [post(at, creator=who) for at, who in enumerate(people, 11)]
    snapshot, writer = filled(tmp_path, users=[user(7), user(5)])
    writer.mark_gone("users", 5)
    writer.thread(
        1, writer.header(1), [*posts, post(20, creator=reference("user", 6))], [], missing=0
    )
    assert [identifier for identifier, _ in snapshot.beside.pending(USER)] == [6]
    snapshot.close()


def test_notes_are_wanted_once_for_each_state_of_a_profile(tmp_path: Path) -> None:
    snapshot, writer = filled(tmp_path, users=[user(7, pinned_notes_count=1), user(8)])
    kind = NOTES["users"]
    ((identifier, wanted),) = snapshot.beside.pending(kind)
    assert identifier == 7
    writer.beside(kind, 7, [], stamp=wanted)
    writer.page("users", [user(7, pinned_notes_count=1)], sweep=2)
    assert list(snapshot.beside.pending(kind)) == []
    writer.page("users", [user(7, pinned_notes_count=2)], sweep=2)
    assert [identifier for identifier, _ in snapshot.beside.pending(kind)] == [7]
    snapshot.close()


def test_a_post_that_is_a_note_on_a_profile_says_so(tmp_path: Path) -> None:
    places = ("cases/1/notes/5", "users/7/notes/6", "organizations/2/notes/7", "")
    posts = [
        post(at, original={"id": at, "resource_url": f"https://kayako.example/api/v1/{place}"})
        for at, place in enumerate(places, 11)
    ]
    snapshot, _ = filled(tmp_path, threads={1: [*posts, post(30, original=None)]})
    found = snapshot.posts(1)
    assert [item["interleaved"] for item in found] == [False, True, True, False, False]
    assert found[1]["original"]["resource_url"].endswith("users/7/notes/6")
    assert found[-1]["original"]["resource_url"] is None
    snapshot.close()


def test_further_organizations_are_taken_where_a_user_carries_them(tmp_path: Path) -> None:
    first, second = reference("organization", 1), reference("organization", 2)
    snapshot, _ = filled(
        tmp_path,
        users=[user(7, organization=first, organizations=[first, second]), user(8)],
    )
    carried, plain = snapshot.record("users", 7), snapshot.record("users", 8)
    assert carried is not None
    assert plain is not None
    assert [item["id"] for item in carried["organizations"]] == [1, 2]
    assert plain["organizations"] == []
    snapshot.close()


@pytest.mark.parametrize(
    ("key", "items", "expected"),
    [
        ("phone", [{"number": "+10005", "type": "WORK"}, " 12 "], ["+10005 (WORK)", "12"]),
        ("phone", [{"id": 7, "number": 10005, "is_primary": True}], ["10005"]),
        ("websites", ["https://www.example.org", {"url": "https://b.example"}, ""], None),
        ("addresses", [{"address1": "Street 1", "city": "Town"}], ["Street 1, Town"]),
        (
            "addresses",
            [{"city": "Town", "zip": 10115, "street": "Road 1"}],
            ["Road 1, 10115, Town"],
        ),
        (
            "addresses",
            [{"odd": 1, "deep": {"lines": ["a", "b"]}}],
            ["odd: 1, deep: lines: a, deep: lines: b"],
        ),
        ("addresses", [{"value": "", "type": "HOME", "note": "door 2"}], ["HOME, note: door 2"]),
        ("phone", None, []),
        ("phone", "+1", ["+1"]),
    ],
)
def test_contacts_are_text_and_lose_nothing(
    key: str, items: Any, expected: list[Any] | None
) -> None:
    wanted = ["https://www.example.org", "https://b.example"] if expected is None else expected
    assert contacts({key: items})[key] == wanted
    assert contacts({}) == {"phone": [], "addresses": [], "websites": []}
