"""How long the ledger takes to record and to reopen, and how much memory it needs.

Targets: 100,000 tickets with 1,000,000 children recorded durably within 5 minutes, reopened
within 10 seconds, in at most 600 MB. Each row runs in a process of its own, so that its peak
memory is its own. "Stock" is TinyDB's JSONStorage under CachingMiddleware, filled by
``insert_multiple``, then 20 more inserts, each flushed as a result that counts has to be.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from tinydb import TinyDB
from tinydb.middlewares import CachingMiddleware
from tinydb.storages import JSONStorage

from runner.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK = 100  # intents a block
ROWS = [(10_000, 0), (100_000, 0), (100_000, 10)]


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


def record(path: Path, count: int, children: int) -> str:
    """Record ``count`` tickets as a run does: intents by block, results, patched children."""
    begin = perf_counter()
    ledger = Ledger.open(path)
    tickets = ledger.table("tickets")
    first_block = last_block = 0.0
    for block in numbers(count):
        started = perf_counter()
        tickets.put_durably(intent(number) for number in block)
        for number in block:
            whole = result(number, children)
            tickets.put({**whole, "children": {"posts": {}, "time": {}}, "status": "partial"})
            tickets.patch(str(number), {"status": "done"}, whole["children"])
        last_block = perf_counter() - started
        first_block = first_block or last_block
    ledger.flush()
    recorded = perf_counter() - begin
    close = perf_counter()
    ledger.close()
    closed = perf_counter() - close
    return (
        f"record {recorded:7.1f} s  (first block {first_block * 1000:5.1f} ms, last "
        f"{last_block * 1000:5.1f} ms)  close {closed:5.1f} s"
    )


def journal(path: Path, count: int, children: int) -> str:
    """Record as ``record`` does, and stop without closing, as a killed run does."""
    ledger = Ledger.open(path)
    tickets = ledger.table("tickets")
    for block in numbers(count):
        for number in block:
            tickets.put(result(number, children))
    ledger.flush()
    return f"journal {path.with_name(path.name + '.journal').stat().st_size / 1e6:7.1f} MB left"


def reopen(path: Path, count: int, children: int) -> str:
    """Open what ``record`` or ``journal`` left, and look one ticket up."""
    begin = perf_counter()
    ledger = Ledger.open(path, read_only=True)
    found = ledger.table("tickets").get(str(count))
    if found is None or len(found["children"]["posts"]) != children:
        raise SystemExit("the ledger lost a ticket")
    return f"reopen {perf_counter() - begin:7.1f} s  ({path.stat().st_size / 1e6:.0f} MB)"


def stock(path: Path, count: int, children: int) -> str:
    """Fill TinyDB as it is shipped, then time inserts that count at once."""
    begin = perf_counter()
    middleware: Any = CachingMiddleware
    database: Any = TinyDB(path, storage=middleware(JSONStorage))
    table = database.table("tickets")
    table.insert_multiple(result(number, children) for number in range(1, count + 1))
    database.storage.flush()
    filled = perf_counter() - begin
    begin = perf_counter()
    for number in range(20):
        table.insert(result(count + 1 + number, children))
        database.storage.flush()
    each = (perf_counter() - begin) / 20
    database.close()
    return f"fill {filled:7.1f} s  then {each * 1000:7.0f} ms an insert"


STEPS = {"record": record, "reopen": reopen, "journal": journal, "recover": reopen, "stock": stock}


def main(_arguments: list[str] | None = None) -> None:
    """Run every step at every size and print a line for each."""
    for count, children in ROWS:
        print(f"{count:,} tickets, {children} children each")
        with tempfile.TemporaryDirectory() as folder:
            for step in STEPS:
                name = {"record": "a", "reopen": "a", "stock": "s"}.get(step, "b")
                arguments = [step, str(Path(folder) / f"{name}.json"), str(count), str(children)]
                subprocess.run([sys.executable, "-m", "benchmarks.ledger", *arguments], check=True)


def _one(step: str, path: str, count: str, children: str) -> None:
    told = STEPS[step](Path(path), int(count), int(children))
    print(f"  {step:8} {told:75} peak {megabytes():5.0f} MB", flush=True)


if __name__ == "__main__":
    if sys.argv[1:]:
        _one(*sys.argv[1:])
    else:
        main()
