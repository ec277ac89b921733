from __future__ import annotations

import errno
import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest
from tinydb import TinyDB

from runner.errors import MigrateError, StoreUnreadable
from runner.ledger import Ledger, storage
from runner.ledger.files import aside

from .support import FullDisk, journal_of, ticket

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "work" / "ledger.json"


def ids(path: Path) -> list[str]:
    """Return what a reader finds now."""
    with Ledger.open(path, read_only=True) as ledger:
        return [document["source_id"] for document in ledger.table("tickets")]


def fill(path: Path, *numbers: int) -> Ledger:
    """Return an open ledger in which these tickets are flushed."""
    ledger = Ledger.open(path)
    for number in numbers:
        ledger.table("tickets").put(ticket(number))
    ledger.flush()
    return ledger


def test_a_missing_ledger_is_created_with_narrow_modes(path: Path) -> None:
    Ledger.open(path)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o600
    with TinyDB(path) as plain:
        assert plain.tables() == {"_meta"}


def test_a_reader_creates_nothing(path: Path) -> None:
    with Ledger.open(path, read_only=True) as ledger:
        assert list(ledger.table("tickets")) == []
        with pytest.raises(RuntimeError, match="reading only"):
            ledger.table("tickets").put(ticket(1))
        with pytest.raises(RuntimeError, match="reading only"):
            ledger.discard()
    assert not path.parent.exists()


def test_only_what_was_flushed_is_on_disk(path: Path) -> None:
    ledger = fill(path, 1)
    ledger.table("tickets").put(ticket(2))
    assert ids(path) == ["1"]
    ledger.flush()
    assert ids(path) == ["1", "2"]


def test_a_hundred_results_are_flushed_by_themselves(path: Path) -> None:
    tickets = Ledger.open(path).table("tickets")
    for number in range(99):
        tickets.put(ticket(number))
    assert ids(path) == []
    tickets.put(ticket(99))
    assert len(ids(path)) == 100


