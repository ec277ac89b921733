"""What the runs in a ledger say together: did they write, is Zammad live, since when."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Any

from runner.engine.parts import wrote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def who() -> str:
    """Return who runs this, as the operating system knows them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        # A container's user may have a number and no name.
        return "unknown"


def live_since(runs: Sequence[Mapping[str, Any]]) -> str | None:
    """Return when ``finish`` was done for good; None where an apply came after it."""
    for run in reversed(runs):
        if run["kind"] == "finish" and run["outcome"] == "done":
            return str(run["finished_at"])
        if run["kind"] == "apply" and wrote(run["counts"] or {}, run["outcome"]):
            return None
    return None


def in_import_mode(runs: Sequence[Mapping[str, Any]]) -> bool | None:
    """Say whether we left Zammad in import mode; None where nothing was written yet.

    A ``finish`` that could not write every record has switched it off all the same.
    """
    for run in reversed(runs):
        if run["kind"] == "finish" and run["finished_at"] is not None:
            return False
        if run["kind"] == "apply" and wrote(run["counts"] or {}, run["outcome"]):
            return True
    return None


def cut_off(runs: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the runs whose end nobody wrote down, and after which none of their kind came."""
    last = {run["kind"]: run for run in runs}
    return [run for run in last.values() if run["finished_at"] is None]
