"""The documents of one table in memory: those of late as they are, all others as their JSON.

A ticket with three articles takes 5.5 KB as objects and 1.2 KB as text, and Python's garbage
collector walks over objects again and again, but not over text. A run looks at most documents for
the last time soon after it wrote them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

Document = dict[str, Any]
"""One document: a JSON object."""

# ASCII, because TinyDB opens files in the encoding of the locale; no NaN, it is not JSON.
encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode

OPEN = 1000
"""So many documents of a table are kept as objects: a run's blocks and what they refer to."""


class Documents(MutableMapping[str, Document]):
    """Documents by id, in the order in which they were first put.

    Whoever changes them takes turns with the others that do; reading needs no lock.
    """

    def __init__(self, documents: Mapping[str, Document] | None = None) -> None:
        self._kept: dict[str, Document | str] = {}
        self._open: dict[str, None] = {}
        self.update(documents or {})

    def __getitem__(self, document_id: str) -> Document:
        return _opened(self._kept[document_id])

    def __setitem__(self, document_id: str, document: Document) -> None:
        self._kept[document_id] = document
        self._open.pop(document_id, None)
        self._open[document_id] = None
        if len(self._open) > OPEN:
            oldest = next(iter(self._open))
            del self._open[oldest]
            self._kept[oldest] = encode(self._kept[oldest])

    def __delitem__(self, document_id: str) -> None:
        del self._kept[document_id]
        self._open.pop(document_id, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, document_id: object) -> bool:
        return document_id in self._kept

    def put_text(self, document_id: str, text: str) -> None:
        """Insert or replace a document that is there as ASCII JSON; it is not looked at."""
        self._open.pop(document_id, None)
        self._kept[document_id] = text

    def now(self, *, backwards: bool = False) -> Iterator[tuple[str, Document]]:
        """Return the documents that are there now with their ids, made into objects one by one."""
        entries = list(self._kept.items())
        if backwards:
            entries.reverse()
        return ((document_id, _opened(kept)) for document_id, kept in entries)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield every document as ASCII JSON, with its id."""
        for document_id, kept in self._kept.items():
            yield document_id, kept if isinstance(kept, str) else encode(kept)


def _opened(kept: Document | str) -> Document:
    if isinstance(kept, str):
        document: Document = json.loads(kept)
        return document
    return kept
