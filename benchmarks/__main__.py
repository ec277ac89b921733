"""Measure, and write the figures: ``python -m benchmarks NAME [size]``; all of them without a name.

    saturation   share of Kayako's limit and of Zammad's writes that is used        50 min
    speedup      many workers against one a side, at four distances of Kayako       40 min
    overhead     a request beside a bare loop, CPU a request and a record           10 min
    estimate     what plan says an apply takes, against what it took                30 min
    ledger       recording and reopening, beside TinyDB's own storages              15 min
    size         memory and CPU of a run of 10,000 conversations                    10 min

Each figure is printed with its bar and written into benchmarks/results.json; one that misses its
bar makes the end 1. For a quick look give a size: a share (``saturation 0.2``), or for ledger and
size a number of conversations. The computer should do nothing else meanwhile.

By name alone run those that try what is lost or doubled, not how fast it goes:

    crashes      kill a run at each of its side effects, and run it again           50 min
    soak         faults on both sides for a while, then compare with the truth      20 min
    machine      everything that happens in a move, in any order                     5 min
    replan       from the edit of a vocabulary to the new plan                       3 min
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks._figures import Figure

MEASURED = ("saturation", "speedup", "overhead", "estimate", "ledger", "size")
_RESULTS = Path("benchmarks") / "results.json"


def main() -> None:
    """Run them; end with 1 when a figure misses its bar."""
    name, *arguments = sys.argv[1:] or [""]
    if name in {"--help", "-h"}:
        print(__doc__)
        return
    found: dict[str, list[Figure]] = {}
    for module in [name] if name else MEASURED:
        print(f"\n== {module} ==", flush=True)
        made = importlib.import_module(f"benchmarks.{module}").main(arguments)
        if made:
            found[module] = made
            _write(found)
    if not all(each.kept for figures in found.values() for each in figures):
        raise SystemExit(1)


def _write(found: dict[str, list[Figure]]) -> None:
    """Write all figures, keeping those of the benchmarks that did not run this time."""
    known = json.loads(_RESULTS.read_text()) if _RESULTS.exists() else {}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    told = {
        name: {"at": now, "machine": machine, "figures": [each.told() for each in figures]}
        for name, figures in found.items()
    }
    _RESULTS.write_text(json.dumps({**known, **told}, indent=2) + "\n")


if __name__ == "__main__":
    main()
