"""Run benchmarks one after the other and write their figures: ``python -m benchmarks plan 20000``.

Without a name, those of ``MEASURED`` run; the others (crashes, soak, machine) try what is lost or
doubled, not how fast it goes. Each module's ``main(arguments)`` returns its figures, or None.
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

MEASURED = ("ledger", "saturation", "estimate", "plan", "scale")
_RESULTS = Path("benchmarks") / "results.json"


def main() -> None:
    """Run them; end with 1 when a figure misses its bar."""
    name, *arguments = sys.argv[1:] or [""]
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
