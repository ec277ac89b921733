"""What a report is made of: ledger, snapshot, the last verification."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.engine import knowledge_beside
from runner.engine.world import SOURCES
from runner.errors import PreflightError
from runner.ledger import reading
from runner.pipeline.keeping import REPORTS, kept_verification
from runner.pipeline.sample_file import Sample, kept_sample
from runner.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from runner.config.model import Config
    from runner.ledger import Readable


@dataclass(frozen=True, slots=True)
class Material:
    """All of it, opened for reading; ``sources`` has Kayako's resource of each step's entity."""

    ledger: Readable
    snapshot: Snapshot
    sources: Mapping[str, str]
    verification: Mapping[str, Any] | None
    sample: Sample | None = None


@contextmanager
def report_material(config: Config) -> Iterator[Material]:
    """Open what a report is made of.

    Raises:
        PreflightError: nothing was read from Kayako yet.
        StoreUnreadable: ledger, snapshot or the last verification cannot be read.
    """
    if not Snapshot.exists(config.snapshot_folder):
        raise PreflightError(
            "there is nothing to report: Kayako was not read yet", advice="run migrate pull first"
        )
    resources = {**SOURCES, **knowledge_beside.SOURCES, "tickets": "cases"}
    with ExitStack() as stack:
        ledger = stack.enter_context(reading(config.ledger_file))
        snapshot = Snapshot.open(config.snapshot_folder, read_only=True)
        stack.callback(snapshot.close)
        yield Material(
            ledger=ledger,
            snapshot=snapshot,
            sources={name: resources[name] for name in config.order},
            verification=kept_verification(config),
            sample=kept_sample(config, ledger),
        )


def report_file(config: Config, language: str) -> Path:
    """Return where a report goes that nobody names another place for."""
    return config.workdir / REPORTS / f"report-{config.zammad.key}-{language}.html"
