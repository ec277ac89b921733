"""The compacted file: plain JSON as TinyDB writes it, laid out one document a line.

The lines let us write and read it document by document; whole, a million children take a
gigabyte while they are parsed. Any other layout (TinyDB rewrites the file on one line) is read
as well, only with more memory. Table ``_meta`` holds the header as its document 1, and the crc32
of all lines below that table: a disk that changed a number in an id would not show otherwise.
"""

from __future__ import annotations

import gc
import json
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, Any, Self
from zlib import crc32

from runner.errors import StoreUnreadable
from runner.ledger.files import replacing
from runner.ledger.journal import Header, read_header
from runner.ledger.operations import Document, Tables, encode, with_shared_keys

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

META = "_meta"
"""The table that says which ledger a file is; TinyDB shows it like any other."""

_CHECK = "check"
_UNKNOWN = "00000000"  # stands in the place of the checksum until that is known
_BLOCK = 256  # lines decoded at once: equal keys in a block share one string


@contextmanager
def without_collector() -> Iterator[None]:
    """Switch the garbage collector off while millions of objects are made that all stay.

    It would walk over all of them again and again and find nothing.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def write_compacted(path: Path, header: Header, tables: Tables) -> None:
    """Write ``tables`` as the file ``path``: a crash leaves the old file or the new one.

    Raises:
        OSError: when it cannot be written; the old file is still there.
    """
    head = f'{{\n{encode(META)}:{{\n"1":{encode({_CHECK: _UNKNOWN, **asdict(header)})}\n}}\n'
    with replacing(path) as file:
        file.write(head.encode())
        checksum = 0
        for line in _lines(tables):
            file.write(line)
            checksum = crc32(line, checksum)
        file.seek(head.index(_UNKNOWN))
        file.write(b"%08x" % checksum)


def _lines(tables: Tables) -> Iterator[bytes]:
    """Yield the lines below the header."""
    for name, documents in tables.items():
        yield f",{encode(name)}:{{\n".encode()
        separator = ""
        for document_id, document in documents.items():
            yield f"{separator}{encode(document_id)}:{encode(document)}\n".encode()
            separator = ","
        yield b"}\n"
    yield b"}\n"


def read_compacted(path: Path) -> tuple[Header, Tables]:
    """Read the file ``path``: its header, and its tables without ``_meta``.

    Raises:
        OSError: when it cannot be opened.
        StoreUnreadable: when it is damaged, no ledger, or of a format not known here.
    """
    checksum = None
    with without_collector(), path.open(encoding="utf-8") as file:
        lines = _Lines(file)
        try:
            tables = _by_lines(lines)
            checksum = lines.checksum
        except ValueError:
            file.seek(0)
            tables = _as_a_whole(path, file)
    meta = tables.pop(META, {}).get("1")
    header = read_header(path, meta)
    if checksum is not None and (meta or {}).get(_CHECK) not in (None, f"{checksum:08x}"):
        raise _changed(path)
    return header, tables


class _Lines:
    """The lines of a file, and the crc32 of those since it was last set to 0."""

    def __init__(self, file: TextIO) -> None:
        self.checksum = 0
        self.name = file.name
        self._file = file

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = next(self._file)
        self.checksum = crc32(line.encode(), self.checksum)
        return line


def _by_lines(lines: _Lines) -> Tables:
    """Read the layout that ``write_compacted`` makes.

    Raises:
        ValueError: for any other text.
    """
    tables: Tables = {}
    if next(lines, "") != "{\n":
        raise ValueError(lines.name)
    for line in lines:
        if line == "}\n" and not next(lines, ""):
            return tables
        name = json.loads(line.removeprefix("," if tables else "").removesuffix(":{\n"))
        if not isinstance(name, str) or name in tables:
            raise ValueError(line)
        tables[name] = _documents(lines)
        if name == META:
            lines.checksum = 0
    raise ValueError(lines.name)


def _documents(lines: _Lines) -> dict[str, Document]:
    """Read the lines of one table with its closing brace."""
    documents: dict[str, Document] = {}
    while True:
        block = []
        for line in islice(lines, _BLOCK):
            if line == "}\n":
                break
            block.append(line)
        if block:
            first = block[0].removeprefix("," if documents else "")
            found = json.loads("{" + first + "".join(block[1:]) + "}")
            if not _are_documents(found):
                raise ValueError(first)
            documents.update(found)
        if len(block) < _BLOCK:
            return documents


def _as_a_whole(path: Path, file: TextIO) -> Tables:
    try:
        content: Any = json.load(file)
    except UnicodeDecodeError as error:
        raise _damaged(path, error.start) from error
    except json.JSONDecodeError as error:
        raise _damaged(path, error.pos) from error
    if not isinstance(content, dict) or META not in content:
        return {}
    for name, documents in content.items():
        if not _are_documents(documents):
            raise _out_of_shape(path, name)
    return {
        name: {key: with_shared_keys(document) for key, document in documents.items()}
        for name, documents in content.items()
    }


def _are_documents(documents: Any) -> bool:
    """Say whether this is a table: objects by number. Somebody may have edited the file."""
    return isinstance(documents, dict) and all(
        key.isdecimal() and isinstance(document, dict) for key, document in documents.items()
    )


def _out_of_shape(path: Path, name: str) -> StoreUnreadable:
    return StoreUnreadable(
        f"{path}: damaged: {name} is no table of documents as this program writes them",
        advice=f"Restore it from a backup, together with {path.name}.journal if that is there. "
        "Without one, migrate doctor says what can be saved.",
    )


def _changed(path: Path) -> StoreUnreadable:
    return StoreUnreadable(
        f"{path}: what it holds is not what this program wrote: the checksum does not agree",
        advice=(
            f"Restore it from a backup, together with {path.name}.journal if that is there. If "
            "you edited it yourself, migrate doctor --repair takes it as it is."
        ),
    )


def _damaged(path: Path, offset: int) -> StoreUnreadable:
    return StoreUnreadable(
        f"{path}: damaged at byte {offset}",
        advice=(
            f"Restore it from a backup, together with {path.name}.journal if that is there. "
            "Without one, migrate doctor says what can be saved, and with --repair saves it."
        ),
    )
