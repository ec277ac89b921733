"""Both fake servers in a process of their own that tells, when asked, what has arrived there.

    python -m benchmarks._counted '{"conversations": 100}'

Each line on its standard input is answered with one line of JSON; the end of the input ends it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import yaml

from runner.sandbox import both
from runner.sandbox.data import generate
from runner.sandbox.data.table import Table
from runner.sandbox.faults import ZAMMAD_SERVICE_TIMES

if TYPE_CHECKING:
    from collections.abc import Iterator

WRITES = {"POST tickets": 0.080, "POST ticket_articles": 0.050, "PUT tickets": 0.077}
"""What the three kinds of requests that write a ticket occupy a process of Zammad, in seconds."""
CUSTOMERS = 20


@dataclass(frozen=True)
class Arrived:
    """What has arrived so far; moments are the server's ``time.monotonic()``.

    Attributes:
        kayako: The moment of each request to Kayako.
        posts_from: Of the first of them that asked for a conversation's posts.
        zammad: For each request to Zammad its kind (``POST tickets``) and moment.
    """

    kayako: list[float]
    posts_from: float | None
    zammad: list[tuple[str, float]]

    def counted_since(self, moment: float) -> dict[str, int]:
        """Return how many requests of each kind wrote tickets since then.

        What proves, before the first ticket, that Zammad keeps what it is given is not among them.
        """
        counts = dict.fromkeys(WRITES, 0)
        for kind, at in self.zammad:
            if kind in WRITES and at >= moment:
                counts[kind] += 1
        return counts

    def tickets_from(self) -> float:
        """Return the moment at which tickets could be written: all before them was sent.

        It is that of the last request before the first ticket that came after people.
        """
        kinds = [kind for kind, _ in self.zammad]
        people = max(number for number, kind in enumerate(kinds) if kind == "POST users")
        return self.zammad[kinds.index("POST tickets", people) - 1][1]

    def written(self) -> list[float]:
        """Return the moments of the requests that wrote tickets, in order."""
        return sorted(at for kind, at in self.zammad if kind in WRITES)


class Servers:
    """The process: its addresses, and what arrived there."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._in, self._out = cast("IO[str]", process.stdin), cast("IO[str]", process.stdout)
        urls = json.loads(self._out.readline())
        self.kayako_url, self.zammad_url = urls["kayako"], urls["zammad"]

    def arrived(self) -> Arrived:
        """Ask what has arrived so far."""
        self._in.write("\n")
        self._in.flush()
        told = json.loads(self._out.readline())
        rows = [(str(kind), float(at)) for kind, at in told["zammad"]]
        return Arrived(told["kayako"], told["posts_from"], rows)


@contextmanager
def counted(**options: Any) -> Iterator[Servers]:
    """Serve while the block runs.

    Args:
        options: ``conversations``; ``posts`` in each of them, on average; ``latency`` of Kayako, in
            seconds; ``requests_per_minute``, beyond which Kayako answers 429; ``processes``, so
            many requests Zammad serves at once, and writes as slowly as a real one.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks._counted", json.dumps(options)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Servers(process)
    finally:
        cast("IO[str]", process.stdin).close()
        process.wait(20)


@contextmanager
def configured(servers: Servers, **settings: dict[str, Any]) -> Iterator[Path]:
    """Make a folder with a config for the servers; the block gets the config file.

    Args:
        servers: Whom to ask.
        settings: What differs from the config of ``migrate init``, by section.
    """
    with tempfile.TemporaryDirectory(prefix="migrate-bench-") as folder:
        subprocess.run(
            [
                *(sys.executable, "-m", "runner", "init", folder),
                *("--kayako-url", servers.kayako_url, "--zammad-url", servers.zammad_url),
                *("--kayako-email", both.EMAIL, "--kayako-password", both.PASSWORD),
                *("--zammad-token", both.TOKEN),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        config = Path(folder) / "config.yaml"
        content = yaml.safe_load(config.read_text())
        content["zammad"]["settle_seconds"] = 0
        content["kayako"]["requests_per_minute"] = 100_000
        for section, values in settings.items():
            content.setdefault(section, {}).update(values)
        config.write_text(yaml.safe_dump(content))
        yield config


def _serve(options: dict[str, Any]) -> None:
    helpdesk = generate(options["conversations"], options.get("posts", 6), users=CUSTOMERS)
    # Time entries cost requests of their own, which the figures of a ticket do not hold.
    helpdesk.tables["timetracking_log"] = Table()
    with both.start(helpdesk) as sandbox:
        faults = sandbox.kayako.faults
        faults.latency = options.get("latency", 0.0)
        faults.requests_per_minute = options.get("requests_per_minute")
        if options.get("processes"):
            sandbox.zammad.faults.concurrency = options["processes"]
            slower = options.get("slower", 1.0)
            times = {kind: slower * each for kind, each in ZAMMAD_SERVICE_TIMES.items()}
            sandbox.zammad.faults.service_times = times
        _tell({"kayako": sandbox.kayako_url, "zammad": sandbox.zammad_url})
        for _ in sys.stdin:
            _tell(_arrived(sandbox))


def _arrived(sandbox: both.Sandbox) -> dict[str, Any]:
    times = list(sandbox.kayako.faults.counts.times)
    # Both are in order of arrival, and no fault keeps a request out of the second.
    paths = [one.path for one in list(sandbox.kayako.requests)]
    first = next((number for number, path in enumerate(paths) if path.endswith("/posts")), None)
    return {
        "kayako": times,
        "posts_from": None if first is None else times[first],
        "zammad": [(_kind(one), one.at) for one in list(sandbox.zammad.requests)],
    }


def _kind(logged: Any) -> str:
    return f"{logged.method} {logged.path.removeprefix('/api/v1/').split('/')[0]}"


def _tell(what: Any) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    _serve(json.loads(sys.argv[1]))
