from __future__ import annotations

import sqlite3
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from runner.errors import StoreUnreadable
from runner.snapshot import Snapshot
from runner.snapshot.database import NAME
from runner.snapshot.writing import StoredFile
from tests.snapshot.support import URL, case, email, filled, post, reference, user


def test_a_snapshot_exists_once_it_was_opened(tmp_path: Path) -> None:
    assert not Snapshot.exists(tmp_path)
    Snapshot.open(tmp_path, kayako_url=URL).close()
    assert Snapshot.exists(tmp_path)


def test_only_the_user_may_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "snapshot"
    snapshot, _ = filled(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    snapshot.close()


def test_a_snapshot_of_another_kayako_is_refused(tmp_path: Path) -> None:
    Snapshot.open(tmp_path, kayako_url=URL).close()
    Snapshot.open(tmp_path, kayako_url="https://KAYAKO.example/").close()
    with pytest.raises(StoreUnreadable, match="is a copy of") as caught:
        Snapshot.open(tmp_path, kayako_url="https://other.example")
    assert "workdir" in caught.value.advice


def test_reading_what_was_never_pulled_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreUnreadable, match="no snapshot") as caught:
        Snapshot.open(tmp_path, read_only=True)
    assert "migrate pull" in caught.value.advice


@pytest.mark.fault("a damaged snapshot", does="refused with the way out")
def test_a_damaged_snapshot_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreUnreadable, match="cannot be used") as caught:
        Snapshot.open(tmp_path)
    assert caught.value.exit_code == 12


def test_another_format_is_refused(tmp_path: Path) -> None:
    Snapshot.open(tmp_path).close()
    connection = sqlite3.connect(tmp_path / NAME)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreUnreadable, match="format 99"):
        Snapshot.open(tmp_path)


def test_somebody_elses_database_is_refused(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / NAME)
    connection.execute("CREATE TABLE x (y)")
    connection.close()
    with pytest.raises(StoreUnreadable, match="is not a snapshot"):
        Snapshot.open(tmp_path)


def test_a_closed_snapshot_can_be_read_by_a_reader_only(tmp_path: Path) -> None:
    filled(tmp_path, threads={1: [post()]})[0].close()
    snapshot = Snapshot.open(tmp_path, kayako_url=URL, read_only=True)
    assert [record["id"] for record in snapshot.records("cases")] == [1]
    assert len(snapshot.posts(1)) == 1
    with pytest.raises(StoreUnreadable, match="reading only"):
        snapshot.set_meta("x", 1)
    snapshot.close()


def test_records_come_by_ascending_id_across_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runner.snapshot.store.PAGE", 3)
    monkeypatch.setattr("runner.snapshot.opened.PAGE", 3)
    snapshot, writer = filled(tmp_path, cases=[case(number) for number in (10, 9, 100, 2, 1, 55)])
    writer.mark_gone("cases", 9)
    assert [record["id"] for record in snapshot.records("cases")] == [1, 2, 10, 55, 100]
    assert list(snapshot.case_ids()) == [1, 2, 10, 55, 100]
    assert list(snapshot.cases_needing_bodies()) == [1, 2, 10, 55, 100]
    assert [record["id"] for record in snapshot.records("cases", gone=True)] == [9]
    assert snapshot.gone("cases") == [9]
    assert snapshot.count("cases") == 5
    snapshot.close()


def test_bodies_are_missing_then_complete_then_changed(tmp_path: Path) -> None:
    snapshot, writer = filled(tmp_path)
    assert snapshot.bodies(1) == "missing"
    assert snapshot.posts(1) == []
    writer.thread(1, writer.header(1), [post()], [], missing=0)
    assert snapshot.bodies(1) == "complete"
    assert list(snapshot.cases_needing_bodies()) == []
    for change in ({"updated_at": "2022-01-01T00:00:00+00:00"}, {"post_count": 2}):
        writer.page("cases", [case(**change)], sweep=1)
        assert snapshot.bodies(1) == "changed"
        assert list(snapshot.cases_needing_bodies()) == [1]
        writer.thread(1, writer.header(1), [post()], [], missing=0)
        assert snapshot.bodies(1) == "complete"
    snapshot.close()


def test_a_post_that_came_after_the_header_is_read_again(tmp_path: Path) -> None:
    """Bodies count for the header that was known before they were read."""
    snapshot, writer = filled(tmp_path)
    before = writer.header(1)
    writer.page("cases", [case(updated_at="2022-01-01T00:00:00+00:00")], sweep=1)
    writer.thread(1, before, [post()], [], missing=0)
    assert snapshot.bodies(1) == "changed"
    snapshot.close()


@pytest.mark.fault(
    "a crash between a conversation's messages and files",
    does="they are saved together or not at all",
)
def test_a_thread_and_its_files_are_saved_together_or_not_at_all(tmp_path: Path) -> None:
    snapshot, writer = filled(tmp_path)
    files = [StoredFile("a", "s" * 64, 1, None), ("too", "few")]
    with pytest.raises(StoreUnreadable):
        writer.thread(1, writer.header(1), [post()], files, missing=0)  # type: ignore[arg-type]
    assert snapshot.bodies(1) == "missing"
    assert snapshot.file_of("a") == (None, "not read")
    snapshot.close()


def test_references_are_joined_again(tmp_path: Path) -> None:
    snapshot, _ = filled(tmp_path)
    record = snapshot.record("cases", 1)
    assert record is not None
    assert record["requester"] == {
        "type": "user",
        "id": 7,
        "name": "Customer 7",
        "email": "customer-7@example.org",
        "role": "CUSTOMER",
        "known": True,
    }
    assert record["status"] == {"id": 2, "label": "Open", "type": "OPEN"}
    assert record["tags"] == ["vip"]
    assert record["url"] == f"{URL}/agent/conversations/1"
    snapshot.close()


