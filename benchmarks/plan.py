"""Plans on a warm snapshot: the first one, and the one after an edit of a vocabulary; their memory.

The sandbox runs in a process of its own. Each edit changes what one label becomes; the plan that
follows is a whole ``migrate plan --json``, start of the program included, and what it says is
compared with that of a plan that remembers nothing.

    python -m benchmarks plan [conversations]
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks._figures import Figure, figure
from benchmarks._sandbox import sandbox
from benchmarks.scale import configured, measured

if TYPE_CHECKING:
    from benchmarks.scale import Run

POSTS = 5
_PORTS = (8715, 8716)
_EDITS = ("pending reminder", "pending close", "closed", "new", "open")
_OF_THE_BAR = 20_000
"""So many conversations are to be planned in 60 seconds, and in 15 after an edit."""


def main(arguments: list[str] | None = None) -> list[Figure]:
    """Print and return the figures."""
    conversations = int((arguments or [str(_OF_THE_BAR)])[0])
    with (
        tempfile.TemporaryDirectory(prefix="migrate-plan-") as name,
        sandbox(conversations, posts=POSTS, ports=_PORTS),
    ):
        config = configured(Path(name), _PORTS)
        measured(config, "pull")
        print(f"{conversations:,} conversations with {POSTS} posts each")
        return _measure(config, conversations)


def _measure(config: Path, conversations: int) -> list[Figure]:
    cache = config.parent / ".migrate" / "cache" / "plan.sqlite3"
    wholes, edited = [_planned(config)[0]], []
    for state in _EDITS:
        _edit(config.parent / "mappings" / "vocabularies" / "states.yaml", state)
        run, made = _planned(config)
        edited.append(run)
        cache.unlink()
        whole, expected = _planned(config)
        wholes.append(whole)
        if made != expected:
            raise SystemExit(f"becomes {state}: the quick plan differs from the whole one")
    return [
        *_told("plan, nothing remembered", wholes, conversations, seconds=60),
        *_told("plan after an edit", edited, conversations, seconds=15),
    ]


def _told(name: str, runs: list[Run], conversations: int, *, seconds: float) -> list[Figure]:
    cpu = [1000 * run.cpu / conversations for run in runs]
    # The start of the program alone would miss a share of the bar.
    bar = {"at_most": seconds} if conversations >= _OF_THE_BAR else {}
    return [
        figure(name, *(run.wall for run in runs), unit="s", **bar),
        figure(f"{name}: CPU a conversation", *cpu, unit="ms"),
        figure(f"{name}: peak memory", *(run.peak for run in runs), unit="MB"),
    ]


def _edit(file: Path, state: str) -> None:
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    changed = [
        f"    becomes: {state}\n" if line.startswith("    becomes: ") else line for line in lines
    ]
    file.write_text("".join(changed), encoding="utf-8")


def _planned(config: Path) -> tuple[Run, dict[str, Any]]:
    """Return what a plan took and what it says; an estimate of time differs each time."""
    out = config.parent / "plan.json"
    run = measured(config, "plan", "--json", out=out)
    return run, {**json.loads(out.read_text()), "budget": None}
