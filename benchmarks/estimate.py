"""What plan says an apply takes, against what it took.

Each line is one sandbox in a process of its own: a Zammad of two processes that writes as slowly as
a real one, and a Kayako at some distance. Once nothing was written before, so that the figures of
another Zammad are reckoned with; once 20 conversations were, so that its own are known.

    python -m benchmarks estimate [share of the usual size, 1.0]

With a share below 1 each case is run once instead of five times.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks._figures import figure
from benchmarks._processes import repeats
from benchmarks._sandbox import sandbox

if TYPE_CHECKING:
    from benchmarks._figures import Figure

_PORTS = (8717, 8718)
_BAR = 25


@dataclass(frozen=True)
class _Case:
    name: str
    conversations: int
    latency: float
    requests_per_minute: int


_CASES = (
    _Case("20 ms", 300, 0.02, 6000),
    _Case("200 ms", 150, 0.2, 6000),
    _Case("20 ms, 600 requests a minute", 250, 0.02, 600),
)


def main(arguments: list[str] | None = None) -> list[Figure]:
    """Measure each case with and without a sample; what held it up is printed beside."""
    share = float((arguments or ["1.0"])[0])
    return [_measure(case, share, sample=sample) for case in _CASES for sample in (False, True)]


def _measure(case: _Case, share: float, *, sample: bool) -> Figure:
    """Return by which share the estimate is off, in either direction."""
    size = max(40, round(case.conversations * share))
    runs = [_run_both(case, size, sample=sample) for _ in range(repeats(share))]
    known = "a sample" if sample else "nothing"
    for budget, measured in runs:
        print(f"    {budget['seconds']:.1f} s said, {measured:.1f} s taken; {budget['limit']}")
    off = [100 * abs(budget["seconds"] / measured - 1) for budget, measured in runs]
    return figure(f"{case.name}, {known} known: off by", *off, unit="%", at_most=_BAR)


def _run_both(case: _Case, size: int, *, sample: bool) -> tuple[dict[str, Any], float]:
    """Return what plan says of an apply, and the seconds that it then took."""
    more = (
        *("--latency", str(case.latency), "--zammad-processes", "2"),
        *("--requests-per-minute", str(case.requests_per_minute)),
    )
    with (
        tempfile.TemporaryDirectory(prefix="migrate-estimate-") as folder,
        sandbox(size, posts=4, ports=_PORTS, more=more),
    ):
        config = _begin(Path(folder), case.requests_per_minute)
        if sample:
            _migrate(config, "apply", "--yes", "--limit", "20")
        budget: dict[str, Any] = json.loads(_migrate(config, "plan", "--json"))["budget"]
        began = time.monotonic()
        _migrate(config, "apply", "--yes")
        return budget, time.monotonic() - began


def _begin(folder: Path, requests_per_minute: int) -> Path:
    kayako, zammad = (f"http://127.0.0.1:{port}" for port in _PORTS)
    _run(
        *("init", str(folder), "--kayako-url", kayako, "--zammad-url", zammad),
        *("--kayako-email", "admin@example.com", "--kayako-password", "sandbox"),
        *("--zammad-token", "sandbox-token"),
    )
    config = folder / "config.yaml"
    text = config.read_text().replace("zammad:\n", "zammad:\n  settle_seconds: 0\n", 1)
    rate = f"requests_per_minute: {requests_per_minute}"
    config.write_text(text.replace("requests_per_minute: 300", rate, 1))
    return config


def _migrate(config: Path, *arguments: str) -> str:
    return _run("-c", str(config), *arguments)


def _run(*arguments: str) -> str:
    environment: dict[str, Any] = {**os.environ, "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-m", "runner", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
        env=environment,
    ).stdout
