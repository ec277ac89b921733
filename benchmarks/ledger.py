"""How long the ledger takes to record, to add and to reopen, and how much memory it needs.

Bars: 100,000 tickets with 1,000,000 children recorded durably within 5 minutes, reopened within 10
seconds, in at most 600 MB. Each step runs in a process of its own, so that its peak memory is its
own. Beside it stand TinyDB's own storages, JSONStorage alone and under CachingMiddleware, filled by
``insert_multiple``; then 20 more documents are inserted, each on the disk before the next.

    python -m benchmarks ledger [rounds of our own steps, 1]
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

from tinydb import TinyDB
from tinydb.middlewares import CachingMiddleware
from tinydb.storages import JSONStorage

from benchmarks._figures import Figure, figure
from runner.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BLOCK = 100  # intents a block
ROWS = [(10_000, 0), (100_000, 0), (100_000, 10)]
MORE = 20  # documents that are added one by one
_UNITS = {"s", "ms", "MB"}
_BARS = {"record s": 300.0, "record MB": 600.0, "reopen s": 10.0, "reopen MB": 600.0}


def megabytes() -> float:
    """Return the peak memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def intent(number: int) -> dict[str, Any]:
    """Return the document that is journalled before ticket ``number`` is sent."""
    return {"source_id": str(number), "status": "intended", "action": "create"}


def result(number: int, children: int) -> dict[str, Any]:
    """Return the document of a ticket that is written, with its ``children``."""
    digest = sha256(str(number).encode()).hexdigest()
    posts = {
        str(number * 10 + child): [number * 11 + child, sha256(b"%d" % child).hexdigest()]
        for child in range(children)
    }
    return {
        "source_id": str(number),
        "target_id": number + 7,
        "status": "done",
        "action": "create",
        "adopted": False,
        "before": None,
        "fingerprint": digest,
        "applied": {
            "title": f"Conversation {number}",
            "number": str(number),
            "group_id": 3,
            "customer_id": number % 5000,
            "owner_id": 12,
            "state_id": 4,
            "priority_id": 2,
            "created_at": "2021-08-27T10:49:56Z",
            "updated_at": "2021-08-28T10:49:56Z",
        },
        "deferred": {},
        "children": {"posts": posts, "time": {}},
        "notes": [],
        "at": "2026-11-23T10:49:56Z",
    }


def numbers(count: int) -> Iterator[range]:
    """Yield the numbers of all tickets, a block of intents each."""
    for first in range(1, count + 1, BLOCK):
        yield range(first, min(first + BLOCK, count + 1))


def record(path: Path, count: int, children: int) -> dict[str, float]:
    """Record ``count`` tickets as a run does: intents by block, tickets, tickets with articles."""
    began = perf_counter()
    with Ledger.open(path) as ledger:
        tickets = ledger.table("tickets")
        for block in numbers(count):
            tickets.put_durably(intent(number) for number in block)
            for number in block:
                whole = result(number, children)
                tickets.put({**whole, "children": {"posts": {}, "time": {}}, "status": "partial"})
                tickets.put(whole)
    return {"s": perf_counter() - began}


def append(path: Path, count: int, children: int) -> dict[str, float]:
    """Add documents one by one, each on the disk before the next."""
    with Ledger.open(path) as ledger:
        tickets = ledger.table("tickets")
        tickets.get("1")  # the first look reads all ids
        began = perf_counter()
        for number in range(count + 1, count + 1 + MORE):
            tickets.put_durably([result(number, children)])
        each = (perf_counter() - began) / MORE
    return {"ms an insert": 1000 * each}


def journal(path: Path, count: int, children: int) -> dict[str, float]:
    """Record as ``record`` does, and stop without closing, as a killed run does."""
    ledger = Ledger.open(path)
    tickets = ledger.table("tickets")
    for block in numbers(count):
        for number in block:
            tickets.put(result(number, children))
    ledger.flush()
    return {"MB on disk": path.with_name(path.name + ".journal").stat().st_size / 1e6}


def reopen(path: Path, count: int, children: int) -> dict[str, float]:
    """Open what ``record`` or ``journal`` left, and look one ticket up.

    Raises:
        SystemExit: it is not there.
    """
    began = perf_counter()
    found = Ledger.open(path, read_only=True).table("tickets").get(str(count))
    if found is None or len(found["children"]["posts"]) != children:
        raise SystemExit("the ledger lost a ticket")
    return {"s": perf_counter() - began}


def _filled(database: TinyDB, flush: Callable[[], object], count: int, children: int) -> float:
    """Fill a database of TinyDB's own; return milliseconds that one more document takes."""
    table = database.table("tickets")
    table.insert_multiple(result(number, children) for number in range(1, count + 1))
    flush()
    began = perf_counter()
    for number in range(count + 1, count + 1 + MORE):
        table.insert(result(number, children))
        flush()
    return 1000 * (perf_counter() - began) / MORE


def plain(path: Path, count: int, children: int) -> dict[str, float]:
    """Do the same with TinyDB's JSONStorage."""
    with TinyDB(path) as database:
        return {"ms an insert": _filled(database, lambda: None, count, children)}


def cached(path: Path, count: int, children: int) -> dict[str, float]:
    """Do the same with TinyDB's CachingMiddleware, flushed where a result is to count."""
    middleware: Any = CachingMiddleware
    storage = middleware(JSONStorage)
    with TinyDB(path, storage=storage) as database:
        return {"ms an insert": _filled(database, storage.flush, count, children)}


STEPS = {
    "record": (record, "ours"),
    "reopen": (reopen, "ours"),
    "append": (append, "ours"),
    "journal": (journal, "killed"),
    "recover": (reopen, "killed"),
    "JSONStorage": (plain, "plain"),
    "CachingMiddleware": (cached, "cached"),
}
_TINYDB = ("JSONStorage", "CachingMiddleware")


def main(arguments: list[str] | None = None) -> list[Figure]:
    """Run every step at every size and return the figures."""
    rounds = int((arguments or ["1"])[0])
    found: list[Figure] = []
    for count, children in ROWS:
        print(f"\n{count:,} tickets, {children} children each")
        runs: dict[str, list[float]] = {}
        for each in range(rounds):
            with tempfile.TemporaryDirectory(prefix="migrate-ledger-") as folder:
                for step in STEPS if each == 0 else [one for one in STEPS if one not in _TINYDB]:
                    for name, value in _apart(step, Path(folder), count, children).items():
                        runs.setdefault(f"{step} {name}", []).append(value)
        largest = (count, children) == ROWS[-1]
        for name, values in runs.items():
            bar = {"at_most": _BARS[name]} if largest and name in _BARS else {}
            title = f"{name}: {count:,} tickets, {count * children:,} children"
            unit = next(word for word in name.split() if word in _UNITS)
            found.append(figure(title, *values, unit=unit, **bar))
    return found


def _apart(step: str, folder: Path, count: int, children: int) -> dict[str, float]:
    """Run one step in a process of its own; return what it measured, with its peak memory."""
    path = str(folder / f"{STEPS[step][1]}.json")
    command = [sys.executable, "-m", "benchmarks.ledger", step, path, str(count), str(children)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def _one(step: str, path: str, count: str, children: str) -> None:
    measured = STEPS[step][0](Path(path), int(count), int(children))
    print(json.dumps({**measured, "CPU s": process_time(), "MB": megabytes()}))


if __name__ == "__main__":
    _one(*sys.argv[1:])
