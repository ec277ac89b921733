"""A ledger at every point where a machine can stop, and on disks that refuse."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from runner.errors import MigrateError, StoreUnreadable
from runner.ledger import Ledger
from tests.faults import room

from .support import journal_of, ticket


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledgers" / "zammad.json"


def state(path: Path) -> dict[str, dict[str, Any]]:
    """Return every document that a reader finds."""
    with Ledger.open(path, read_only=True) as ledger:
        return {document["source_id"]: document for document in ledger.table("tickets")}


def worked(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """Make a journal as apply does; return its size and the state after each line of it."""
    with Ledger.open(path) as ledger:
        ledger.table("tickets").put(ticket(0))
    ledger = Ledger.open(path)
    tickets = ledger.table("tickets")
    history = []
    for number in range(1, 4):
        tickets.put_durably([{"source_id": str(number), "status": "intended"}])
        history.append((journal_of(path).stat().st_size, state(path)))
        tickets.patch(str(number), {"status": "done", "target_id": number})
        tickets.patch(str(number), {}, {"posts": {str(number): [number, "d"]}})
        ledger.flush()
        history.append((journal_of(path).stat().st_size, state(path)))
    tickets.remove("0")
    ledger.flush()
    history.append((journal_of(path).stat().st_size, state(path)))
    return history


@pytest.mark.fault("the ledger's last line is torn at any byte")
def test_a_journal_that_ends_at_any_byte_has_all_that_counted(path: Path) -> None:
    history = worked(path)
    journal = journal_of(path)
    whole, compacted = journal.read_bytes(), path.read_bytes()
    header = whole.index(b"\n") + 1
    with Ledger.open(path, read_only=True) as ledger:
        assert ledger.torn == 0
    for end in range(header, len(whole)):
        journal.write_bytes(whole[:end])
        size, expected = next(
            (one for one in reversed(history) if one[0] <= end), (header, {"0": ticket(0)})
        )
        with Ledger.open(path, read_only=True) as ledger:
            assert ledger.torn == end - size, end
        assert state(path) == expected, end
        if end % 16 == 0:
            with Ledger.open(path) as ledger:
                ledger.table("tickets").put(ticket(99))
            assert state(path) == {**expected, "99": ticket(99)}, end
            path.write_bytes(compacted)
    for end in range(header - 1):
        # It is moved into place whole, so this is no crash but damage.
        journal.write_bytes(whole[:end])
        with pytest.raises(StoreUnreadable, match="damaged at byte 0"):
            Ledger.open(path)


def found_or_refused(path: Path) -> dict[str, dict[str, Any]] | None:
    try:
        return state(path)
    except StoreUnreadable:
        return None


@pytest.mark.fault(
    "a bit of the ledger flips on the disk",
    does="the ledger is refused; `migrate doctor --repair` saves all but what was hit",
)
def test_a_bit_that_flips_anywhere_is_noticed(path: Path) -> None:
    with Ledger.open(path) as ledger:
        for number in range(3):
            ledger.table("tickets").put(ticket(number))
    whole = path.read_bytes()
    before = state(path)
    for at in range(len(whole)):
        damaged = bytearray(whole)
        damaged[at] ^= 1
        path.write_bytes(damaged)
        # The id and the number of a file that stands alone mean nothing to it.
        assert found_or_refused(path) in (before, None), at


@pytest.mark.fault(
    "the disk is full while the ledger is written",
    does="the run ends and says so; what counted is there, and it goes on when there is room",
)
@pytest.mark.parametrize("more", [0, 1, 40, 200])
def test_a_full_disk_keeps_what_counted(path: Path, more: int) -> None:
    history = worked(path)
    shutil.copytree(path.parent, path.parent.with_name("copy"))
    ledger = Ledger.open(path)
    with room(journal_of(path).stat().st_size + more):
        with pytest.raises(MigrateError, match="cannot be written") as caught:
            ledger.table("tickets").put_durably(ticket(number) for number in range(50, 99))
        assert "Free some space" in caught.value.advice
        assert state(path) == history[-1][1]
    ledger.close()
    assert len(state(path)) == 3 + 49


def test_a_disk_that_is_too_full_to_compact_keeps_the_journal(path: Path) -> None:
    history = worked(path)
    ledger = Ledger.open(path)
    with room(100), pytest.raises(MigrateError, match="cannot be written"):
        ledger.close()
    assert state(path) == history[-1][1]
    Ledger.open(path).close()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.fault(
    "the workdir may only be read", does="looking works, writing is refused before anything is sent"
)
def test_a_folder_that_may_only_be_read_can_be_looked_at(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked(path)
    before = state(path)
    real = os.open

    def refused(name: Any, flags: int, *mode: int) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise PermissionError(13, "Permission denied", str(name))
        return real(name, flags, *mode)

    monkeypatch.setattr(os, "open", refused)
    assert state(path) == before
    with pytest.raises(MigrateError, match="Permission denied") as caught:
        Ledger.open(path)
    assert "access" in caught.value.advice
