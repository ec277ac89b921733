"""What a look at the snapshot finds, each kind planted, and what repairs make of it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from runner.ailment import Ailment, Grade
from runner.errors import StoreUnreadable
from runner.snapshot import Snapshot, erasing
from runner.snapshot.beside import ARTICLE_FILES, AVATARS, SIDE_CONVERSATIONS, avatar_key
from runner.snapshot.database import NAME
from runner.snapshot.examining import examine
from runner.snapshot.writing import StoredFile
from tests.snapshot.support import URL, case, filled, post, user

STAMP = "20261123-190000"


def attachment(number: int) -> dict[str, Any]:
    path = f"{URL}/api/v1/cases/1/attachments/{number}"
    return {"id": number, "resource_type": "attachment", "resource_url": path}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A snapshot in which a post, a side conversation, an article and a person show a file each."""
    folder = tmp_path / "snapshot"
    snapshot, writer = filled(folder, cases=[case(1), case(2), case(3)])
    stored = {}
    names = {
        "/api/v1/cases/1/attachments/1": b"one",
        "/api/v1/cases/1/attachments/2": b"two",
        "/api/v1/cases/1/attachments/3": b"three",
        avatar_key(7): b"four",
    }
    for key, content in names.items():
        stored[key] = StoredFile(key, *snapshot.files.add([content]), None)
    files = list(stored.values())
    writer.thread(1, writer.header(1), [post(11, attachments=[attachment(1)])], files, missing=0)
    writer.thread(2, writer.header(2), [post(21)], [], missing=0)
    side = {"id": 1, "messages": [{"id": 3, "attachments": [attachment(2)]}]}
    writer.beside(SIDE_CONVERSATIONS, 2, [side])
    writer.thread(3, writer.header(3), [post(31)], [], missing=0)
    article = {"id": 5, "resource_type": "article", "attachments": [attachment(3)], "contents": []}
    writer.page("articles", [{**article, "updated_at": "2021-08-27T10:49:56+00:00"}], sweep=1)
    writer.beside(ARTICLE_FILES, 5, None, stamp="2021-08-27T10:49:56Z")
    writer.beside(AVATARS, 7, {"sha256": stored[avatar_key(7)].sha256})
    snapshot.close()
    return folder


def seen(folder: Path, *, deep: bool = False, busy: bool = False) -> list[Ailment]:
    return examine(folder, kayako_url=URL, deep=deep, busy=busy, stamp=STAMP)[0]


def only(folder: Path, *, deep: bool = False) -> Ailment:
    (found,) = seen(folder, deep=deep)
    return found


def repaired(ailment: Ailment) -> str:
    assert ailment.repair is not None
    return ailment.repair()


def files(folder: Path) -> dict[bytes, Path]:
    return {path.read_bytes(): path for path in (folder / "files").glob("??/*")}


def test_a_sound_snapshot_has_nothing(folder: Path) -> None:
    found, counted = examine(folder, kayako_url=URL, deep=True, busy=False, stamp=STAMP)
    assert (found, counted) == ([], {"files of the copy": 4})


@pytest.mark.parametrize("content", [b"one", b"two", b"three", b"four"])
def test_whoever_shows_a_lost_file_is_read_again(folder: Path, content: bytes) -> None:
    files(folder)[content].unlink()
    ailment = only(folder)
    assert (ailment.kind, ailment.grade) == ("files lost or damaged", Grade.DAMAGE)
    assert "(not there)" in ailment.what
    repaired(ailment)
    snapshot = Snapshot.open(folder)
    unread = [number for number in (1, 2, 3) if snapshot.bodies(number) == "changed"]
    pending = [
        (kind, identifier)
        for kind in (ARTICLE_FILES, AVATARS)
        for identifier, _ in snapshot.beside.pending(kind)
    ]
    snapshot.close()
    expected: dict[bytes, tuple[list[int], list[tuple[str, int]]]] = {
        b"one": ([1], []),
        b"two": ([2], []),
        b"three": ([], [(ARTICLE_FILES, 5)]),
        b"four": ([], [(AVATARS, 7)]),
    }
    assert (unread, pending) == expected[content]


def test_a_file_of_another_size_is_set_aside(folder: Path) -> None:
    path = files(folder)[b"one"]
    path.write_bytes(b"on")
    ailment = only(folder)
    assert "2 bytes instead of 3" in ailment.what
    assert ailment.then == "run migrate pull"
    repaired(ailment)
    assert not path.exists()
    assert path.with_name(f"{path.name}.damaged-{STAMP}").read_bytes() == b"on"


