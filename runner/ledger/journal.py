r"""The journal: one line a batch of operations, each with a checksum, the last may be torn.

A file is ``CHECKSUM JSON\n`` again and again: eight hexadecimal digits of crc32, a space and
ASCII JSON without a line break. The checksum continues the one of the line before, so that a
line that is missing or out of place shows as well. The first line is the header::

    {"format":1,"ledger":"5d0f…","generation":3}

It names the compacted file to which the operations are to be applied. All others are lists of
operations (see ``runner.ledger.operations``).
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, BinaryIO
from zlib import crc32

from runner.errors import StoreUnreadable
from runner.ledger.files import replacing, write_all

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMAT = 1
"""The format of journal and compacted file that this version reads and writes."""

_PREFIX = 9  # eight digits and a space


@dataclass(frozen=True, slots=True)
class Header:
    """Which ledger a file belongs to, and which of its compactions it is or starts from."""

    ledger: str
    generation: int
    format: int = FORMAT


def read_header(path: Path, values: Any) -> Header:
    """Check the header ``values`` found in ``path``.

    Raises:
        StoreUnreadable: when it is no header, or one of a format that this version cannot read.
    """
    found = values.get("format") if isinstance(values, dict) else None
    if (
        not isinstance(found, int)
        or "ledger" not in values
        or not isinstance(values.get("generation"), int)
    ):
        raise StoreUnreadable(
            f"{path}: this is not a ledger of this program",
            advice="Move the file away, or name another workdir in the config.",
        )
    if found != FORMAT:
        age = "a newer" if found > FORMAT else "an older"
        raise StoreUnreadable(
            f"{path}: written in format {found} by {age} version of this program; "
            f"this one reads format {FORMAT}",
            advice="Run the version that wrote it, or move the file away and start afresh.",
        )
    return Header(ledger=str(values["ledger"]), generation=values["generation"])


def _line(payload: bytes, checksum: int) -> tuple[bytes, int]:
    """Return the line for ``payload`` and the checksum that the next one continues."""
    checksum = crc32(payload, checksum)
    return b"%08x %s\n" % (checksum, payload), checksum


class JournalReader:
    """Reads a journal from its start: the header at once, batches while iterating.

    After the last batch ``size`` is where the good part ends (bytes), ``checksum`` what the next
    line continues, and ``torn`` how many bytes of an unfinished last line follow.
    """

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self.size = self.checksum = self.torn = 0
        self._file = file
        header = self._next()
        if header is None:
            raise self._damaged()
        self.header = read_header(path, header)

    def __iter__(self) -> Iterator[list[Any]]:
        """Yield each batch: a list of operations.

        Raises:
            StoreUnreadable: for a damaged line that is not just the torn last one.
        """
        while (batch := self._next()) is not None:
            yield batch

    def _next(self) -> Any:
        line = self._file.readline()
        if not line:
            return None
        payload = line[_PREFIX:-1]
        expected, checksum = _line(payload, self.checksum)
        if line == expected:
            self.size += len(line)
            self.checksum = checksum
            return json.loads(payload)
        # A line without its end is the last one, even if a running writer adds to it just now.
        # One with its end is torn only where zeros stand for pages that never reached the disk;
        # otherwise it had counted, and something else has changed it.
        if line.endswith(b"\n") and (b"\0" not in line or self._file.read(1)):
            raise self._damaged()
        self.torn = len(line)
        return None

    def _damaged(self) -> StoreUnreadable:
        return StoreUnreadable(
            f"{self.path}: damaged at byte {self.size}",
            advice=(
                f"Restore it together with the file {self.path.stem} from one backup. Without "
                "one, migrate doctor says what can be saved, and with --repair saves it."
                if self.size
                else "Restore it from a backup, or move it away to go on with the results that "
                f"{self.path.stem} holds, and look at `migrate plan` before you apply."
            ),
        )


class JournalWriter:
    """Appends to a journal; nothing counts before ``append`` has returned."""

    def __init__(self, path: Path, *, size: int, checksum: int) -> None:
        """Open the journal at ``path``, of which the first ``size`` bytes are good.

        Raises:
            OSError: when it cannot be opened for writing.
        """
        self.size = size
        self._checksum = checksum
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        # What lies behind the good part is a line that a crash has torn.
        self._clean = os.fstat(self._descriptor).st_size == size

    @classmethod
    def create(cls, path: Path, header: Header) -> JournalWriter:
        """Put an empty journal with ``header`` into place and open it.

        Raises:
            OSError: when it cannot be written; no journal is there then.
        """
        payload = json.dumps(asdict(header), separators=(",", ":")).encode()
        line, checksum = _line(payload, 0)
        with replacing(path) as file:
            file.write(line)
        return cls(path, size=len(line), checksum=checksum)

    def append(self, payload: bytes) -> None:
        """Append one batch and wait until the disk has it.

        Raises:
            OSError: when that fails; the batch does not count, and the journal is as before,
                at the latest when the next append begins.
        """
        line, checksum = _line(payload, self._checksum)
        if not self._clean:
            self._cut()
        self._clean = False
        os.lseek(self._descriptor, self.size, os.SEEK_SET)
        write_all(self._descriptor, line)
        os.fsync(self._descriptor)
        self._clean = True
        self.size += len(line)
        self._checksum = checksum

    def close(self) -> None:
        """Close the file; half a line that a failed append left behind is dropped when read."""
        os.close(self._descriptor)

    def _cut(self) -> None:
        os.ftruncate(self._descriptor, self.size)
        os.fsync(self._descriptor)
