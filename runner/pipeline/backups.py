"""What was said of a backup of Zammad before this program wrote to it: kept with the run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from runner.config.model import is_loopback
from runner.ledger import reading
from runner.pipeline.runs import who

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from runner.config.model import Config


def statement(text: str) -> dict[str, str]:
    """Return what is kept: ``text`` as it was said (may be empty), ``at``, ``by`` (login here)."""
    return {"text": text, "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "by": who()}


def is_asked_for(config: Config) -> bool:
    """Say whether a backup matters and nobody said anything of one yet.

    A Zammad on this very machine is the sandbox or somebody's trial: nothing is asked. After a
    complete reset the ledger is empty, and it is asked again.
    """
    if is_loopback(config.zammad.url):
        return False
    with reading(config.ledger_file) as ledger:
        said = latest(ledger.runs())
    return said is None or not said["text"]


def latest(runs: Iterable[Mapping[str, Any]]) -> Mapping[str, str] | None:
    """Return what was said last, words rather than none; None where nobody was asked."""
    said = [run["backup"] for run in runs if run.get("backup")]
    return next((one for one in reversed(said) if one["text"]), said[-1] if said else None)
