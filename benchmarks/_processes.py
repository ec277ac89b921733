"""The program as a process of its own: started, waited for, and its CPU read while it runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def start(config: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start ``migrate`` with arguments; what it prints is not looked at."""
    return subprocess.Popen(
        [sys.executable, "-m", "runner", "-c", str(config), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
    )


def finish(process: subprocess.Popen[str]) -> None:
    """Wait for a process.

    Raises:
        SystemExit: It failed.
    """
    if process.wait():
        raise SystemExit(f"{process.args!r} ended with {process.returncode}")


def spent(process: int) -> float:
    """Return the CPU seconds of a process that runs.

    Raises:
        OSError: It does not run any more.
        IndexError: The same.
    """
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def repeats(share: float) -> int:
    """Return how often a run of less than three minutes is made: its figure is the median."""
    return 5 if share >= 1 else 1
