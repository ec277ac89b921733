"""Kayako changes between two pages of a list that is being read: nobody is overlooked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner import capped
from runner.sandbox.data import Helpdesk, generate, hard_cases
from tests.kayako.support import Pulling, pulling

NAME = "big.bin"
Change = Callable[[Helpdesk, int], Any]
CHANGES: dict[str, Change] = {
    "updated": lambda helpdesk, case_id: helpdesk.change_subject(case_id, "changed meanwhile"),
    "trashed": lambda helpdesk, case_id: helpdesk.trash(case_id),
    "deleted": lambda helpdesk, case_id: helpdesk.delete_case(case_id),
    "archived": lambda helpdesk, case_id: helpdesk.archive(case_id),
}


def between_pages(world: Pulling, change: Callable[[], object], *, path: str, page: int) -> None:
    """Let ``change`` happen before the given page (counted from 1) of a list is answered."""
    asked = 0

    def watch(seen: Any) -> None:
        nonlocal asked
        asked += seen.path.endswith(path) and not seen.query.get("archived")
        if asked == page:
            asked += 1000
            change()

    world.fake.on_request = watch


@pytest.mark.fault(
    "a conversation is changed, trashed, deleted or archived between two pages of the list",
    does=(
        "rows that moved up past the next page are read again; the head of the list is read again"
        " until it brings nothing new"
    ),
    side="Kayako",
)
@pytest.mark.parametrize(
    ("how", "place"),
    [("trashed", 1), ("deleted", 1), ("archived", 1), ("archived", -2), ("updated", -2)],
)
def test_nobody_is_overlooked_when_a_row_leaves_its_page(
    tmp_path: Path, how: str, place: int
) -> None:
    helpdesk = generate(20, posts_each=1, users=3)
    newest = helpdesk.newest_cases(0, 20)
    case_id = newest[place]
    with pulling(helpdesk, tmp_path, page_cap=6) as world:
        between_pages(world, lambda: CHANGES[how](helpdesk, case_id), path="/cases", page=3)
        report = world.headers()
        found = {case["id"] for case in world.snapshot.records("cases")}
        expected = set(newest) - ({case_id} if how in ("deleted", "trashed") else set())
        assert expected - found == set()
        assert report.notes == []


@pytest.mark.fault(
    "messages come while a conversation's messages are read",
    does="what came too late is read with the next pull; nothing is lost or doubled",
    side="Kayako",
)
def test_messages_that_come_between_two_pages_are_read_next_time(tmp_path: Path) -> None:
    helpdesk = generate(1, posts_each=9, users=3)
    (case_id,) = helpdesk.cases
    with pulling(helpdesk, tmp_path, page_cap=4) as world:
        world.headers()
        path = f"/cases/{case_id}/posts"
        between_pages(world, lambda: helpdesk.add_post(case_id, "one more"), path=path, page=2)
        world.bodies()
        before = len(world.snapshot.posts(case_id))
        world.both()
        posts = [post["id"] for post in world.snapshot.posts(case_id)]
        assert (before, len(posts), len(set(posts))) == (9, 10, 10)


@pytest.mark.fault(
    "a conversation is deleted after the lists were read",
    does="it cannot be read and is named; the next pull finds it gone",
    side="Kayako",
)
def test_a_conversation_that_is_deleted_before_its_messages_are_read_is_gone_next_time(
    tmp_path: Path,
) -> None:
    helpdesk = generate(3, posts_each=1, users=3)
    gone = min(helpdesk.cases)
    with pulling(helpdesk, tmp_path) as world:
        world.headers()
        helpdesk.delete_case(gone)
        report = world.bodies()
        assert (report.read, list(report.failures)) == (2, [gone])
        headers, bodies = world.both()
        assert (headers.lists["cases"].gone, bodies.failed) == (1, 0)
        assert list(world.snapshot.gone("cases")) == [gone]


@pytest.mark.fault("an attachment that is missing, shorter or longer than announced")
@pytest.mark.fault(
    "an attachment whose second download differs from the broken first one",
    does="what is kept is one download, whole; never parts of two",
    side="Kayako",
)
@pytest.mark.parametrize(("first", "second"), [("truncated", "other"), ("longer", None)])
def test_a_file_is_one_whole_download(tmp_path: Path, first: Any, second: Any) -> None:
    helpdesk = hard_cases()
    path, file = next((path, file) for path, file in helpdesk.files.items() if file.name == NAME)
    with pulling(helpdesk, tmp_path) as world:
        world.headers()
        world.fake.damages[path] = first

        def change(seen: Any) -> None:
            if path in seen.path and len(world.asked(path)) > 1:
                world.fake.damages.clear()
                if second:
                    world.fake.damages[path] = second

        world.fake.on_request = change
        world.bodies(case_ids=[69])
        found = [item for post in world.snapshot.posts(69) for item in post["attachments"]]
        (sha256,) = (item["sha256"] for item in found if item["name"] == NAME)
        whole = bytes(byte ^ 1 for byte in file.content) if second else file.content
        assert world.snapshot.file(sha256).read_bytes() == whole
        assert len(world.asked(path)) == 2


@pytest.mark.fault("an answer that comes a byte at a time without end")
def test_a_file_that_does_not_end_is_named_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capped, "FILE_SECONDS", 0.1)
    with pulling(hard_cases(), tmp_path) as world:
        path = next(path for path, file in world.fake.helpdesk.files.items() if file.name == NAME)
        world.headers()
        world.fake.faults.fail("GET", path, "dribble")
        report = world.bodies(case_ids=[69])
        found = [item for post in world.snapshot.posts(69) for item in post["attachments"]]
        (error,) = (item["error"] for item in found if item["name"] == NAME)
        assert error == "it was not read to its end after 0.1 s"
        assert (report.files_missing, report.failed) == (1, 0)
