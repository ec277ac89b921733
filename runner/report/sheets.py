"""A CSV file an entity: every record that was looked at, what became of it, and why.

Spreadsheets take a cell that begins with ``=`` and the like for a formula; what a customer wrote
into a subject must not be one.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from runner.pipeline import private_file
from runner.report.figures import reading
from runner.report.page.tame import tame

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from runner.ledger import Readable
    from runner.snapshot import Snapshot

COLUMNS = ("source_id", "target_id", "status", "action", "label", "reason", "notes")

_FORMULA = frozenset("=+-@\t\r\n\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}"
                     "\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}")  # fmt: skip
_ROWS_AT_ONCE = 500


def write(
    folder: Path, ledger: Readable, snapshot: Snapshot, sources: Mapping[str, str]
) -> list[Path]:
    """Write ``groups.csv``, ``tickets.csv``, … into ``folder``; return their paths.

    UTF-8 with a mark at the start, without which Excel takes it for something else; readable for
    the owner only, since subjects and names stand in them.

    Raises:
        MigrateError: one cannot be written.
    """
    labels = reading.Labels(snapshot, sources)
    files = []
    for entity in sources:
        path = folder / f"{entity}.csv"
        with private_file(path) as file:
            file.write(b"\xef\xbb\xbf")
            for block in _blocks(_rows(ledger, entity, labels)):
                file.write(block.encode())
        files.append(path)
    return files


def _rows(ledger: Readable, entity: str, labels: reading.Labels) -> Iterator[tuple[str, ...]]:
    yield COLUMNS
    for document in ledger.documents(entity):
        yield tuple(cell(value) for value in _values(entity, document, labels))


def _values(entity: str, document: Mapping[str, Any], labels: reading.Labels) -> Iterator[Any]:
    reason = reading.reason(document, "failed") or reading.reason(document, "skipped")
    notes = (note for note in document.get("notes") or () if note[0] not in {"failed", "skipped"})
    yield document["source_id"]
    yield document.get("target_id")
    yield document["status"]
    yield document.get("action")
    yield labels.of(entity, document)
    yield reason
    yield "; ".join(" ".join(str(part) for part in note if part) for note in notes)


def cell(value: Any) -> str:
    """Return what is written for a value: on one line, and never a formula."""
    text = "" if value is None else str(value)
    begins = text.lstrip(" \N{NO-BREAK SPACE}")[:1]
    tamed = tame(text)
    return f"'{tamed}" if begins in _FORMULA or tamed.lstrip()[:1] in _FORMULA else tamed


def _blocks(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Yield the lines of many rows at once."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    for number, row in enumerate(rows, 1):
        writer.writerow(row)
        if number % _ROWS_AT_ONCE == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()
