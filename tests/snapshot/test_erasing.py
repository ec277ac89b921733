"""What is erased leaves no trace on the disk, and no later pull brings it back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runner.snapshot import Snapshot
from runner.snapshot.erasing import erase, erased_cases, vanished
from runner.snapshot.writing import StoredFile, Writer
from tests.snapshot.support import case, email, filled, post, reference, user

PATH = "https://kayako.example/api/v1/cases/{}/messages/1/attachments/{}"


def attached(number: int, attachment: int) -> dict[str, Any]:
    found = {"id": attachment, "name": "a", "resource_url": PATH.format(number, attachment)}
    return post(attachment, attachments=[found])


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Snapshot, Writer]]:
    """Customer 7, who is gone, asked for case 1; customer 8 for case 2, where 7 wrote too."""
    by_eight = case(2, requester=user(8))
    snapshot, writer = filled(tmp_path, users=[user(7), user(8)], cases=[case(1), by_eight])
    for number, shared in ((1, 21), (2, 31)):
        files = []
        for attachment, content in ((number * 10 + 0, b"own %d" % number), (shared, b"shared")):
            sha256, size = snapshot.files.add([content])
            key = f"/api/v1/cases/{number}/messages/1/attachments/{attachment}"
            files.append(StoredFile(key, sha256, size, None))
        found = [attached(number, number * 10), attached(number, shared)]
        writer.thread(number, writer.header(number), found, files, missing=0)
    writer.beside("notes of users", 7, [{"body_text": "a note on Customer 7"}])
    writer.beside("organizations", 7, [5, 6])
    sha256, size = snapshot.files.add([b"face of 7"])
    shown = [StoredFile("avatar/7", sha256, size, None)]
    writer.beside("pictures of users", 7, {"sha256": sha256, "error": None}, files=shown)
    writer.beside("participants", 1, [{"user": user(8)}])
    writer.mark_gone("users", 7)
    yield snapshot, writer
    snapshot.close()


def on_disk(snapshot: Snapshot) -> bytes:
    return b"".join(file.read_bytes() for file in snapshot.folder.glob("snapshot.sqlite3*"))


def test_a_person_and_their_conversations_leave_no_trace(place: tuple[Snapshot, Writer]) -> None:
    snapshot, _ = place
    assert b"customer-7@example.org" in on_disk(snapshot)
    erased = erase(snapshot, 7)
    assert (erased.cases, erased.files) == ([1], 2), "a file of the conversation, and the picture"
    assert b"customer-7@example.org" not in on_disk(snapshot)
    assert b"Customer 7" not in on_disk(snapshot)
    assert snapshot.posts(1) == []
    assert snapshot.beside.get("notes of users", 7) is None
    assert snapshot.beside.get("organizations", 7) is None
    assert snapshot.beside.get("pictures of users", 7) is None
    assert snapshot.beside.get("participants", 1) is None
    record = snapshot.record("cases", 1)
    assert record is not None
    assert (record.get("subject"), record["state"]) == (None, "ERASED")
    assert erased_cases(snapshot) == [1]


def test_other_peoples_conversations_and_files_stay(place: tuple[Snapshot, Writer]) -> None:
    snapshot, _ = place
    erase(snapshot, 7)
    stored = sorted(file.read_bytes() for file in (snapshot.folder / "files").rglob("*/*"))
    assert stored == [b"own 2", b"shared"]
    files = [item["sha256"] for found in snapshot.posts(2) for item in found["attachments"]]
    assert len(files) == 2
    assert None not in files
    creator = snapshot.posts(2)[0]["creator"]
    assert (creator["name"], creator["email"], creator["known"]) == (None, None, False)
    assert (snapshot.record("users", 8) or {})["email"] == "customer-8@example.org"


def test_a_later_pull_does_not_bring_it_back(place: tuple[Snapshot, Writer]) -> None:
    snapshot, writer = place
    erase(snapshot, 7)
    writer.page("cases", [case(1, post_count=5), case(2, requester=user(8))], sweep=2)
    writer.page("users", [user(7), user(8)], sweep=2)
    assert b"Case 1" not in on_disk(snapshot)
    assert (snapshot.record("cases", 1) or {})["state"] == "ERASED"
    assert (snapshot.record("users", 7) or {}).get("full_name") is None
    assert list(snapshot.cases_needing_bodies()) == []
    assert list(snapshot.cases_needing_bodies(lambda found: found["state"] != "ERASED")) == []
    assert (writer.swept("cases", 2), writer.swept("users", 2)) == (2, 2)
    person = snapshot.lookup.person(reference("user", 7))
    assert person is not None
    assert person["known"] is False


def test_erasing_again_finds_nothing(place: tuple[Snapshot, Writer]) -> None:
    snapshot, _ = place
    erase(snapshot, 7)
    again = erase(snapshot, 7)
    assert (again.cases, again.files) == ([], 0)
    assert vanished(snapshot) == []


def test_people_who_are_gone_or_have_no_address_left_are_told(tmp_path: Path) -> None:
    merged = email(70, "Customer-5@example.org", primary=True)
    users = [
        user(1),
        user(2, emails=[], full_name="Deleted user"),
        user(3),
        user(5),
        user(6, emails=[email(6, "customer-6@example.org", primary=True), merged]),
    ]
    snapshot, writer = filled(tmp_path, users=users, cases=[])
    writer.mark_gone("users", 3)
    writer.mark_gone("users", 5)
    found = [(who.id, who.name, who.reason) for who in vanished(snapshot)]
    assert found == [(2, "Deleted user", "no address left"), (3, "Customer 3", "gone")]
    snapshot.close()
