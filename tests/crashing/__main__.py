"""``python -m tests.crashing VERB``: kill it at each step in turn, a line of JSON a trial.

The first line is ``{"steps": N}``. ``--sample N --seed S`` takes some steps instead of all,
``--part 1/2`` every second of them (for a second process), ``--at K L M`` just these.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.crashing.trials import VERBS, Bench


def main() -> None:
    """Run the trials and print them."""
    wanted = _arguments()
    with tempfile.TemporaryDirectory(prefix="migrate-crashing-") as folder:
        bench = Bench(Path(folder), wanted.verb, workers=wanted.workers)
        _print({"steps": len(bench.steps)})
        for step in _chosen(wanted, len(bench.steps)):
            _print(asdict(bench.kill_at(step)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crashing", description=__doc__)
    parser.add_argument("verb", choices=VERBS)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", default="1/1")
    parser.add_argument("--at", type=int, nargs="+")
    return parser.parse_args()


def _chosen(wanted: argparse.Namespace, steps: int) -> list[int]:
    if wanted.at is not None:
        return wanted.at
    numbers = list(range(1, steps + 1))
    if wanted.sample is not None and wanted.sample < steps:
        numbers = random.Random(wanted.seed).sample(numbers, wanted.sample)
    part, parts = (int(each) for each in wanted.part.split("/"))
    return numbers[part - 1 :: parts]


def _print(value: dict[str, Any]) -> None:
    sys.stdout.write(f"{json.dumps(value)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
