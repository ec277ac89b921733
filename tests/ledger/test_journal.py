from __future__ import annotations

import errno
import json
from typing import TYPE_CHECKING
from zlib import crc32

import pytest

from runner.errors import StoreUnreadable
from runner.ledger.journal import Header, JournalReader, JournalWriter

from .support import FullDisk

if TYPE_CHECKING:
    from pathlib import Path

HEADER = Header(ledger="abc", generation=3)
BATCHES = [[["put", "tickets", "1", {"n": n}]] for n in range(4)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal of four batches."""
    path = tmp_path / "ledger.json.journal"
    writer = JournalWriter.create(path, HEADER)
    for batch in BATCHES:
        writer.append(json.dumps(batch).encode())
    writer.close()
    return path


def read(path: Path) -> tuple[list[object], JournalReader]:
    with path.open("rb") as file:
        reader = JournalReader(path, file)
        return list(reader), reader


def test_what_was_appended_is_read_again(path: Path) -> None:
    batches, reader = read(path)
    assert batches == BATCHES
    assert reader.header == HEADER
    assert (reader.size, reader.torn) == (path.stat().st_size, 0)


def test_is_readable_by_its_owner_alone(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.fault(
    "the ledger's last line is torn at any byte",
    does="it is dropped; what it held is looked up in Zammad",
)
def test_the_last_line_may_be_torn_at_every_byte(path: Path) -> None:
    whole = path.read_bytes()
    start = whole.rindex(b"\n", 0, -1) + 1
    for end in range(start, len(whole)):
        path.write_bytes(whole[:end])
        batches, reader = read(path)
        assert batches == BATCHES[:-1], end
        assert (reader.size, reader.torn) == (start, end - start)


def test_a_last_line_of_zeros_is_dropped(path: Path) -> None:
    path.write_bytes(path.read_bytes() + bytes(500))
    batches, reader = read(path)
    assert batches == BATCHES
    assert reader.torn == 500


def test_writing_goes_on_where_the_good_part_ends(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])
    _, reader = read(path)
    writer = JournalWriter(path, size=reader.size, checksum=reader.checksum)
    writer.append(b'["next"]')
    writer.close()
    batches, reader = read(path)
    assert batches == [*BATCHES[:-1], ["next"]]
    assert reader.torn == 0


def test_a_short_line_after_a_long_one_that_failed_leaves_nothing_of_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches, found = read(path)
    writer = JournalWriter(path, size=found.size, checksum=found.checksum)
    with FullDisk(monkeypatch, errno.ENOSPC, 60), pytest.raises(OSError, match="No space"):
        writer.append(json.dumps(["x" * 100]).encode())
    writer.append(b"[1]")
    writer.append(b"[2]")
    writer.close()
    batches_now, found = read(path)
    assert batches_now == [*batches, [1], [2]]
    assert found.torn == 0


def test_pages_that_never_reached_the_disk_make_a_torn_line(path: Path) -> None:
    whole = path.read_bytes()
    start = whole.rindex(b"\n", 0, -1) + 1
    path.write_bytes(whole[: start + 4] + bytes(10) + whole[start + 14 :])
    batches, reader = read(path)
    assert batches == BATCHES[:-1]
    assert reader.torn == len(whole) - start


def test_zeros_before_the_last_line_are_damage(path: Path) -> None:
    whole = path.read_bytes()
    start = whole.rindex(b"\n", 0, -1) - 10
    path.write_bytes(whole[:start] + bytes(5) + whole[start + 5 :])
    with pytest.raises(StoreUnreadable, match="damaged at byte"):
        read(path)


@pytest.mark.fault(
    "a damaged byte anywhere else in the ledger's journal",
    does="refused with its line and the way out",
)
def test_a_damaged_byte_anywhere_is_refused_with_its_line(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    starts = [0, *(at + 1 for at, byte in enumerate(whole) if byte == ord("\n"))]
    for at in range(len(whole) - 1):
        damaged = whole.copy()
        damaged[at] ^= 0x01
        path.write_bytes(damaged)
        with pytest.raises(StoreUnreadable) as caught:
            read(path)
        line = max(start for start in starts if start <= at)
        assert f"damaged at byte {line}" in str(caught.value)
        assert caught.value.advice


@pytest.mark.parametrize("gone", [1, 2, 3])
def test_a_missing_line_is_refused(path: Path, gone: int) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:gone] + lines[gone + 1 :]))
    with pytest.raises(StoreUnreadable, match="damaged at byte"):
        read(path)


def test_damage_is_told_with_the_way_out(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    lines[3] = lines[3].replace(b"put", b"cut")
    path.write_bytes(b"".join(lines))
    with pytest.raises(StoreUnreadable) as caught:
        read(path)
    assert "migrate doctor" in caught.value.advice


@pytest.mark.parametrize(
    "content", [b"", b"not a journal", b"not a journal\nat all\n", bytes(40) + b"\n"]
)
def test_a_file_without_a_header_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreUnreadable, match="damaged at byte 0") as caught:
        read(path)
    # Cutting at nothing would forget everything: there is nothing good to keep.
    assert "truncate" not in caught.value.advice
    assert "move it away to go on with the results that" in caught.value.advice


@pytest.mark.fault("a ledger of another format", does="refused with the way out")
@pytest.mark.parametrize(("number", "age"), [(0, "an older"), (2, "a newer")])
def test_another_format_is_refused_with_the_way_out(path: Path, number: int, age: str) -> None:
    payload = b'{"format":%d,"ledger":"abc","generation":3}' % number
    path.write_bytes(b"%08x %s\n" % (crc32(payload), payload))
    with pytest.raises(
        StoreUnreadable, match=f"{path}: written in format {number} by {age} version"
    ) as caught:
        read(path)
    assert "version that wrote it" in caught.value.advice
