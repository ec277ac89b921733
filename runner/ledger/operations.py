"""What can happen to the ledger's tables: the words of the journal and their meaning.

``["put", TABLE, ID, DOCUMENT]`` inserts or replaces, ``["patch", TABLE, ID, CHANGES, CHILDREN]``
changes one document, ``["remove", TABLE, ID]`` and ``["drop", TABLE]`` forget. Applying them
while the program runs and replaying them from the journal is the same code, on the same decoded
JSON: what is in memory is what reopening gives.
"""

from __future__ import annotations

from typing import Any

from runner.ledger.documents import Document, Documents, encode

__all__ = ["Document", "Documents", "Operation", "Tables", "apply", "encode"]

Tables = dict[str, Documents]
"""All documents by table and by document id; ids are digits in strings, as TinyDB stores them."""

Operation = list[Any]


def apply(tables: Tables, operation: Operation) -> None:
    """Carry out one decoded operation on ``tables``.

    Raises:
        KeyError: when the document to change or to remove, or the operation, is not known.
        ValueError: when the operation has too few or too many parts.
    """
    word, table, *rest = operation
    if word == "put":
        document_id, document = rest
        tables.setdefault(table, Documents())[document_id] = document
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
    patched = {**document, **changes}
    if children:
        kinds = patched["children"] = patched.get("children") or {}
        for kind, entries in children.items():
            kinds.setdefault(kind, {}).update(entries)
    return patched