def test_other_bytes_of_the_same_size_show_when_they_are_read(folder: Path) -> None:
    files(folder)[b"one"].write_bytes(b"0ne")
    assert seen(folder) == []
    assert "other bytes than were read" in only(folder, deep=True).what


def test_a_file_of_nobody_goes_where_all_else_is_sound(folder: Path) -> None:
    snapshot = Snapshot.open(folder)
    sha256, _ = snapshot.files.add([b"orphan"])
    path = snapshot.file(sha256)
    snapshot.close()
    assert seen(folder, busy=True) == []
    ailment = only(folder)
    assert (ailment.kind, ailment.grade) == ("files without owner", Grade.CARE)
    files(folder)[b"one"].unlink()
    assert [one.repair is None for one in seen(folder)] == [False, True]
    repaired(ailment)
    assert not path.exists()
    assert b"two" in files(folder)


def test_a_copy_of_another_kayako_is_told(folder: Path) -> None:
    (found, *_), _ = examine(
        folder, kayako_url="https://other.example", deep=False, busy=False, stamp=STAMP
    )
    assert found.kind == "snapshot of another Kayako"
    assert URL in found.what


@pytest.mark.fault(
    "a page of the snapshot is damaged",
    does="`migrate doctor` says so and what helps; indexes are made anew, rows read again",
)
def test_damage_that_sqlite_finds_is_told_with_the_way_out(folder: Path) -> None:
    """Whichever page of the database is hit, the look ends with a finding or finds nothing."""
    path = folder / NAME
    whole = path.read_bytes()
    found = []
    for page in range(1, len(whole) // 4096):
        path.write_bytes(whole[: page * 4096] + b"\xff" * 4096 + whole[(page + 1) * 4096 :])
        found += seen(folder)[:1]
    assert len(found) >= len(whole) // 4096 // 2
    assert {one.grade for one in found} == {Grade.DAMAGE}
    assert all(one.advice for one in found)


def test_a_file_that_is_no_database_is_told(folder: Path) -> None:
    (folder / NAME).write_bytes(b"nothing" * 1000)
    assert only(folder).kind == "snapshot unreadable"


@pytest.mark.fault(
    "a page of the snapshot is damaged",
)
def test_an_index_that_lacks_a_row_is_made_anew(folder: Path) -> None:
    with sqlite3.connect(folder / NAME) as connection:
        # The rows of an index that is declared for some rows only are cut off by declaring less.
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'WHERE case_id IS NOT NULL',"
            " 'WHERE id > 0') WHERE name = 'record_of_case'"
        )
    connection.close()
    ailment = only(folder)
    assert ailment.kind == "snapshot damaged"
    assert "made anew" in repaired(ailment)
    assert seen(folder) == []


def test_a_row_that_cannot_be_unpacked_is_read_again(folder: Path) -> None:
    with sqlite3.connect(folder / NAME) as connection:
        connection.execute("UPDATE thread SET body = x'00' WHERE case_id = 3")
        connection.execute("UPDATE beside SET body = x'00' WHERE kind = ?", (AVATARS,))
    connection.close()
    snapshot = Snapshot.open(folder)
    with pytest.raises(StoreUnreadable, match="a row of the snapshot is damaged") as caught:
        snapshot.stored_posts(3)
    snapshot.close()
    assert "migrate doctor --deep" in caught.value.advice
    assert seen(folder) == []
    ailment = only(folder, deep=True)
    assert "thread/3" in ailment.what
    assert "2 rows" in repaired(ailment)
    snapshot = Snapshot.open(folder)
    assert snapshot.bodies(3) == "missing"
    assert [one for one, _ in snapshot.beside.pending(AVATARS)] == [7]
    snapshot.close()


def test_what_was_set_aside_goes_with_the_person_it_belongs_to(folder: Path) -> None:
    path = files(folder)[b"four"]
    path.write_bytes(b"for")
    repaired(only(folder))
    snapshot = Snapshot.open(folder)
    assert snapshot.record("users", 7) == snapshot.record("users", user()["id"])
    erasing.erase(snapshot, 7)
    snapshot.close()
    assert list(path.parent.glob(f"{path.name}*")) == []