def test_tags_stay_apart_that_differ_in_capitals(tmp_path: Path) -> None:
    tags = [{"id": n, "name": name} for n, name in enumerate(("VIP", "vip", " vip ", ""))]
    snapshot, _ = filled(tmp_path, cases=[case(tags=tags)])
    record = snapshot.record("cases", 1)
    assert record is not None
    assert record["tags"] == ["VIP", "vip"]
    snapshot.close()


def test_a_trigger_is_not_the_user_of_its_number(tmp_path: Path) -> None:
    creator = {"id": 7, "title": "Auto reply", "resource_type": "trigger"}
    snapshot, _ = filled(tmp_path, cases=[case(creator=creator)])
    found = snapshot.record("cases", 1)["creator"]  # type: ignore[index]
    assert (found["type"], found["id"], found["known"]) == ("trigger", 7, False)
    assert found["name"] == "Auto reply"
    snapshot.close()


def test_what_a_list_says_wins_over_copies_in_records(tmp_path: Path) -> None:
    snapshot, writer = filled(tmp_path)
    writer.listed("case_status", [{"id": 2, "label": "Renamed", "type": "OPEN"}])
    writer.page("cases", [case(2)], sweep=1)
    assert snapshot.record("cases", 2)["status"]["label"] == "Renamed"  # type: ignore[index]
    snapshot.close()


def test_a_fuller_copy_replaces_a_shorter_one_not_the_other_way(tmp_path: Path) -> None:
    short = {"id": 90, "full_name": "Gone", "resource_type": "user_minimal"}
    full = user(90, full_name="Gone", emails=[email(90, "gone@example.org")])
    snapshot, writer = filled(tmp_path, users=[], cases=[case(requester=short)])

    def requester() -> Any:
        return snapshot.record("cases", 1)["requester"]  # type: ignore[index]

    assert (requester()["name"], requester()["email"]) == ("Gone", None)
    writer.page("cases", [case(2, requester=full)], sweep=1)
    assert requester()["email"] == "gone@example.org"
    writer.page("cases", [case(3, requester=short)], sweep=1)
    assert requester()["email"] == "gone@example.org"
    assert requester()["known"] is False
    snapshot.close()


def test_custom_fields_come_by_key(tmp_path: Path) -> None:
    fields = [
        {"field": reference("case_field", 8), "value": "A", "resource_type": "case_field_value"},
        {"field": reference("case_field", 9), "value": "", "resource_type": "case_field_value"},
    ]
    snapshot, writer = filled(tmp_path, cases=[case(custom_fields=fields)])
    writer.listed("case_field", [{"id": 8, "key": "color", "options": [{"id": 1}]}])
    record = snapshot.record("cases", 1)
    assert record is not None
    assert record["custom_fields"] == {"color": "A", "field_9": ""}
    assert list(snapshot.custom_values("cases")) == [("8", "A"), ("9", "")]
    assert list(snapshot.custom_values("users")) == []
    assert snapshot.definitions("case_field")[0]["options"] == [{"id": 1}]
    snapshot.close()


def test_user_names_and_identities_are_computed(tmp_path: Path) -> None:
    emails = [
        email(1, " Second@example.org "),
        email(2, "First@example.org", primary=True),
        email(3, "second@example.org"),
    ]
    snapshot, _ = filled(tmp_path, users=[user(full_name=" Customer  Of  Seven ", emails=emails)])
    record = snapshot.record("users", 7)
    assert record is not None
    assert (record["first_name"], record["last_name"]) == ("Customer Of", "Seven")
    assert record["email"] == "First@example.org"
    assert record["other_emails"] == ["Second@example.org"]
    assert record["created_at"] == "2021-08-27T10:49:56Z"
    snapshot.close()


def test_odd_values_survive(tmp_path: Path) -> None:
    subject = "\ud83d lone, \x00 nul, \u2028 line, 👩‍🚒"
    snapshot, _ = filled(tmp_path, cases=[case(subject=subject)], threads={1: []})
    record = snapshot.record("cases", 1)
    assert record is not None
    assert record["subject"] == "\ufffd lone, \ufffd nul, \u2028 line, 👩‍🚒"
    snapshot.close()


def test_an_unfinished_sweep_goes_on_and_a_finished_one_is_followed_by_the_next(
    tmp_path: Path,
) -> None:
    snapshot, writer = filled(tmp_path)
    assert writer.next_sweep("users") == 1
    writer.mark_sweep("users", 1, users=300)
    assert writer.next_sweep("users") == 1
    assert writer.sweep_position("users", "users") == 300
    writer.end_sweep("users", 1)
    assert writer.next_sweep("users") == 2
    assert writer.sweep_position("users", "users") == 0
    assert list(writer.unswept("users", 2)) == [7]
    assert list(writer.unswept("users", 1)) == []
    snapshot.close()


def test_many_threads_read_and_write(tmp_path: Path) -> None:
    snapshot, writer = filled(tmp_path, cases=[case(number) for number in range(1, 41)])
    errors: list[BaseException] = []

    def work(start: int) -> None:
        try:
            for number in range(start, 41, 4):
                writer.thread(number, writer.header(number), [post(number)], [], missing=0)
                assert snapshot.posts(number)[0]["id"] == number
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(start,)) for start in (1, 2, 3, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert list(snapshot.cases_needing_bodies()) == []
    snapshot.close()
