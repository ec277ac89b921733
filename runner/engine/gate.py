"""The gate before going live: what is not done yet, and whom Zammad would write to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.config.model import ENTITIES
from runner.engine import automations
from runner.engine.awakening import Awakening
from runner.engine.obstacle import Obstacle
from runner.engine.parts import not_covered, wrote
from runner.zammad import import_mode
from runner.zammad import settings as zammad_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from runner.ledger import Ledger
    from runner.zammad.client import Zammad

_UNDER_WAY = {"intended", "partial"}


def obstacles(
    ledger: Ledger,
    zammad: Zammad,
    verification: Mapping[str, Any] | None,
    *,
    now: datetime | None = None,
) -> Iterator[Obstacle]:
    """Yield everything that speaks against switching import mode off; only reads.

    Where it is off already, Zammad does what it does: only the move itself is looked at.

    Args:
        ledger: what was moved.
        zammad: where to.
        verification: the last one, as it was kept; None before the first.
        now: the moment at which reminders are due; the present one, when left out.
    """
    ends = tuple(open_ends(ledger))
    if ends:
        yield Obstacle("unfinished", "the move is not done", ends, steps="migrate apply")
    doubt = unverified(ledger, verification)
    if doubt:
        yield Obstacle("unverified", doubt, steps="migrate verify")
    if not import_mode.is_on(zammad_settings.read(zammad)):
        return
    awakening = Awakening(ledger, zammad, now)
    yield from awakening.obstacles()
    yield from automations.obstacles(zammad)
    yield from awakening.without_address()


def unverified(ledger: Ledger, verification: Mapping[str, Any] | None) -> str:
    """Return why nothing proves that all is in Zammad; empty when the last verification does."""
    if not any(run["kind"] == "apply" for run in ledger.runs()):
        return ""
    if verification is None:
        return "migrate verify was never run"
    began = str(verification["started_at"])
    if any(
        wrote(run["counts"] or {}, run["outcome"])
        and (run["finished_at"] or run["started_at"]) > began
        for run in ledger.runs()
        if run["kind"] == "apply"
    ):
        return "migrate verify ran before the last apply that wrote something"
    if not verification.get("ok"):
        return f"migrate verify found differences: {verification.get('differences_total', 0):,}"
    if verification.get("sample") is not None:
        return f"migrate verify compared a sample of {verification['sample']:,} conversations only"
    return ""


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
