"""What can happen to the ledger's tables: the words of the journal and their meaning.

``["put", TABLE, ID, DOCUMENT]`` inserts or replaces, ``["patch", TABLE, ID, CHANGES, CHILDREN]``
changes one document, ``["remove", TABLE, ID]`` and ``["drop", TABLE]`` forget. Applying them
while the program runs and replaying them from the journal is the same code, on the same decoded
JSON: what is in memory is what reopening gives.
"""

from __future__ import annotations

import json
from sys import intern
from typing import Any

Document = dict[str, Any]
"""One document: a JSON object."""

Tables = dict[str, dict[str, Document]]
"""All documents by table and by document id; ids are digits in strings, as TinyDB stores them."""

Operation = list[Any]

# ASCII, because TinyDB opens files in the encoding of the locale; no NaN, it is not JSON.
encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode


def with_shared_keys(document: Document) -> Document:
    """Return ``document`` with the keys of its two upper levels stored once for all documents.

    These keys are field names. Decoded one by one they would take 140 MB for 100,000 tickets.
    Ids of children are one level further down, where sharing has no use.
    """
    return {
        intern(key): {intern(name): inner for name, inner in value.items()}
        if type(value) is dict
        else value
        for key, value in document.items()
    }


def apply(tables: Tables, operation: Operation) -> None:
    """Carry out one decoded operation on ``tables``.

    Raises:
        KeyError: when the document to change or to remove, or the operation, is not known.
        ValueError: when the operation has too few or too many parts.
    """
    word, table, *rest = operation
    if word == "put":
        document_id, document = rest
        tables.setdefault(table, {})[document_id] = with_shared_keys(document)
    elif word == "patch":
        document_id, changes, children = rest
        tables[table][document_id] = _patched(tables[table][document_id], changes, children)
    elif word == "remove":
        (document_id,) = rest
        del tables[table][document_id]
    elif word == "drop":
        tables.pop(table, None)
    else:
        raise KeyError(word)


def _patched(
    document: Document, changes: Document, children: dict[str, Document] | None
) -> Document:
    """Return ``document`` with ``changes`` in place of its keys, and ``children`` added.

    The upper level is copied, so a document that was handed out keeps its fields. Children are
    added in place: a copy of 9,000 for each one that comes would make long tickets quadratic.
    """
    patched = {**document, **with_shared_keys(changes)}
    if children:
        kinds = patched["children"] = patched.get("children") or {}
        for kind, entries in children.items():
            kinds.setdefault(intern(kind), {}).update(entries)
    return patched
