"""What migrate costs beside the servers: a request, and a record without any request.

The same request goes to the same server, through the program's client and through a bare
``requests.Session``, in turns and from one thread. Then the CPU of whole runs is read, while
servers in a process of their own answer at once.

    python -m benchmarks overhead [share of the usual size, 1.0] [pairs] [runs]

With a share below 1 each run is made once instead of five times.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import requests

from benchmarks._counted import configured, counted
from benchmarks._figures import figure
from benchmarks._own import cost_of_records
from benchmarks._processes import finish, repeats, spent, start
from runner.config.load import load
from runner.kayako.paging import LIMIT
from runner.kayako.resources import POSTS_INCLUDE
from runner.pipeline.opening import connect_kayako
from runner.sandbox import both
from runner.zammad.client import Zammad

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from benchmarks._counted import Arrived, Servers
    from benchmarks._figures import Figure

_POSTS = 3.6
_PAIRS = 15
_IN_A_ROW = 40
_PAGE = "cases/1001/posts"
_QUERY = {"include": POSTS_INCLUDE, "limit": str(LIMIT)}
_TICKET = {
    "title": "The printer on the second floor",
    "group": "Users",
    "customer": "nicole.braun@zammad.org",
    "article": {
        "subject": "The printer on the second floor",
        "body": "<p>It prints every page twice since Monday.</p>" * 20,
        "content_type": "text/html",
        "type": "note",
        "internal": False,
    },
}
_VERBS = {"pull": ("pull",), "apply": ("apply", "--yes", "--no-pull")}


def main(arguments: list[str] | None = None) -> list[Figure]:
    """Measure the parts that are named, or both."""
    parts = {"pairs": _pairs, "runs": _runs}
    shares = [float(each) for each in arguments or () if each not in parts]
    chosen = [each for each in arguments or () if each in parts] or list(parts)
    share = shares[0] if shares else 1.0
    return [each for part in chosen for each in parts[part](share)]


def _pairs(share: float) -> Iterator[Figure]:
    """Ask in turns, with the client and without it."""
    pairs = max(3, round(_PAIRS * share))
    print(f"{pairs} pairs of {_IN_A_ROW} requests each, in turns")
    with counted(conversations=500, posts=_POSTS) as servers, configured(servers) as config:
        loaded = load(config)
        kayako, zammad = connect_kayako(loaded), Zammad(loaded.zammad)
        bare_kayako, bare_zammad = _bare(servers)
        tries: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
            "GET a conversation's messages": (
                lambda: kayako.get(_PAGE, _QUERY),
                bare_kayako,
            ),
            "POST a ticket": (lambda: zammad.create("/tickets", _TICKET), bare_zammad),
        }
        for name, (ours, bare) in tries.items():
            for each in (ours, bare):
                _took(each)
            found = [(_took(ours), _took(bare)) for _ in range(pairs)]
            walls = [mine[0] / theirs[0] for mine, theirs in found]
            figure(f"{name}: bare loop", *(1000 * theirs[0] for _, theirs in found), unit="ms")
            yield figure(f"{name}: time, client to bare loop", *walls, unit="x")
            more = [1000 * (mine[1] - theirs[1]) for mine, theirs in found]
            yield figure(f"{name}: CPU more than a bare loop", *more, unit="ms")
        kayako.close()
        zammad.close()


def _bare(servers: Servers) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Return the same two requests as anybody would write them."""
    source, target = requests.Session(), requests.Session()
    source.auth = (both.EMAIL, both.PASSWORD)
    target.headers["Authorization"] = f"Token token={both.TOKEN}"
    posts, tickets = f"{servers.kayako_url}/api/v1/{_PAGE}", f"{servers.zammad_url}/api/v1/tickets"

    def page() -> Any:
        answer = source.get(posts, params=_QUERY, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def ticket() -> Any:
        answer = target.post(tickets, json=_TICKET, timeout=60)
        answer.raise_for_status()
        return answer.json()

    return page, ticket


def _took(ask: Callable[[], Any]) -> tuple[float, float]:
    """Return the seconds, and those of CPU, that a request takes in a row of them."""
    began, busy = time.perf_counter(), time.process_time()
    for _ in range(_IN_A_ROW):
        ask()
    return (
        (time.perf_counter() - began) / _IN_A_ROW,
        (time.process_time() - busy) / _IN_A_ROW,
    )


def _runs(share: float) -> Iterator[Figure]:
    """Read the process's own CPU: of requests with servers that answer at once, and without."""
    conversations = max(100, round(1500 * share))
    print(f"\n{conversations} conversations of {_POSTS} posts; servers answer at once")
    found: dict[str, list[float]] = {"pull": [], "apply": [], "own": []}
    for _ in range(repeats(share)):
        with counted(conversations=conversations, posts=_POSTS) as servers:
            with configured(servers) as config:
                for verb, words in _VERBS.items():
                    found[verb].append(_cost(servers, start(config, *words)))
            found["own"].append(_own(servers))
    yield figure("pull: CPU a request (posts)", *found["pull"], unit="ms", at_most=3)
    yield figure("apply: CPU a request (tickets)", *found["apply"], unit="ms", at_most=3)
    yield figure("transform and ledger: CPU a record", *found["own"], unit="ms", at_most=1)


def _own(servers: Servers) -> float:
    """Return milliseconds of CPU a record, in a folder of its own."""
    with configured(servers) as config:
        finish(start(config, "pull"))
        return cost_of_records(config)


def _cost(servers: Servers, process: subprocess.Popen[str]) -> float:
    """Return milliseconds of CPU a request, between a tenth and the end of what arrives."""
    marks: list[tuple[int, float]] = []
    before = _sum(servers.arrived())
    while process.poll() is None:
        time.sleep(0.25)
        try:
            busy = spent(process.pid)
        except (OSError, IndexError):
            break
        marks.append((_sum(servers.arrived()) - before, busy))
    finish(process)
    last = next(at for at, mark in enumerate(marks) if mark[0] == marks[-1][0])
    first = next(at for at, mark in enumerate(marks) if mark[0] >= marks[-1][0] * 0.1)
    asked = marks[last][0] - marks[first][0]
    return 1000 * (marks[last][1] - marks[first][1]) / max(1, asked)


def _sum(arrived: Arrived) -> int:
    return len(arrived.kayako) + len(arrived.zammad)


if __name__ == "__main__":
    main(sys.argv[1:])
