"""Run every benchmark in turn, or those named: ``python -m benchmarks ledger``."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import benchmarks


def main() -> None:
    """Run the ``main()`` of each module of this package."""
    found = [module.name for module in pkgutil.iter_modules(benchmarks.__path__)]
    names = sys.argv[1:] or [name for name in found if not name.startswith("_")]
    for name in names:
        print(f"\n== {name} ==", flush=True)
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
