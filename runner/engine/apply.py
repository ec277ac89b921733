"""Apply: the same changes that plan prints, carried out.

Groups, organizations and users have one writer (in import mode Zammad doubles parallel ones,
reference §0.12); tickets have several, each ticket one. Intents are written down before a block
is sent: a block is whatever came together while the workers were busy, at most 100 records.
"""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from runner.engine import (
    failures,
    knowledge_beside,
    results,
    shapes,
    write_knowledge,
    write_record,
    write_ticket,
)
from runner.engine.access import Access
from runner.engine.brake import Brake
from runner.engine.change import MOST_LISTED, Action, Change
from runner.engine.creations import Creations
from runner.engine.target import take_access
from runner.engine.world import NAMED, SOURCES
from runner.errors import OF_DATA, Interrupted, MigrateError, RecordError, Refused, unexpected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from runner.engine.agreement import Agreement
    from runner.engine.counts import Counts
    from runner.engine.target import Target
    from runner.engine.world import World

BLOCK = 100
STOPPED = "stopped; what was moved so far is written down"


class Watcher(Protocol):
    """Who is told how the run goes on."""

    def begin(self, entity: str, total: int) -> None:
        """A step begins; ``total`` is how many records it has."""

    def record(self, change: Change, problem: MigrateError | None) -> None:
        """One record is through."""

    def say(self, text: str) -> None:
        """Something worth a line happened."""


@dataclass(slots=True)
class Run:
    """One apply: what it works with and what it counted; at most 1,000 conflicts are listed.

    ``on_demand`` names entities whose records come along with those that need them; ``step`` is
    the entity that is worked on.
    """

    world: World
    target: Target
    counts: Counts
    watcher: Watcher
    stop: threading.Event
    workers: int
    lock: threading.Lock = field(default_factory=threading.Lock)
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    brake: Brake = field(default_factory=Brake)
    ended: MigrateError | None = None
    on_demand: frozenset[str] = frozenset()
    step: str = ""
    agreement: Agreement | None = None

    def agreed(self, entity: str, changes: Iterable[Change]) -> Iterator[Change]:
        """Yield the changes of a step; where a saved plan is carried out, only planned ones."""
        if self.agreement is not None:
            changes = self.agreement.checked(entity, changes)
        return iter(changes)

    def allows(self, table: str, source_id: str) -> bool:
        """Say whether what stands beside a record may be written: a link, a picture."""
        return self.agreement is None or self.agreement.allows(table, source_id)

    def look_at_brake(self) -> None:
        """Stop everything when there is a reason to end."""
        if self.ended is None:
            self.ended = self.brake.why(self.counts)
            if self.ended is not None:
                self.stop.set()

    def why_stopped(self) -> MigrateError:
        """Return what to raise once the run is to stop."""
        return self.ended or Interrupted(STOPPED, advice="run the same command again to go on")

    def settle(self, change: Change, problem: MigrateError | None = None) -> None:
        """Count a record and tell the watcher; ``problem`` makes it a failed one."""
        action = Action.FAIL if problem is not None else change.action
        extra = change.entity in SOURCES and change.source_id in self.world.promised
        extra = extra or (change.entity in self.on_demand and change.entity != self.step)
        if change.entity in knowledge_beside.SOURCES:
            extra = change.source_id.startswith(NAMED)
        with self.lock:
            self.counts.count(change.entity, action, extra=extra)
            self.conflicts += islice(change.conflict_rows(), MOST_LISTED - len(self.conflicts))
            self.look_at_brake()
        self.watcher.record(change, problem)


def listed(run: Run, entity: str, changes: Iterable[Change]) -> None:
    """Carry out the changes of everything but tickets, one after the other."""
    block: list[Change] = []
    for change in changes:
        raise_if_stopped(run)
        block.append(change)
        if len(block) == BLOCK:
            _write_block(run, block)
            block = []
    _write_block(run, block)
    if entity == "groups" and run.target.is_open:
        take_access(run.target.zammad)


def _write_block(run: Run, block: list[Change]) -> None:
    _note_intents(run, block)
    for change in block:
        raise_if_stopped(run)
        _write_listed(run, change)
    run.world.ledger.flush()


def _note_intents(run: Run, block: list[Change]) -> None:
    """Open the target at the first real change, and write down what is about to be sent.

    What is changed on an adopted record is written down too, with what it was before.
    """
    if any(change.writes for change in block):
        run.target.open()
    by_entity: dict[str, list[Change]] = {}
    for change in block:
        created = change.action is Action.CREATE and not change.resume
        if created or (change.adopted and change.fields and change.target_id is not None):
            by_entity.setdefault(change.entity, []).append(change)
    for entity, changes in by_entity.items():
        table = run.world.ledger.table(entity)
        table.put_durably([results.intent(each, table.get(each.source_id)) for each in changes])
    _note_more_articles(run, block)


def _note_more_articles(run: Run, block: list[Change]) -> None:
    """Write down which real message ids are about to come into tickets that are there."""
    table = run.world.ledger.table("tickets")
    written = [change for change in block if change.action is not Action.CREATE or change.resume]
    documents = (results.on_the_way(each, table.get(each.source_id) or {}) for each in written)
    found = [document for document in documents if document is not None]
    if found:
        table.put_durably(found)


def _write_listed(run: Run, change: Change) -> None:
    table = run.world.ledger.table(change.entity)
    if not _needs_writing(run, change):
        run.settle(change)
        return
    try:
        if change.creates:
            Creations(run.world, run.target.zammad).prepare(change)
        writer = write_knowledge if change.entity in knowledge_beside.SOURCES else write_record
        table.put(writer.write(run.world, run.target.zammad, change))
    except RecordError as error:
        if isinstance(error, Refused) and _is_closed(run.world, change.entity, error):
            _leave_out(run, change)
            return
        table.put(results.failed(change, error, known=table.get(change.source_id)))
        run.settle(change, error)
    except OF_DATA as surprise:
        problem = unexpected(surprise, sent=True)
        table.put(results.failed(change, problem, known=table.get(change.source_id)))
        run.settle(change, problem)
    else:
        run.settle(change)


