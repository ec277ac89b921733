"""Where things stand: the ledger's last apply, and what was pulled."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from runner.config.model import ENTITIES
from runner.engine import avatars, failures, knowledge_beside, ticket_links
from runner.engine.counts import Counts
from runner.engine.world import SOURCES
from runner.ledger import Ledger, reading
from runner.pipeline import backups
from runner.pipeline.runs import cut_off, in_import_mode, live_since
from runner.pipeline.windows import is_live
from runner.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.config.model import Config
    from runner.ledger import Readable
    from runner.pipeline.scoping import Scope


def status(config: Config) -> dict[str, Any]:
    """Return where things stand, in ImportJob's shape: ``result``, ``started_at``, ``finished_at``.

    The last apply counts; ``runs`` has all of them, ``snapshot`` what was pulled. ``import_mode``
    says whether we left Zammad in it (None: never written to), ``live_since`` when ``finish`` was
    done for good, ``cut_off`` which runs have no end. All of it is the ledger's: nobody is asked.
    """
    ledger = Ledger.open(config.ledger_file, read_only=True)
    try:
        runs = ledger.runs()
        last = next((run for run in reversed(runs) if run["kind"] == "apply"), None)
        empty = Counts()
        empty.only(ENTITIES)
        return {
            "name": "Import::Kayako",
            "target": config.zammad.url,
            "result": (last or {}).get("counts") or empty.as_import_job(),
            "started_at": (last or {}).get("started_at"),
            "finished_at": (last or {}).get("finished_at"),
            "outcome": (last or {}).get("outcome"),
            "scope": (last or {}).get("scope", ""),
            "failed": [row for row, _ in _failed(ledger)],
            "backup": backups.latest(runs),
            "import_mode": in_import_mode(runs) if ledger.target else None,
            "live_since": live_since(runs),
            "cut_off": [run["kind"] for run in cut_off(runs)],
            "snapshot": snapshot_counts(config),
            "runs": runs,
            "asked_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    finally:
        ledger.close()


def ledger_notes(config: Config) -> Iterator[dict[str, str]]:
    """Yield every note of the ledger: what was cut, dropped, defaulted, converted or replaced."""
    ledger = Ledger.open(config.ledger_file, read_only=True)
    try:
        for entity in (*ENTITIES, avatars.TABLE):
            for document in ledger.table(entity):
                for kind, name, text in document.get("notes", []):
                    yield {
                        "entity": entity,
                        "source_id": document["source_id"],
                        "kind": kind,
                        "field": name,
                        "text": text,
                    }
    finally:
        ledger.close()


def ledger_failures(config: Config) -> Iterator[dict[str, Any]]:
    """Yield every record that failed: ``entity``, ``source_id``, ``reason``, and ``failure``.

    The last is what ``runner.engine.failures`` keeps; ledgers of earlier versions have none.
    """
    with reading(config.ledger_file) as ledger:
        for row, document in _failed(ledger):
            kept = {name: document[name] for name in (failures.KEY,) if name in document}
            yield {**row, **kept}


def has_failed(config: Config, scope: Scope) -> bool:
    """Say whether records of a scope failed in earlier runs; links and pictures go with theirs."""
    entities = set(scope.entities(config.order))
    steps = {ticket_links.TABLE: "tickets", avatars.TABLE: "users"}
    with reading(config.ledger_file) as ledger:
        return any(
            steps.get(row["entity"], row["entity"]) in entities for row, _ in _failed(ledger)
        )


def is_in_use(config: Config) -> bool:
    """Say whether the move was finished once, so that people work in Zammad."""
    with reading(config.ledger_file) as ledger:
        return is_live(ledger)


def _failed(ledger: Readable) -> Iterator[tuple[dict[str, str], Mapping[str, Any]]]:
    """Yield records that failed, as people are told of them, and their documents."""
    for entity in (*ENTITIES, ticket_links.TABLE, avatars.TABLE):
        for document in ledger.documents(entity):
            reason = next((n[2] for n in document.get("notes", []) if n[0] == "failed"), None)
            if reason is not None:
                source_id = document["source_id"]
                yield {"entity": entity, "source_id": source_id, "reason": reason}, document


def snapshot_counts(config: Config) -> dict[str, Any] | None:
    """Return how many records of each resource were pulled, and when; None before the first."""
    if not Snapshot.exists(config.snapshot_folder):
        return None
    snapshot = Snapshot.open(config.snapshot_folder, read_only=True)
    try:
        counts: dict[str, Any] = {
            resource: snapshot.count(resource)
            for resource in dict.fromkeys(
                (*SOURCES.values(), "cases", *knowledge_beside.SOURCES.values())
            )
        }
        counts["pulled_at"] = snapshot.pulled_at
        return counts
    finally:
        snapshot.close()
