"""What a document of the ledger says of its record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine import failures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.snapshot import Snapshot

_LABELS = ("title", "name", "subject", "full_name")
_OF_PEOPLE = ("firstname", "lastname")


def reason(document: Mapping[str, Any], kind: str) -> str | None:
    """Return why a record is ``failed`` or ``skipped``; None where it is not."""
    texts = (note[2] for note in document.get("notes") or () if note[0] == kind)
    return next((str(text) for text in texts), None)


def failure(document: Mapping[str, Any]) -> tuple[int, str]:
    """Return how many runs tried a record that failed, and the request at fault.

    Nothing of what was sent is told but where to: a report is shown around.
    """
    kept = document.get(failures.KEY) or {}
    request = kept.get("request")
    if request is None:
        return kept.get("attempts", 0), ""
    status = "…" if request["status"] is None else request["status"]
    return kept["attempts"], f"{request['method']} {request['path']} → {status}"


def outcome(document: Mapping[str, Any]) -> str:
    """Return which of ``CLASSES`` a record is in, by its document.

    A record that is in Zammad counts as failed all the same where its last change failed.
    """
    if reason(document, "failed") is not None:
        return "failed"
    if reason(document, "skipped") is not None:
        return "left_out"
    if document["status"] == "done":
        return "adopted" if document.get("adopted") else "created"
    return "unfinished"


def label(document: Mapping[str, Any]) -> str:
    """Return what people call a record, by what was written of it; empty where nothing was."""
    applied = document.get("applied") or {}
    person = " ".join(str(applied[name]) for name in _OF_PEOPLE if applied.get(name))
    names = (str(applied[name]) for name in (*_LABELS, "login", "email") if applied.get(name))
    return person or next(names, "")


class Labels:
    """Finds what people call a record: by what was written of it, else as Kayako has it."""

    def __init__(self, snapshot: Snapshot, sources: Mapping[str, str]) -> None:
        self._snapshot = snapshot
        self._sources = sources

    def of(self, entity: str, document: Mapping[str, Any]) -> str:
        """Return it; empty where nobody knows it."""
        return label(document) or self._in_kayako(entity, document["source_id"])

    def _in_kayako(self, entity: str, source_id: str) -> str:
        if entity not in self._sources or not source_id.isdigit():
            return source_id.removeprefix("=")
        record = self._snapshot.record(self._sources[entity], source_id) or {}
        return next((str(record[name]) for name in _LABELS if record.get(name)), "")
