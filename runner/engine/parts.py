"""What runs did and what they leave open: told from the rows that the ledger has of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WAVES = ("--wave open", "--wave history")
"""How the scopes of runs are written down that are the whole move together."""

_FINISHED = frozenset({"done", "failed records"})
_CHANGED = ("created", "updated", "failed", "deactivated")


def wrote(counts: Mapping[str, Mapping[str, int]], outcome: str | None) -> bool:
    """Say whether an apply with these counts may have changed anything in Zammad."""
    changed = any(row.get(word, 0) for row in counts.values() for word in _CHANGED)
    return changed or outcome not in _FINISHED


def last_part(runs: Sequence[dict[str, Any]]) -> str:
    """Return the scope of the last apply, in the words of its options; empty: it had none.

    What no run was about yet is not missing then: nobody asked for it.
    """
    return next((run.get("scope", "") for run in reversed(runs) if run["kind"] == "apply"), "")


def not_covered(runs: Sequence[dict[str, Any]]) -> str | None:
    """Return the scope of the last apply where no run went through all; None where one did."""
    ended = {
        run.get("scope", "")
        for run in runs
        if run["kind"] == "apply" and run["outcome"] in _FINISHED
    }
    if not ended or "" in ended or ended.issuperset(WAVES):
        return None
    return last_part(runs)
