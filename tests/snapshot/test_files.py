from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner.errors import RecordError, StoreUnreadable
from runner.snapshot.files import Files


def test_the_same_content_is_stored_once(tmp_path: Path) -> None:
    files = Files(tmp_path / "files")
    first, second = files.add([b"ab", b"c"]), files.add([b"abc"])
    assert first == second == (hashlib.sha256(b"abc").hexdigest(), 3)
    assert files.path(first[0]).read_bytes() == b"abc"
    assert sum(path.is_file() for path in (tmp_path / "files").rglob("*")) == 1


def test_an_empty_file_is_a_file(tmp_path: Path) -> None:
    sha256, size = Files(tmp_path / "files").add([])
    assert (sha256, size) == (hashlib.sha256(b"").hexdigest(), 0)


def test_nothing_stays_of_a_transfer_that_breaks_off(tmp_path: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        Files(tmp_path / "files").add(chunks())
    assert list((tmp_path / "files").iterdir()) == []


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    files = Files(tmp_path / "files")
    sha256, _ = files.add([b"whole"])
    leftover = tmp_path / "files" / ".part-left"
    leftover.write_bytes(b"half")
    files.sweep()
    assert not leftover.exists()
    assert files.path(sha256).exists()


def test_a_folder_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("in the way")
    with pytest.raises(StoreUnreadable, match="cannot be written") as caught:
        Files(tmp_path / "files").add([b"x"])
    assert caught.value.advice


def test_a_whole_file_is_handed_out(tmp_path: Path) -> None:
    files = Files(tmp_path / "files")
    sha256, _ = files.add([b"abc"])
    assert files.whole(sha256).read_bytes() == b"abc"


@pytest.mark.parametrize(("content", "why"), [(b"abd", "is not what it was"), (None, "No such")])
def test_a_file_that_is_lost_or_damaged_is_no_file(
    tmp_path: Path, content: bytes | None, why: str
) -> None:
    files = Files(tmp_path / "files")
    sha256, _ = files.add([b"abc"])
    files.path(sha256).unlink()
    if content is not None:
        files.path(sha256).write_bytes(content)
    with pytest.raises(RecordError, match=why) as caught:
        files.whole(sha256)
    assert "migrate doctor" in caught.value.advice
