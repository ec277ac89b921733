"""Judge the lines and the branches that the suite runs, each for itself: ``make coverage``.

The ``fail_under`` of coverage's own report judges both together, and there are four times as many
statements as branches: many branches that no test takes would hide behind them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LEAST = 95.0
"""Per cent of the statements, and of the branches, that have to be run."""
_SHOWN = 10
_KINDS = {
    "lines": ("percent_statements_covered", "num_statements", "missing_lines"),
    "branches": ("percent_branches_covered", "num_branches", "missing_branches"),
}


def verdict(measured: dict[str, Any]) -> Iterator[tuple[bool, str]]:
    """Yield, for lines and branches, whether enough is run, and what to say of it.

    ``measured`` is the content of ``coverage json``: its ``totals`` are the measure, its ``files``
    tell where most is missing.
    """
    for kind, (percent, count, missing) in _KINDS.items():
        totals = measured["totals"]
        run = totals[percent]
        number = totals[count]
        lines = [
            f"{kind}: {run:.2f} % of {number}, at least {LEAST:g} % wanted; most is missing in"
        ]
        files = sorted(
            measured["files"].items(), key=lambda item: (-item[1]["summary"][missing], item[0])
        )
        lines += [
            f"  {file['summary'][missing]:4d}  {path}"
            for path, file in files[:_SHOWN]
            if file["summary"][missing]
        ]
        yield run >= LEAST, "\n".join(lines)


def main(path: Path) -> int:
    """Print both figures of the file that ``coverage json`` wrote; return the exit code."""
    verdicts = list(verdict(json.loads(path.read_text(encoding="utf-8"))))
    sys.stdout.write("".join(f"{text}\n" for _, text in verdicts))
    return 0 if all(enough for enough, _ in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