def _is_closed(world: World, entity: str, refusal: Refused) -> bool:
    """Say whether Zammad takes no records of a kind at all, so that the run goes on without."""
    if entity in knowledge_beside.SOURCES:
        return knowledge_beside.close(world, entity, refusal)
    return shapes.close(world, entity, refusal)


def _leave_out(run: Run, change: Change) -> None:
    """Write down that Zammad takes no records of this kind; what this run meant to send was not."""
    table = run.world.ledger.table(change.entity)
    known = table.get(change.source_id)
    if known is not None and known["status"] == "intended" and not change.resume:
        known = None
    change = shapes.left_out(change, run.world.closed[change.entity])
    table.put(results.skipped(change, known=known))
    run.settle(change)


def _needs_writing(run: Run, change: Change) -> bool:
    """Write down skips and failures; say whether anything is left to be done."""
    table = run.world.ledger.table(change.entity)
    known = table.get(change.source_id)
    if change.action is Action.FAIL:
        table.put(results.failed(change, change.reason, known=known))
        return False
    if change.action is Action.SKIP:
        document = results.skipped(change, known=known)
        if known is None or known["notes"] != document["notes"]:
            table.put(document)
        return False
    if change.action is Action.UNCHANGED:
        if known is None or known["status"] != "done":
            return change.adopted
        _forgive(run, change.entity, known)
        return False
    return True


def _forgive(run: Run, entity: str, known: dict[str, Any]) -> None:
    """Forget a failure of an earlier run that is over."""
    notes = known.get("notes") or []
    if any(note[0] == "failed" for note in notes):
        run.world.ledger.table(entity).put(failures.without(known))


def ticket_stream(run: Run, changes: Iterator[Change], *, ready: Callable[[], bool]) -> None:
    """Carry out the changes of tickets with several workers.

    Args:
        run: the run.
        changes: tickets, and the placeholders they need, in order.
        ready: says whether the next change is there without waiting for Kayako; where it is not,
            what came together so far is sent at once.
    """
    pool = _Pool(run)
    block: list[Change] = []
    try:
        for change in changes:
            raise_if_stopped(run)
            pool.raise_if_broken()
            if change.entity != "tickets":
                _write_block(run, [change])
                if change.entity == "groups":
                    take_access(run.target.zammad)
                continue
            if _needs_writing(run, change):
                block.append(change)
            else:
                run.settle(change)
            if block and (len(block) >= BLOCK or pool.is_idle() or not ready()):
                _hand_over(run, pool, block)
                block = []
        _hand_over(run, pool, block)
    finally:
        pool.join()
    pool.raise_if_broken()


def _hand_over(run: Run, pool: _Pool, block: list[Change]) -> None:
    if not block:
        return
    if any(change.writes for change in block):
        run.target.open()
        pool.creations.prove_states()
    _note_intents(run, block)
    for change in block:
        try:
            if change.writes:
                pool.creations.prepare(change)
                pool.access.prepare(change)
        except RecordError as error:
            pool.fail(change, error)
            continue
        pool.put(change)


class _Pool:
    """Threads that write tickets; a bounded queue keeps few of them in memory."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.access = Access(run.world, run.target.zammad)
        self.creations = Creations(run.world, run.target.zammad)
        self._queue: queue.Queue[Change | None] = queue.Queue(maxsize=run.workers)
        self._broken: MigrateError | BaseException | None = None
        self._threads = [
            threading.Thread(target=self._work, name=f"writer-{number}", daemon=True)
            for number in range(run.workers)
        ]
        for thread in self._threads:
            thread.start()

    def put(self, change: Change) -> None:
        """Hand a ticket to the next free worker; waits while all are busy."""
        while self._broken is None:
            try:
                self._queue.put(change, timeout=0.2)
            except queue.Full:
                continue
            return

    def is_idle(self) -> bool:
        """Say whether a worker has nothing to do."""
        return self._queue.empty()

    def fail(self, change: Change, error: RecordError) -> None:
        """Write down that a ticket could not be moved."""
        table = self.run.world.ledger.table("tickets")
        table.put(results.failed(change, error, known=table.get(change.source_id)))
        self.run.settle(change, error)

    def join(self) -> None:
        """Let the workers finish what they have, then end them."""
        for _ in self._threads:
            while any(thread.is_alive() for thread in self._threads):
                try:
                    self._queue.put(None, timeout=0.2)
                except queue.Full:
                    continue
                break
        for thread in self._threads:
            thread.join()
        self.run.world.ledger.flush()

    def raise_if_broken(self) -> None:
        """Raise what made a worker give up, if any did."""
        if self._broken is not None:
            raise self._broken

    def _work(self) -> None:
        while True:
            change = self._queue.get()
            if change is None:
                return
            if self._broken is None and self.run.stop.is_set():
                self._broken = self.run.why_stopped()
            if self._broken is not None:
                continue
            try:
                write_ticket.write(self.run.world, self.run.target.zammad, change)
            except RecordError as error:
                self.fail(change, error)
            except OF_DATA as error:
                self.fail(change, unexpected(error, sent=True))
            except BaseException as error:  # noqa: BLE001 - handed to the main thread
                self._broken = error
            else:
                self.run.settle(change)


def raise_if_stopped(run: Run) -> None:
    """Raise ``Interrupted`` when the run is to stop: between two writes, never inside one."""
    if run.stop.is_set():
        raise run.why_stopped()
