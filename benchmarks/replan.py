"""From the edit of one vocabulary to the new plan, on a snapshot that was planned before.

The sandbox runs in a process of its own. Each edit changes what one label becomes; the plan that
follows is a whole ``migrate plan --json``, start of the program included, and its figures are
compared with those of a plan that remembers nothing.

    python -m benchmarks replan [conversations]
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks._sandbox import sandbox

_PORTS = (8715, 8716)
_EDITS = ("pending reminder", "pending close", "closed", "new", "open")


def main(arguments: list[str] | None = None) -> None:
    """Print one table."""
    conversations = int((arguments or ["5000"])[0])
    with (
        tempfile.TemporaryDirectory(prefix="migrate-replan-") as folder,
        sandbox(conversations, posts=5, ports=_PORTS),
    ):
        _measure(Path(folder), conversations)


def _measure(folder: Path, conversations: int) -> None:
    _migrate(folder, "init", str(folder), *_logins())
    config = folder / "config.yaml"
    text = config.read_text().replace("requests_per_minute: 300", "requests_per_minute: 100000", 1)
    config.write_text(text)
    _migrate(folder, "pull")
    print(f"{conversations:,} conversations with 5 posts each\n")
    first, _ = _planned(folder)
    print(f"{'first plan':<34}{first:>7.2f} s")
    taken = []
    for state in _EDITS:
        _edit(folder, state)
        seconds, made = _planned(folder)
        taken.append(seconds)
        (folder / ".migrate" / "cache" / "plan.sqlite3").unlink()
        whole, expected = _planned(folder)
        if {**made, "budget": None} != {**expected, "budget": None}:
            raise SystemExit(f"becomes {state}: the quick plan differs from the whole one")
        print(f"{'becomes ' + state:<34}{seconds:>7.2f} s   whole: {whole:.2f} s")
    print(f"\nmedian after an edit: {statistics.median(taken):.2f} s; all figures equal")


def _edit(folder: Path, state: str) -> None:
    file = folder / "mappings" / "vocabularies" / "states.yaml"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    changed = [
        f"    becomes: {state}\n" if line.startswith("    becomes: ") else line for line in lines
    ]
    file.write_text("".join(changed), encoding="utf-8")


def _planned(folder: Path) -> tuple[float, dict[str, Any]]:
    """Return how long a plan took, in seconds, and what it says."""
    began = time.monotonic()
    text = _migrate(folder, "plan", "--json")
    return time.monotonic() - began, json.loads(text)


def _migrate(folder: Path, *arguments: str) -> str:
    config = ("-c", str(folder / "config.yaml")) if arguments[0] != "init" else ()
    done = subprocess.run(
        [sys.executable, "-m", "runner", *config, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
        env={**os.environ, "NO_COLOR": "1"},
    )
    return done.stdout


def _logins() -> tuple[str, ...]:
    kayako, zammad = (f"http://127.0.0.1:{port}" for port in _PORTS)
    return (
        *("--kayako-url", kayako, "--zammad-url", zammad),
        *("--kayako-email", "admin@example.com", "--kayako-password", "sandbox"),
        *("--zammad-token", "sandbox-token"),
    )