def test_a_result_that_waited_half_a_second_is_flushed_with_the_next(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(storage, "monotonic", lambda: now[0])
    tickets = Ledger.open(path).table("tickets")
    tickets.put(ticket(1))
    now[0] += 0.49
    tickets.put(ticket(2))
    assert ids(path) == []
    now[0] += 0.01
    tickets.put(ticket(3))
    assert ids(path) == ["1", "2", "3"]


def test_a_block_of_intents_costs_one_sync(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = fill(path, 1)
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    ledger.table("tickets").put_durably(ticket(number) for number in range(2, 300))
    assert len(synced) == 1
    assert len(ids(path)) == 299


def test_closing_leaves_one_plain_file(path: Path) -> None:
    fill(path, 1, 2).close()
    assert [file.name for file in path.parent.iterdir()] == ["ledger.json"]
    with TinyDB(path) as plain:
        assert [dict(document) for document in plain.table("tickets")] == [ticket(1), ticket(2)]


def test_closing_after_nothing_happened_writes_nothing(path: Path) -> None:
    fill(path, 1).close()
    before = path.stat()
    Ledger.open(path).close()
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_closing_twice_is_once_and_then_writing_is_refused(path: Path) -> None:
    ledger = fill(path, 1)
    ledger.close()
    ledger.close()
    with pytest.raises(RuntimeError, match="the ledger is closed"):
        ledger.table("tickets").put(ticket(2))


def test_a_torn_last_line_is_dropped_and_writing_goes_on(path: Path) -> None:
    fill(path, 1)
    with journal_of(path).open("ab") as file:
        file.write(b'0123abcd [["put","tick')
    ledger = Ledger.open(path)
    assert ledger.torn == 22
    ledger.table("tickets").put(ticket(2))
    ledger.close()
    assert ids(path) == ["1", "2"]


def test_a_torn_line_is_not_touched_by_readers(path: Path) -> None:
    fill(path, 1)
    with journal_of(path).open("ab") as file:
        file.write(b"0123")
    before = journal_of(path).read_bytes()
    assert ids(path) == ["1"]
    assert journal_of(path).read_bytes() == before


def test_a_crash_between_compaction_and_removal_applies_nothing_twice(path: Path) -> None:
    ledger = fill(path, 1)
    ledger.table("tickets").remove("1")
    ledger.table("tickets").put(ticket(2))
    ledger.flush()
    shutil.copy(journal_of(path), path.with_name("kept"))
    ledger.close()
    compacted = path.read_bytes()
    path.with_name("kept").rename(journal_of(path))
    assert ids(path) == ["2"]
    assert journal_of(path).exists(), "readers remove nothing"
    ledger = Ledger.open(path)
    assert not journal_of(path).exists()
    ledger.close()
    assert path.read_bytes() == compacted


def test_a_crash_while_compacting_leaves_the_old_pair(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    ledger = fill(path, 1, 2)
    monkeypatch.setattr(type(path), "replace", die)
    with pytest.raises(Killed):
        ledger.close()
    monkeypatch.undo()
    aside(path).write_bytes(b"half a f")
    assert ids(path) == ["1", "2"]
    Ledger.open(path).close()
    assert [file.name for file in path.parent.iterdir()] == ["ledger.json"]
    assert ids(path) == ["1", "2"]


@pytest.mark.parametrize("files", ["older", "other"])
def test_files_that_do_not_belong_together_are_refused(path: Path, files: str) -> None:
    Ledger.open(path).close()
    older = path.read_bytes()
    fill(path, 1).close()
    fill(path, 2)
    if files == "other":
        other = json.loads(path.read_text())
        other["_meta"]["1"]["ledger"] = "another"
        older = json.dumps(other).encode()
    path.write_bytes(older)
    with pytest.raises(StoreUnreadable, match="belongs to another state") as caught:
        Ledger.open(path)
    assert "same backup" in caught.value.advice


def test_a_ledger_is_told_from_another_however_often_it_was_compacted(path: Path) -> None:
    other = path.with_name("other.json")
    for file in (path, other):
        for number in (1, 2):
            fill(file, number).close()
    fill(path, 3)
    shutil.move(journal_of(path), journal_of(other))
    with pytest.raises(StoreUnreadable, match="belongs to another state"):
        Ledger.open(other)


def test_a_journal_without_its_compacted_file_is_refused(path: Path) -> None:
    fill(path, 1)
    path.unlink()
    with pytest.raises(StoreUnreadable, match="belongs to another state"):
        Ledger.open(path)
    assert not path.exists()


def test_a_journal_that_does_not_fit_an_edited_file_is_refused(path: Path) -> None:
    fill(path, 1).close()
    ledger = Ledger.open(path)
    ledger.table("tickets").patch("1", {"status": "failed"})
    ledger.flush()
    content = json.loads(path.read_text())
    del content["tickets"]["1"]
    path.write_text(json.dumps(content))
    with pytest.raises(StoreUnreadable, match="belongs to another state"):
        Ledger.open(path)


def test_another_format_is_refused_with_the_way_out(path: Path) -> None:
    fill(path, 1).close()
    content = json.loads(path.read_text())
    content["_meta"]["1"]["format"] = 9
    path.write_text(json.dumps(content))
    with pytest.raises(StoreUnreadable, match="format 9 by a newer version") as caught:
        Ledger.open(path)
    assert "version that wrote it" in caught.value.advice


def test_a_file_that_cannot_be_opened_is_unreadable(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(StoreUnreadable, match=r"ledger\.json: the ledger cannot be read") as caught:
        Ledger.open(path)
    assert caught.value.advice


def test_the_file_that_cannot_be_opened_is_named(path: Path) -> None:
    fill(path, 1).close()
    journal_of(path).mkdir()
    with pytest.raises(StoreUnreadable, match=f"^{journal_of(path)}: the ledger cannot be read"):
        Ledger.open(path)


def test_a_damaged_journal_is_named(path: Path) -> None:
    fill(path, 1)
    journal = journal_of(path)
    journal.write_bytes(b"x" + journal.read_bytes()[1:])
    with pytest.raises(StoreUnreadable, match="damaged at byte 0") as caught:
        Ledger.open(path)
    assert str(caught.value).startswith(f"{journal}: ")


def test_a_ledger_that_cannot_be_created_is_explained(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    with pytest.raises(
        MigrateError, match=f"^{path}: the ledger cannot be written: full"
    ) as caught:
        Ledger.open(path)
    assert "Free some space" in caught.value.advice
    assert not path.exists()


def test_a_large_journal_left_by_a_crash_is_compacted_when_opened(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(path, 1, 2)
    Ledger.open(path)
    assert journal_of(path).exists()
    monkeypatch.setattr(storage, "LARGE_JOURNAL", 100)
    Ledger.open(path)
    assert not journal_of(path).exists()
    assert ids(path) == ["1", "2"]


@pytest.mark.parametrize("room", range(0, 80, 5))
def test_a_full_disk_loses_nothing_that_counted(
    path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    ledger = fill(path, 1)
    ledger.table("tickets").put(ticket(2))
    with FullDisk(monkeypatch, errno.ENOSPC, room):
        with pytest.raises(MigrateError, match="No space left on device") as caught:
            ledger.flush()
        assert "Free some space" in caught.value.advice
        assert ids(path) == ["1"]
        with pytest.raises(MigrateError, match="No space left on device"):
            ledger.close()
    assert ids(path) == ["1"]
    ledger.close()
    assert ids(path) == ["1"], "what is closed writes nothing more"
    Ledger.open(path).close()
    assert ids(path) == ["1"]


def test_what_waited_on_a_full_disk_is_written_when_there_is_room(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = fill(path, 1)
    with FullDisk(monkeypatch, errno.ENOSPC, 20), pytest.raises(MigrateError):
        ledger.table("tickets").put_durably([ticket(2)])
    ledger.table("tickets").put_durably([ticket(3)])
    assert ids(path) == ["1", "2", "3"]


def test_a_full_disk_while_compacting_keeps_the_journal(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = fill(path, 1)
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    with pytest.raises(MigrateError, match=f"^{path}: the ledger cannot be written: full"):
        ledger.close()
    monkeypatch.setattr(os, "fsync", fsync)
    assert ids(path) == ["1"]
    assert not aside(path).exists()


def test_a_disk_that_is_full_when_discarding_forgets_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = fill(path, 1)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
        with pytest.raises(MigrateError, match="full"):
            ledger.discard()
    assert len(ledger.table("tickets")) == 1
    assert ledger.table("tickets").get("1") == ticket(1)
    ledger.close()
    assert ids(path) == ["1"]


@pytest.mark.parametrize(
    ("number", "advice"),
    [(errno.EDQUOT, "Free some space"), (errno.EROFS, "write access"), (errno.EIO, "Check")],
)
def test_every_refusal_of_the_disk_says_what_to_do(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int, advice: str
) -> None:
    ledger = fill(path, 1)
    with FullDisk(monkeypatch, number), pytest.raises(MigrateError) as caught:
        ledger.table("tickets").put_durably([ticket(2)])
    assert str(journal_of(path)) in str(caught.value)
    assert advice in caught.value.advice


def test_values_that_are_no_json_change_nothing(path: Path) -> None:
    ledger = fill(path, 1)
    with pytest.raises(TypeError):
        ledger.table("tickets").put(ticket(1, notes=[object()]))
    with pytest.raises(ValueError, match="JSON"):
        ledger.table("tickets").patch("1", {"notes": [float("nan")]})
    assert ledger.table("tickets").get("1") == ticket(1)
    ledger.close()
    assert ids(path) == ["1"]


def test_discarding_forgets_everything_for_good(path: Path) -> None:
    ledger = fill(path, 1)
    ledger.save_target({"url": "http://127.0.0.1"})
    ledger.table("tickets").put(ticket(2))
    assert ledger.table("tickets").by_target(1002) == ["2"]
    ledger.discard()
    assert ids(path) == []
    assert (ledger.target, ledger.table("tickets").get("1")) == ({}, None)
    assert ledger.table("tickets").by_target(1002) == []
    ledger.table("tickets").put(ticket(3))
    ledger.close()
    assert ids(path) == ["3"]
