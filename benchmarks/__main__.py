"""Run every benchmark in turn, or one with its arguments: ``python -m benchmarks size 10000``."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import benchmarks


def main() -> None:
    """Run the ``main(arguments)`` of each module of this package."""
    name, *arguments = sys.argv[1:] or [""]
    found = [module.name for module in pkgutil.iter_modules(benchmarks.__path__)]
    for module in [name] if name else [each for each in found if not each.startswith("_")]:
        print(f"\n== {module} ==", flush=True)
        importlib.import_module(f"benchmarks.{module}").main(arguments)


if __name__ == "__main__":
    main()
