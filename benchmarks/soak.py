"""Apply again and again while both servers fail, people go on working and the run is killed.

Then nothing fails any more, and what stands in Zammad is compared with the truth, told from the
helpdesk's data alone. A run's memory is flat when none ever needed more than the last one, which
finds nothing to do and has the whole ledger in memory, and a little for what is under way.

    python -m benchmarks soak [--minutes 20] [--conversations 10000] [--seed 1]
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from benchmarks import _soaked
from runner.sandbox.both import EMAIL, PASSWORD, TOKEN
from tests.behaviour.support import Place, environment, line
from tests.crashing.processes import Servers, free_ports

_FAULTS = 0.02
_KILLS = 5
_EDITS = 40
_FIRST_PASS = 0.15  # of the time the answers take: after each fault fewer ask, which takes more
_REQUESTS_EACH = 8  # of a conversation with six posts
_WORKERS = 4
_SHARE, _UNDER_WAY = 1.3, 30.0  # times, and MB, by which a run may exceed the last one
_SHOWN = 20


def main(arguments: list[str] | None = None) -> None:
    """Print a line a run and the verdict; end with 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks soak")
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--conversations", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args(arguments or [])
    secrets = (EMAIL, PASSWORD, TOKEN)
    sandbox = _soaked.servers(wanted.conversations, rate=_FAULTS, seed=wanted.seed, secrets=secrets)
    ports = free_ports()
    with (
        tempfile.TemporaryDirectory(prefix="migrate-soak-") as folder,
        closing(Servers(sandbox, ports)) as servers,
    ):
        place = Place.make(Path(folder) / "place", *(f"http://127.0.0.1:{port}" for port in ports))
        settings = f"go_live: {_soaked.GO_LIVE}\noptions:\n  secondary_organizations: true\n"
        place.edit("config.yaml", "# go_live:", f"{settings}# go_live:")
        soak = _Soak(servers, place)
        soak.under_stress(wanted.minutes * 60, wanted.conversations, random.Random(wanted.seed))
        problems = soak.settled()
    for problem in problems:
        print(problem)
    print("failed" if problems else "nothing lost, nothing doubled, nobody mailed, memory flat")
    if problems:
        raise SystemExit(1)


class _Soak:
    """The runs of one soak, and what was seen of them."""

    def __init__(self, servers: Servers, place: Place) -> None:
        self._servers = servers
        self._place = place
        self._output = place.folder / "output.log"
        self._peaks: list[float] = []
        self._began = time.monotonic()
        print(f"{'ended':<10}{'after s':>9}{'took s':>8}{'tickets':>9}{'faults':>8}{'peak MB':>9}")

    def under_stress(self, seconds: float, conversations: int, chance: random.Random) -> None:
        """Run for so many seconds, with kills and edits at seeded moments."""
        latency = seconds * _FIRST_PASS * _WORKERS / (conversations * _REQUESTS_EACH)
        self._servers.ask(_soaked.disturb, _FAULTS, latency)
        kills = sorted(chance.uniform(0.05, 0.9) * seconds for _ in range(_KILLS))
        edits = [seconds * number / _EDITS for number in range(1, _EDITS)]
        while time.monotonic() - self._began < seconds or kills:
            self._run(("apply", "--yes"), kills, edits)
        for left in edits:
            self._servers.ask(_soaked.work, round(left))

    def settled(self) -> list[str]:
        """Let all be well again, finish, and return what is wrong then."""
        self._servers.ask(_soaked.disturb, 0.0, 0.0)
        self._run(("apply", "--yes"), [], [])
        if self._run(("apply", "--yes", "--json"), [], []) or self._wrote():
            return [f"the last apply: {self._output.read_text()[-2000:]}"]
        last = self._peaks[-1]
        most = max(self._peaks)
        problems = []
        if most > last * _SHARE + _UNDER_WAY:
            problems.append(f"memory: a run needed {most:.0f} MB, the last one {last:.0f}")
        for verb in (("verify", "--sample", "500"), ("finish", "--accept", "--yes")):
            if self._run(verb, [], []):
                problems += [f"{verb[0]}: {self._output.read_text()[-2000:]}"]
        for kind, lines in self._servers.ask(_soaked.wrong).items():
            print(f"{kind}: {len(lines)}")
            problems += [f"{kind}: {each[:300]}" for each in lines[:_SHOWN]]
        return problems

    def _wrote(self) -> bool:
        return bool(json.loads(self._output.read_text())["wrote"])

    def _run(self, verb: tuple[str, ...], kills: list[float], edits: list[float]) -> int:
        """Run a verb to its end or to the next of ``kills``; print its line, return its code."""
        began, peak, ended = time.monotonic(), 0.0, ""
        with self._output.open("w") as output:
            process = subprocess.Popen(
                line("-c", str(self._place.folder / "config.yaml"), *verb),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL,
                env=environment(),
            )
            while process.poll() is None:
                time.sleep(0.2)
                peak = max(peak, _resident(process.pid))
                now = time.monotonic() - self._began
                if edits and now >= edits[0]:
                    self._servers.ask(_soaked.work, round(edits.pop(0)))
                if kills and now >= kills[0]:
                    kills.pop(0)
                    process.kill()
                    process.wait()
                    ended = "killed"
        self._peaks.append(peak)
        ended = ended or f"{verb[0]} {process.returncode}"
        moments = f"{time.monotonic() - self._began:>9.0f}{time.monotonic() - began:>8.0f}"
        there = f"{self._servers.ask(_soaked.tickets):>9,}{self._servers.ask(_soaked.faults):>8,}"
        print(f"{ended:<10}{moments}{there}{peak:>9.0f}", flush=True)
        return process.returncode


def _resident(process_id: int) -> float:
    """Return the resident memory of a process in MB; 0 when it has ended."""
    try:
        text = Path(f"/proc/{process_id}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    found = [row.split()[1] for row in text.splitlines() if row.startswith("VmRSS")]
    return int(found[0]) / 1024 if found else 0.0


if __name__ == "__main__":
    main(sys.argv[1:])
