"""A whole move: what a conversation costs at its start, in the middle and at its end, and memory.

The sandbox runs in a process of its own, so that only ``migrate`` is measured: CPU seconds of its
process are read at each progress line that it prints, its peak memory when it ends. The first
apply reads Kayako while it writes Zammad; then come those that find nothing to do, and those that
look everything over.

    python -m benchmarks scale [conversations, 20000] [apply,again,plan,verify,report]
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

import requests

from benchmarks._figures import Figure, figure
from benchmarks._sandbox import sandbox

POSTS = 3
_PROGRESS = re.compile(r"^tickets: ([\d,]+) of")
_PORTS = (8711, 8712)
_VERBS = {
    "apply": ("apply", "--yes"),
    "again": ("apply", "--yes", "--no-pull"),
    "plan": ("plan",),
    "verify": ("verify",),
    "report": ("report",),
}
_LAST_LINES = 20
Mark = tuple[int, float, float]
"""On the way: tickets that are through, CPU seconds so far, megabytes that are held."""
_READ_AHEAD = 1000
"""So many conversations Kayako is ahead at most: the last ones have been read already."""


@dataclass
class Run:
    """What one verb took: wall and CPU seconds, peak megabytes, and its marks on the way."""

    wall: float = 0.0
    cpu: float = 0.0
    peak: float = 0.0
    marks: list[Mark] = field(default_factory=list)


def main(arguments: list[str] | None = None) -> list[Figure]:
    """Print and return the figures."""
    given = arguments or []
    conversations = int(given[0]) if given else 20_000
    verbs = given[1].split(",") if len(given) > 1 else list(_VERBS)
    found: list[Figure] = []
    with (
        tempfile.TemporaryDirectory(prefix="migrate-scale-") as folder,
        sandbox(conversations, posts=POSTS, ports=_PORTS),
    ):
        config = configured(Path(folder), _PORTS)
        _without_its_own_ticket(_PORTS[1])
        print(f"{conversations:,} conversations with {POSTS} posts each")
        for verb in verbs:
            run = measured(config, *_VERBS[verb])
            found += _told(verb, run, conversations)
    return found


def _without_its_own_ticket(port: int) -> None:
    """Delete the ticket that every new Zammad has: among so many cases one has its number."""
    done = requests.delete(
        f"http://127.0.0.1:{port}/api/v1/tickets/1",
        headers={"Authorization": "Token token=sandbox-token"},
        timeout=10,
    )
    done.raise_for_status()


def _told(verb: str, run: Run, conversations: int) -> list[Figure]:
    print(f"\n{verb}: {run.wall:,.1f} s, of them {run.cpu:,.1f} s at work")
    bar = {"at_most": 400.0} if verb == "apply" else {}
    told = [
        figure(f"{verb}: CPU a conversation", 1000 * run.cpu / conversations, unit="ms"),
        figure(f"{verb}: wall a thousand conversations", 1e3 * run.wall / conversations, unit="s"),
        figure(f"{verb}: peak memory", run.peak, unit="MB", **bar),
    ]
    if verb != "apply" or len(run.marks) < 12:
        return told
    points = _along(run.marks, conversations)
    for at, marks in points.items():
        told.append(figure(f"apply: CPU a conversation at {at}", 1000 * _cost(marks), unit="ms"))
        told.append(figure(f"apply: memory at {at}", marks[-1][2], unit="MB"))
    first, *_, last = map(_cost, points.values())
    name = "apply: CPU at the end over CPU at the start"
    return [*told, figure(name, last / first, unit="x", at_most=1.1)]


def _along(marks: list[Mark], conversations: int) -> dict[str, list[Mark]]:
    """Return the marks at 1 %, 50 % and 100 %, a twentieth of the run each.

    The last conversations were read from Kayako before: they are no part of the end.
    """
    width = conversations // 20
    begins = {
        "1 %": conversations // 100,
        "50 %": conversations // 2 - width // 2,
        "100 %": conversations - _READ_AHEAD - width,
    }
    return {
        name: [mark for mark in marks if begin <= mark[0] <= begin + width]
        for name, begin in begins.items()
    }


def _cost(marks: list[Mark]) -> float:
    """Return CPU seconds a conversation from the first of these marks to the last."""
    (tickets, cpu, _), (later_tickets, later_cpu, _) = marks[0], marks[-1]
    return (later_cpu - cpu) / (later_tickets - tickets)


def measured(config: Path, *arguments: str, out: Path = Path(os.devnull)) -> Run:
    """Run one verb to its end and return what it took; ``out`` gets what it prints.

    Raises:
        SystemExit: it failed.
    """
    run, began = Run(), time.monotonic()
    with out.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "runner", "-c", str(config), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "NO_COLOR": "1", "MIGRATE_PROGRESS_SECONDS": "1"},
        )
    said: deque[str] = deque(maxlen=_LAST_LINES)
    for line in process.stderr or ():
        match = _PROGRESS.match(line)
        if match:
            tickets = int(match.group(1).replace(",", ""))
            run.marks.append((tickets, _cpu(process.pid), _megabytes(process.pid)))
        said.append(line)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{' '.join(arguments)} failed:\n{''.join(said)}")
    run.wall, run.cpu = time.monotonic() - began, usage.ru_utime + usage.ru_stime
    run.peak = usage.ru_maxrss * 1024 / 1e6
    return run


def configured(folder: Path, ports: tuple[int, int]) -> Path:
    """Return a config in ``folder`` for the servers on these ports, without limits."""
    urls = [f"http://127.0.0.1:{port}" for port in ports]
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


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _megabytes(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main(sys.argv[1:])
