"""The gate before going live: what of the move is not done yet, as far as the ledger knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.config.model import ENTITIES
from runner.engine.parts import not_covered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.ledger import Ledger

_UNDER_WAY = {"intended", "partial"}


def open_ends(ledger: Ledger) -> list[str]:
    """Return what speaks against going live, a sentence each; nothing when all is well."""
    return [*_last_apply(ledger), *_records(ledger)]


def _last_apply(ledger: Ledger) -> Iterator[str]:
    applies = [run for run in ledger.runs() if run["kind"] == "apply"]
    if not applies:
        yield "nothing was moved yet: migrate apply was never run"
    elif applies[-1]["finished_at"] is None:
        yield "the last apply was cut off: run migrate apply again"
    elif applies[-1]["outcome"] not in {"done", "failed records"}:
        yield f"the last apply ended early ({applies[-1]['outcome']}): run migrate apply again"
    else:
        part = not_covered(applies)
        if part is not None:
            yield f"only a part was moved so far ({part}): run migrate apply without that"


def _records(ledger: Ledger) -> Iterator[str]:
    for entity in ENTITIES:
        failed = begun = 0
        for document in ledger.table(entity):
            failed += any(note[0] == "failed" for note in document.get("notes", []))
            begun += document["status"] in _UNDER_WAY
        if failed:
            yield f"{entity} that failed: {failed:,} (migrate status lists them)"
        if begun:
            yield f"{entity} that are only begun: {begun:,} (migrate apply completes them)"
