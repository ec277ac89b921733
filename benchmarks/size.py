"""A long run: peak memory, and what a ticket costs at its start and at its end.

The sandbox runs in a process of its own, so that only ``migrate`` is measured. CPU seconds of the
process are read while it goes on, at every progress line that it prints.

    python -m benchmarks size [conversations]
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks._sandbox import sandbox

_PROGRESS = re.compile(r"^(\w+): ([\d,]+) of")
_PORTS = (8711, 8712)


def main(arguments: list[str] | None = None) -> None:
    """Print one table."""
    conversations = int((arguments or ["10000"])[0])
    with (
        tempfile.TemporaryDirectory(prefix="migrate-size-") as folder,
        sandbox(conversations, posts=6, ports=_PORTS),
    ):
        _measure(Path(folder), conversations)


def _measure(folder: Path, conversations: int) -> None:
    config = _config(folder)
    print(f"{conversations:,} conversations with 6 posts each\n")
    print(f"{'':<22}{'wall s':>8}{'CPU s':>8}{'peak MB':>9}{'CPU ms each: start':>20}{'end':>7}")
    _run(config, "pull", "posts", "pull")
    _run(config, "apply", "tickets", "apply", "--yes", "--no-pull")
    _run(config, "apply again", "tickets", "apply", "--yes", "--no-pull")


def _run(config: Path, title: str, unit: str, *arguments: str) -> None:
    """Run one verb to its end and print what it took; ``unit`` names its progress lines."""
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "runner", "-c", str(config), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "NO_COLOR": "1", "MIGRATE_PROGRESS_SECONDS": "2"},
    )
    marks: list[tuple[int, float]] = []
    for line in process.stderr or ():
        match = _PROGRESS.match(line)
        if match and match.group(1) == unit:
            marks.append((int(match.group(2).replace(",", "")), _cpu(process.pid)))
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{title} failed")
    cpu = usage.ru_utime + usage.ru_stime
    row = f"{title:<22}{time.monotonic() - began:>8.1f}{cpu:>8.1f}{usage.ru_maxrss / 1024:>9.1f}"
    if len(marks) >= 4:
        part = max(1, len(marks) // 4)
        first, last = _cost(marks[: part + 1]), _cost(marks[-part - 1 :])
        row += f"{first * 1e3:>20.2f}{last * 1e3:>7.2f}"
    print(row, flush=True)


def _config(folder: Path) -> Path:
    urls = [f"http://127.0.0.1:{port}" for port in _PORTS]
    subprocess.run(
        [
            *(sys.executable, "-m", "runner", "init", str(folder)),
            *("--kayako-url", urls[0], "--zammad-url", urls[1]),
            *("--kayako-email", "admin@example.com", "--kayako-password", "sandbox"),
            *("--zammad-token", "sandbox-token"),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    config = folder / "config.yaml"
    text = config.read_text().replace("zammad:\n", "zammad:\n  settle_seconds: 0\n", 1)
    config.write_text(text.replace("requests_per_minute: 300", "requests_per_minute: 100000"))
    return config


def _cost(marks: list[tuple[int, float]]) -> float:
    """Return CPU seconds a ticket between the first and the last of these."""
    (tickets, cpu), (later_tickets, later_cpu) = marks[0], marks[-1]
    return (later_cpu - cpu) / max(1, later_tickets - tickets)


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main(sys.argv[1:])
