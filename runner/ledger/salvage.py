"""What can be saved of a damaged ledger: everything that proves to be whole.

A line of the journal proves itself by its checksum, which continues the one of the line before;
behind a damaged line the chain is taken up again with the checksum that stands in it. A line of
the compacted file proves itself by being JSON.
"""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zlib import crc32

from runner.errors import StoreUnreadable
from runner.ledger.compacted import META, read_compacted, write_compacted
from runner.ledger.files import explained, sync_folder
from runner.ledger.journal import FORMAT, Header
from runner.ledger.operations import Document, Tables, apply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PREFIX = 9
_DIGITS = 8


@dataclass(slots=True)
class Salvaged:
    """What is left of a ledger, and what is not.

    Args:
        header: Of which ledger and generation it is.
        tables: The documents.
        lost: What could not be saved, each in words with its place.
    """

    header: Header
    tables: Tables
    lost: list[str] = field(default_factory=list)

    @property
    def documents(self) -> int:
        """How many documents were saved."""
        return sum(map(len, self.tables.values()))


def salvage(path: Path) -> Salvaged | None:
    """Read what is whole of the ledger at ``path``; None where nothing can be told for certain.

    That is so for other formats, other programs' files, and a journal of another ledger or state.

    Raises:
        OSError: a file cannot be read.
    """
    journal = path.with_name(f"{path.name}.journal")
    kept = _compacted(path)
    header, batches, lost = _journal(journal)
    if kept is None:
        if header is None:
            return None
        kept = Salvaged(header, {}, [f"{path.name}: all of it"])
    if kept.header.format != FORMAT or (header is not None and header.format != FORMAT):
        return None
    if header is None and journal.exists() and b"\n" in journal.read_bytes():
        return None  # without a single whole line nothing ever counted in it
    if header is not None and header.generation >= kept.header.generation:
        if header != kept.header:
            return None
        _apply(kept, batches, lost)
    return kept


def rewrite(path: Path, salvaged: Salvaged, stamp: str) -> list[Path]:
    """Put what was saved into place; return the copies of what was there.

    Args:
        path: Of the ledger.
        salvaged: What ``salvage`` read of it.
        stamp: Goes into the names of the copies.

    Raises:
        MigrateError: the disk refuses; what was there still is.
    """
    journal = path.with_name(f"{path.name}.journal")
    with explained(path):
        copies = [copied(file, stamp) for file in (path, journal) if file.exists()]
        header = Header(salvaged.header.ledger, salvaged.header.generation + 1)
        write_compacted(path, header, salvaged.tables)
        # A crash here leaves a journal of an older generation, which is not applied again.
        journal.unlink(missing_ok=True)
        sync_folder(path.parent)
    return copies


def copied(file: Path, stamp: str) -> Path:
    """Copy a file beside itself, for its owner alone.

    Raises:
        OSError: the disk refuses.
    """
    copy = file.with_name(f"{file.name}.damaged-{stamp}")
    copy.touch(mode=0o600)
    shutil.copyfile(file, copy)
    return copy


def _compacted(path: Path) -> Salvaged | None:
    if not path.exists():
        return None
    with suppress(StoreUnreadable):
        return Salvaged(*read_compacted(path))
    tables: Tables = {}
    lost: list[str] = []
    table: dict[str, Document] | None = None
    offset = 0
    for raw in path.read_bytes().splitlines(keepends=True):
        line = raw.rstrip(b"\n").removeprefix(b",")
        if line.endswith(b":{"):
            name = _decoded(line[:-2])
            table = tables.setdefault(name, {}) if isinstance(name, str) else None
        elif line == b"}":
            table = None
        elif line not in (b"{", b""):
            entry = _decoded(b"{" + line + b"}")
            if table is None or not _is_entry(entry):
                lost.append(f"{path.name}: a document at byte {offset}")
            else:
                table.update(entry)
        offset += len(raw)
    header = _header(tables.pop(META, {}).get("1"))
    if header is None or not tables:
        return None
    return Salvaged(header, tables, lost or [f"{path.name}: a value that somebody changed"])


def _decoded(text: bytes) -> Any:
    with suppress(ValueError):
        return json.loads(text)
    return None


def _is_entry(entry: Any) -> bool:
    if not isinstance(entry, dict) or len(entry) != 1:
        return False
    ((key, document),) = entry.items()
    return key.isdecimal() and isinstance(document, dict)


def _header(values: Any) -> Header | None:
    with suppress(KeyError, TypeError, ValueError):
        return Header(str(values["ledger"]), int(values["generation"]), int(values["format"]))
    return None


def _journal(path: Path) -> tuple[Header | None, list[list[Any]], list[str]]:
    """Return the header of a journal, its whole batches, and what is lost of it."""
    if not path.exists():
        return None, [], []
    lines = path.read_bytes().splitlines(keepends=True)
    batches: list[list[Any]] = []
    lost: list[str] = []
    header = None
    for number, (offset, payload) in enumerate(_whole(lines)):
        values = None if payload is None else _decoded(payload)
        if number == 0:
            header = _header(values)
        elif isinstance(values, list):
            batches.append(values)
        elif lines[number].endswith(b"\n") or number + 1 < len(lines):
            lost.append(f"{path.name}: a batch of results at byte {offset}")
    return header, batches, lost


def _whole(lines: list[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Yield offset and payload of each line; None for one that does not prove itself."""
    offset = before = 0
    for number, line in enumerate(lines):
        payload, stored = line[_PREFIX:].rstrip(b"\n"), _stored(line)
        computed = crc32(payload, before)
        follows = lines[number + 1] if number + 1 < len(lines) else b""
        # Where the next line continues what we computed, only the checksum itself was damaged.
        is_whole = computed in (stored, _continued(follows, computed))
        yield offset, payload if is_whole and line.endswith(b"\n") else None
        before = computed if is_whole or stored is None else stored
        offset += len(line)


def _stored(line: bytes) -> int | None:
    with suppress(ValueError):
        return int(line[:_DIGITS], 16)
    return None


def _continued(line: bytes, before: int) -> int | None:
    """Return ``before`` if the line continues it."""
    payload = line[_PREFIX:].rstrip(b"\n")
    is_next = bool(payload) and crc32(payload, before) == _stored(line)
    return before if is_next else None


def _apply(kept: Salvaged, batches: list[list[Any]], lost: list[str]) -> None:
    kept.lost += lost
    for batch in batches:
        for operation in batch:
            try:
                apply(kept.tables, operation)
            except (KeyError, ValueError, TypeError):
                kept.lost.append(f"a change of {'/'.join(map(str, operation[1:3]))}")
