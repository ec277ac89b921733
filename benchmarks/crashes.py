"""Kill apply, finish, reset and pull at each of their side effects, and run each again.

Two processes share the steps. Without ``--sample`` every step is taken, which takes the better
part of an hour.

    python -m benchmarks crashes [apply finish reset pull] [--sample N] [--seed S] [--workers N]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from typing import Any

_VERBS = ("apply", "finish", "reset", "pull")
_PROCESSES = 2
_SHOWN = 5


def main(arguments: list[str] | None = None) -> None:
    """Print one line a verb, and every trial that did not end as it should; then end with 1."""
    wanted = _arguments(arguments or [])
    print(f"{'':<8}{'steps':>7}{'killed':>8}{'lost':>6}{'doubled':>9}{'different':>11}{'min':>7}")
    bad = [verb for verb in wanted.verbs or _VERBS if not _all_steps(verb, wanted)]
    if bad:
        raise SystemExit(1)


def _arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks crashes")
    parser.add_argument("verbs", nargs="*", type=_verb, metavar="VERB")
    parser.add_argument("--sample", type=int, help="so many steps a verb instead of all")
    parser.add_argument("--seed", type=int, default=1, help="which steps a sample takes")
    parser.add_argument("--workers", type=int, default=1, help="of either side")
    return parser.parse_args(given)


def _verb(name: str) -> str:
    if name not in _VERBS:
        raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(_VERBS)}")
    return name


def _all_steps(verb: str, wanted: argparse.Namespace) -> bool:
    """Say whether all trials of a verb ended well."""
    options = ["--workers", str(wanted.workers), "--seed", str(wanted.seed)]
    if wanted.sample is not None:
        options += ["--sample", str(wanted.sample)]
    began = time.monotonic()
    parts = [_Part(verb, options, number) for number in range(1, _PROCESSES + 1)]
    sums: Counter[str] = Counter()
    for part in parts:
        sums += part.counted()
    counted = f"{sums['killed']:>8,}{sums['lost']:>6}{sums['doubled']:>9}{sums['different']:>11}"
    minutes = (time.monotonic() - began) / 60
    print(f"{verb:<8}{max(part.steps for part in parts):>7,}{counted}{minutes:>7.1f}", flush=True)
    return not sums["bad"]


class _Part:
    """One process that takes every second step, and a thread that reads what it says."""

    def __init__(self, verb: str, options: list[str], number: int) -> None:
        part = f"{number}/{_PROCESSES}"
        self.steps = 0
        self._sums: Counter[str] = Counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crashing", verb, *options, "--part", part],
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def counted(self) -> Counter[str]:
        """Wait for the end and return the sums; a process that broke off counts as bad."""
        self._reader.join()
        self._sums["bad"] += self._process.wait() != 0
        return self._sums

    def _read(self) -> None:
        for line in self._process.stdout or ():
            told: dict[str, Any] = json.loads(line)
            if "steps" in told:
                self.steps = told["steps"]
                continue
            for name in ("killed", "lost", "doubled", "different"):
                self._sums[name] += told[name]
            if told["problems"]:
                self._sums["bad"] += 1
                problems = "\n  ".join(problem[:500] for problem in told["problems"][:_SHOWN])
                print(f"step {told['step']} ({told['what']}):\n  {problems}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
