"""A ledger that is read through, document by document, without being held in memory.

A million articles take 180 MB even as text; whoever only counts them needs no memory for it.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from runner.errors import StoreUnreadable
from runner.ledger.compacted import META
from runner.ledger.journal import read_header
from runner.ledger.ledger import Ledger
from runner.ledger.operations import encode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runner.ledger.operations import Document


class Readable(Protocol):
    """What can be read of a ledger, whether it is in memory or streamed."""

    @property
    def target(self) -> Document:
        """The document about the target; {} when not saved yet."""

    def runs(self) -> list[Document]:
        """Return all runs, oldest first."""

    def documents(self, entity: str) -> Iterator[Document]:
        """Yield the documents of ``entity`` in the order they were first put."""


class Streamed:
    """The compacted file of a ledger, in the layout that ``write_compacted`` makes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def target(self) -> Document:
        """The document about the target; {} when not saved yet."""
        return next(self.documents("target"), {})

    def runs(self) -> list[Document]:
        """Return all runs, oldest first."""
        return list(self.documents("runs"))

    def documents(self, entity: str) -> Iterator[Document]:
        """Yield the documents of ``entity`` in the order they were first put.

        Raises:
            StoreUnreadable: when the file is damaged.
        """
        heading = f"{encode(entity)}:{{\n"
        with self._path.open(encoding="utf-8") as file:
            if not any(line.removeprefix(",") == heading for line in file):
                return
            try:
                for line in file:
                    if line == "}\n":
                        return
                    yield from json.loads("{" + line.removeprefix(",") + "}").values()
            except ValueError:
                pass
        raise StoreUnreadable(
            f"{self._path}: damaged among the {entity}",
            advice="restore it from a backup; without one, migrate doctor says what can be saved",
        )


@contextmanager
def reading(path: Path) -> Iterator[Readable]:
    """Yield the ledger at ``path`` to be read through.

    It is streamed where everything is in the compacted file. While a run is under way, after a
    crash, and where TinyDB itself rewrote the file, it is opened in memory as always.

    Raises:
        StoreUnreadable: when a file is damaged, of another format, or not ours.
    """
    if _is_compacted(path):
        yield Streamed(path)
        return
    with Ledger.open(path, read_only=True) as ledger:
        yield ledger


def _is_compacted(path: Path) -> bool:
    if not path.exists() or path.with_name(f"{path.name}.journal").exists():
        return False
    with path.open("rb") as file:
        lined = file.readline() == b"{\n"
    if lined:
        read_header(path, next(Streamed(path).documents(META), None))
    return lined
