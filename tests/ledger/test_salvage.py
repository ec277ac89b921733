"""What is saved of a damaged ledger: all but what was hit, and the files of before beside it."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from runner.errors import MigrateError
from runner.ledger import Ledger
from runner.ledger.salvage import rewrite, salvage

from .support import journal_of, ticket

if TYPE_CHECKING:
    from pathlib import Path

STAMP = "20261123-190000"
COMPACTED, JOURNALLED = range(1, 4), range(4, 10)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger with three documents compacted, and six batches of one in the journal."""
    path = tmp_path / "ledgers" / "zammad.json"
    with Ledger.open(path) as ledger:
        for number in COMPACTED:
            ledger.table("tickets").put(ticket(number))
    ledger = Ledger.open(path)
    for number in JOURNALLED:
        ledger.table("tickets").put_durably([ticket(number)])
    return path


def ids(path: Path) -> set[int]:
    with Ledger.open(path, read_only=True) as ledger:
        return {int(document["source_id"]) for document in ledger.table("tickets")}


def saved(path: Path) -> set[int]:
    """Save what can be and return the ids that are in the ledger then."""
    found = salvage(path)
    assert found is not None
    before = [file.read_bytes() for file in (path, journal_of(path)) if file.exists()]
    copies = rewrite(path, found, STAMP)
    header = json.loads(path.read_text())["_meta"]["1"]
    kept = (found.header.ledger, found.header.generation + 1)
    assert (header["ledger"], header["generation"]) == kept
    assert [copy.read_bytes() for copy in copies] == before
    assert {copy.stat().st_mode & 0o777 for copy in copies} == {0o600}
    assert not journal_of(path).exists()
    return ids(path)


EVERYTHING = {*COMPACTED, *JOURNALLED}


def test_a_sound_ledger_is_saved_whole(path: Path) -> None:
    found = salvage(path)
    assert found is not None
    assert (found.documents, found.lost) == (9, [])
    assert saved(path) == EVERYTHING


def test_a_flipped_bit_costs_one_batch_and_none_in_a_checksum(path: Path) -> None:
    """Each byte of the middle of the journal, one after the other."""
    journal = journal_of(path)
    whole = journal.read_bytes()
    lines = whole.splitlines(keepends=True)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]
    for number in range(1, len(lines) - 1):
        for at in range(starts[number], starts[number + 1] - 1, 7):
            damaged = bytearray(whole)
            damaged[at] ^= 1
            journal.write_bytes(damaged)
            found = salvage(path)
            assert found is not None, at
            there = {int(document["source_id"]) for document in found.tables["tickets"].values()}
            is_checksum = at - starts[number] < 8
            hit = set() if is_checksum else {JOURNALLED[number - 1]}
            assert there == EVERYTHING - hit, at
            assert len(found.lost) == len(hit), at


def test_a_lost_line_break_costs_its_neighbours_alone(path: Path) -> None:
    journal = journal_of(path)
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b"\n", b"~")
    journal.write_bytes(b"".join(lines))
    assert saved(path) >= EVERYTHING - {5, 6, 7}


def test_what_stood_on_a_lost_batch_is_told(path: Path) -> None:
    ledger = Ledger.open(path)
    ledger.table("tickets").patch("9", {"status": "failed"})
    ledger.flush()
    journal = journal_of(path)
    journal.write_bytes(journal.read_bytes().replace(b'"source_id":"9"', b'"source_id":"7"'))
    found = salvage(path)
    assert found is not None
    place = journal.read_bytes().index(b'"source_id":"7","target_id":1009')
    start = journal.read_bytes().rindex(b"\n", 0, place) + 1
    assert found.lost[0] == f"{journal.name}: a batch of results at byte {start}"
    assert "9" not in found.tables["tickets"]
    assert found.lost[-1] == "a change of tickets/9"


@pytest.mark.parametrize("hit", [b'"source_id":"2"', b'"2":{'])
def test_a_damaged_line_of_the_compacted_file_costs_its_document(path: Path, hit: bytes) -> None:
    path.write_bytes(path.read_bytes().replace(hit, b"\xff" * len(hit)))
    found = salvage(path)
    assert found is not None
    assert len(found.lost) == 1
    assert saved(path) == EVERYTHING - {2}


def test_a_compacted_file_that_ends_early_keeps_what_is_there(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b'"3":')])
    assert saved(path) == EVERYTHING - {3}


def test_a_journal_alone_is_saved(path: Path) -> None:
    path.unlink()
    found = salvage(path)
    assert found is not None
    assert found.lost == [f"{path.name}: all of it"]
    assert saved(path) == set(JOURNALLED)


