"""The compacted file: plain JSON as TinyDB writes it, laid out one document a line.

The lines let us write and read it document by document; whole, a million children take a
gigabyte while they are parsed. Any other layout (TinyDB rewrites the file on one line) is read
as well, only with more memory. Table ``_meta`` holds the header as its document 1.
"""

from __future__ import annotations

import gc
import json
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, Any

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
    whole: Tables = {META: {"1": asdict(header)}, **tables}
    with replacing(path) as file:
        file.write(b"{\n")
        for position, (name, documents) in enumerate(whole.items()):
            file.write(f"{',' if position else ''}{encode(name)}:{{\n".encode())
            separator = ""
            for document_id, document in documents.items():
                line = f"{separator}{encode(document_id)}:{encode(document)}\n"
                file.write(line.encode())
                separator = ","
            file.write(b"}\n")
        file.write(b"}\n")


def read_compacted(path: Path) -> tuple[Header, Tables]:
    """Read the file ``path``: its header, and its tables without ``_meta``.

    Raises:
        OSError: when it cannot be opened.
        StoreUnreadable: when it is damaged, no ledger, or of a format not known here.
    """
    with without_collector(), path.open(encoding="utf-8") as file:
        try:
            tables = _by_lines(file)
        except ValueError:
            file.seek(0)
            tables = _as_a_whole(path, file)
    meta = tables.pop(META, {})
    return read_header(path, meta.get("1")), tables


def _by_lines(file: TextIO) -> Tables:
    """Read the layout that ``write_compacted`` makes.

    Raises:
        ValueError: for any other text.
    """
    tables: Tables = {}
    if file.readline() != "{\n":
        raise ValueError(file.name)
    for line in file:
        if line == "}\n" and not file.read(1):
            return tables
        name = json.loads(line.removeprefix("," if tables else "").removesuffix(":{\n"))
        if not isinstance(name, str) or name in tables:
            raise ValueError(line)
        tables[name] = _documents(file)
    raise ValueError(file.name)


def _documents(file: TextIO) -> dict[str, Document]:
    """Read the lines of one table with its closing brace."""
    documents: dict[str, Document] = {}
    while True:
        block = []
        for line in islice(file, _BLOCK):
            if line == "}\n":
                break
            block.append(line)
        if block:
            first = block[0].removeprefix("," if documents else "")
            documents.update(json.loads("{" + first + "".join(block[1:]) + "}"))
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
    return {
        name: {key: with_shared_keys(document) for key, document in documents.items()}
        for name, documents in content.items()
    }


def _damaged(path: Path, offset: int) -> StoreUnreadable:
    return StoreUnreadable(
        f"{path}: damaged at byte {offset}",
        advice=(
            f"Restore it from a backup, together with {path.name}.journal if that is there. "
            "Without one, move both away: the next run begins with an empty ledger, so look at "
            "`migrate plan` before you apply."
        ),
    )
