"""A long run: peak memory, and what a ticket costs at its start and at its end.

The sandbox runs in a process of its own, so that only ``migrate`` is measured. CPU seconds of the
process are read while it goes on, at every progress line that it prints.

    python -m benchmarks size [conversations]
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_PROGRESS = re.compile(r"^tickets: ([\d,]+) of")
_PORTS = (8711, 8712)


def main(arguments: list[str] | None = None) -> None:
    """Print one table."""
    conversations = int((arguments or ["10000"])[0])
    with tempfile.TemporaryDirectory(prefix="migrate-size-") as folder:
        sandbox = _sandbox(conversations)
        try:
            _measure(Path(folder), conversations)
        finally:
            sandbox.send_signal(signal.SIGINT)
            sandbox.wait(20)


def _sandbox(conversations: int) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "runner", "sandbox"),
            *("--conversations", str(conversations), "--posts", "6"),
            *("--kayako-port", str(_PORTS[0]), "--zammad-port", str(_PORTS[1])),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    if process.stdout is not None:
        process.stdout.readline()
    return process


def _measure(folder: Path, conversations: int) -> None:
    config = _config(folder)
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "runner", "-c", str(config), "apply", "--yes"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
    )
    marks: list[tuple[int, float]] = []
    peak = 0
    for line in process.stderr or ():
        peak = max(peak, _memory(process.pid))
        match = _PROGRESS.match(line)
        if match:
            marks.append((int(match.group(1).replace(",", "")), _cpu(process.pid)))
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    peak = max(peak, usage.ru_maxrss * 1024)
    cpu = usage.ru_utime + usage.ru_stime
    print(f"conversations            {conversations:>10,}")
    print(f"exit code                {os.waitstatus_to_exitcode(status):>10}")
    print(f"wall seconds             {seconds:>10.1f}")
    print(f"CPU seconds              {cpu:>10.1f}")
    print(f"peak memory, MB          {peak / 1e6:>10.1f}")
    if len(marks) >= 4:
        third = max(1, len(marks) // 3)
        first, last = _cost(marks[: third + 1]), _cost(marks[-third - 1 :])
        print(f"CPU ms a ticket, start   {first * 1e3:>10.2f}")
        print(f"CPU ms a ticket, end     {last * 1e3:>10.2f}")
        print(f"end / start              {last / first:>10.2f}")


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


def _memory(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main(sys.argv[1:])