@pytest.mark.parametrize("what", ["format", "other ledger", "headless", "not ours"])
def test_what_cannot_be_told_for_certain_is_left_alone(path: Path, what: str) -> None:
    journal = journal_of(path)
    if what == "format":
        path.write_text(path.read_text().replace('"format":1', '"format":2'))
    elif what == "other ledger":
        content = json.loads(path.read_text())
        content["_meta"]["1"]["ledger"] = "another"
        path.write_text(json.dumps(content))
    elif what == "headless":
        journal.write_bytes(b"x" + journal.read_bytes()[1:])
        lines = journal.read_bytes().splitlines(keepends=True)
        journal.write_bytes(b"".join([b"nothing\n", *lines[2:]]))
    else:
        path.write_text("not a ledger")
        journal.unlink()
    assert salvage(path) is None


def test_an_older_journal_is_not_applied_again(path: Path) -> None:
    kept = path.with_name("kept")
    shutil.copy(journal_of(path), kept)
    with Ledger.open(path) as ledger:
        ledger.table("tickets").remove("9")
    kept.rename(journal_of(path))
    path.write_bytes(path.read_bytes().replace(b'"source_id":"1"', b'"source_id":~1"'))
    assert saved(path) == EVERYTHING - {1, 9}


def test_a_file_without_a_journal_is_rewritten_too(path: Path) -> None:
    Ledger.open(path).close()
    path.write_bytes(path.read_bytes().replace(b'"source_id":"2"', b'"source_id":~2"'))
    assert saved(path) == EVERYTHING - {2}


@pytest.mark.parametrize("line", ['"2":7', '"x":{"source_id":"2"}', '"2":{},"20":{}', "[]"])
def test_a_line_that_is_no_document_is_lost_and_told_with_its_place(path: Path, line: str) -> None:
    text = path.read_text()
    start = text.index('"2":{')
    path.write_text(f"{text[:start]}{line}{text[text.index(chr(10), start) :]}")
    found = salvage(path)
    assert found is not None
    assert found.lost == [f"{path.name}: a document at byte {start - 1}"]
    assert saved(path) == EVERYTHING - {2}


@pytest.mark.fault(
    "the disk is full while a damaged ledger is repaired",
    does="refused with the way out; what was there still is",
)
def test_a_full_disk_leaves_the_damaged_files(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = salvage(path)
    assert found is not None
    before = [file.read_bytes() for file in (path, journal_of(path))]

    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("runner.ledger.files.os.fsync", refuse)
    with pytest.raises(MigrateError, match="No space left") as caught:
        rewrite(path, found, STAMP)
    assert str(caught.value).startswith(f"{path}: ")
    assert [file.read_bytes() for file in (path, journal_of(path))] == before


def test_only_whole_lines_that_are_damaged_are_lost(path: Path) -> None:
    journal = journal_of(path)
    whole = journal.read_bytes()
    last = whole.rindex(b"\n", 0, -1) + 1
    for torn in (whole[:-1], whole[: last + 3], whole + b"0123"):
        journal.write_bytes(torn)
        found = salvage(path)
        assert found is not None
        assert found.lost == []
    journal.write_bytes(whole.replace(b'"source_id":"9"', b'"source_id":"7"'))
    found = salvage(path)
    assert found is not None
    assert found.lost == [f"{journal.name}: a batch of results at byte {last}"]
    journal.write_bytes(whole.replace(b'"source_id":"9"', b'"source_id"\r"9"'))
    found = salvage(path)
    assert found is not None
    assert found.lost[0] == f"{journal.name}: a batch of results at byte {last}"
    assert len(found.tables["tickets"]) == len(EVERYTHING) - 1


def test_an_empty_journal_takes_nothing_away(path: Path) -> None:
    journal_of(path).write_bytes(b"")
    found = salvage(path)
    assert found is not None
    assert (found.documents, found.lost) == (len(COMPACTED), [])


def test_documents_outside_of_a_table_are_lost_and_those_of_other_tables_are_not(
    path: Path,
) -> None:
    with Ledger.open(path) as ledger:
        ledger.table("users").put(ticket(70))
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"users":{', b"17:{"))
    found = salvage(path)
    assert found is not None
    assert set(found.tables) == {"tickets"}
    assert len(found.lost) == 1
    path.write_bytes(whole.replace(b',"users":{\n', b""))
    found = salvage(path)
    assert found is not None
    assert set(found.tables) == {"tickets"}
    path.write_bytes(whole.replace(b'"tickets":{', b"{").replace(b'"users":{', b"{"))
    assert salvage(path) is None


@pytest.mark.parametrize("header", [b'"ledger":', b'"generation":', b'"format":'])
def test_without_a_whole_header_nothing_is_certain(path: Path, header: bytes) -> None:
    Ledger.open(path).close()
    whole = path.read_bytes()
    path.write_bytes(whole.replace(header, b'"other":'))
    assert salvage(path) is None
    path.write_bytes(whole.replace(b'"generation":', b'"generation":"x"~'))
    assert salvage(path) is None
    path.write_bytes(whole.replace(b'"generation":', b'"generation":"x","was":'))
    assert salvage(path) is None
