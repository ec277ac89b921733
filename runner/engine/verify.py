"""Verify: read Zammad back and compare it with what transform says now of the snapshot.

Lists first (groups, organizations, users and the like, then all tickets for the counts), then the
conversations one by one with several workers, then what of ours lies in tickets that are not.
Nothing is kept a record but a bit for each ticket id; differences are kept up to a limit.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.engine import avatars, conversations, tickets, verify_knowledge, verify_ticket
from runner.engine.change import Action, Change
from runner.engine.parts import last_part
from runner.engine.verified import Kind, Verified
from runner.engine.verify_listed import Listed
from runner.engine.verify_strangers import Strangers
from runner.engine.world import SOURCES
from runner.errors import Interrupted, RecordError, Refused
from runner.mapping.model import Reference
from runner.zammad import vocabularies

if TYPE_CHECKING:
    from runner.engine.world import World
    from runner.zammad.client import Zammad

Progress = Callable[[str, int, int | None], None]

_TICKETS_A_PAGE = 100


@dataclass(frozen=True, slots=True)
class Reach:
    """How much is compared: ``sample`` conversations (None: all), chosen by ``seed``."""

    sample: int | None = None
    seed: int = 1
    workers: int = 4


class Ids:
    """A set of ids that costs a byte each: Zammad numbers without large gaps."""

    def __init__(self) -> None:
        self._marks = bytearray()

    def add(self, number: int) -> None:
        """Take an id in."""
        if number >= len(self._marks):
            self._marks.extend(bytes(number + 1024 - len(self._marks)))
        self._marks[number] = 1

    def __contains__(self, number: int) -> bool:
        return number < len(self._marks) and bool(self._marks[number])


def verify(
    world: World, zammad: Zammad, reach: Reach, *, progress: Progress, stop: threading.Event
) -> Verified:
    """Return how Zammad differs from what it should hold; nothing is written.

    Raises:
        Interrupted: ``stop`` was set.
    """
    result = Verified(zammad.url, reach.sample)
    for entity in SOURCES:
        if entity in world.closed:
            continue
        Listed(world, zammad, result, entity).compare(progress)
    avatars.compare(world, zammad, result)
    _Tickets(world, zammad, result, reach, progress=progress, stop=stop).compare()
    verify_knowledge.compare(world, zammad, result, progress=progress, stop=stop)
    result.close()
    return result


def positions(total: int, wanted: int, seed: int) -> Iterator[int]:
    """Yield ``wanted`` ascending positions below ``total``, one in each of as many equal parts."""
    wanted = min(wanted, total)
    for part in range(wanted):
        first, end = part * total // wanted, (part + 1) * total // wanted
        dice = hashlib.sha256(f"{seed}:{part}".encode()).digest()
        yield first + int.from_bytes(dice[:8]) % (end - first)


class _Tickets:
    """The tickets on both sides."""

    def __init__(
        self,
        world: World,
        zammad: Zammad,
        result: Verified,
        reach: Reach,
        *,
        progress: Progress,
        stop: threading.Event,
    ) -> None:
        self._world = world
        self._zammad = zammad
        self._result = result
        self._reach = reach
        self._progress = progress
        self._stop = stop
        self._table = world.ledger.table("tickets")
        self._part = last_part(world.ledger.runs())
        self._groups = {
            row["id"]: str(row["name"]) for row in zammad.pages("/groups", per_page=500)
        }
        states = vocabularies.read(zammad, "ticket_state")
        self._states = {row["id"]: name for name, row in states.items()}
        self._listed = Ids()

    def compare(self) -> None:
        """Count all tickets, compare the conversations, look into tickets that are not ours."""
        self._result.count("tickets", "wanted", 0)
        strangers = Strangers(self._world, self._zammad, self._result)
        self._list(strangers)
        total = self._world.snapshot.count("cases")
        self._in_parallel("tickets", self._chosen(total), total, self._case)
        self._gone_at_the_source()
        others = strangers.chosen(self._reach.sample)
        self._in_parallel("other tickets", iter(others), len(others), strangers.look)
        strangers.tell()

    def _list(self, strangers: Strangers) -> None:
        """Walk Zammad's list of tickets: count ours, remember the others."""
        gone_at_source = set(map(str, self._world.snapshot.gone("cases")))
        ours, gone = Ids(), Ids()
        for known in self._table:
            if known.get("target_id") is not None:
                lost = known["source_id"] in gone_at_source
                (gone if lost else ours).add(known["target_id"])
        for number, row in enumerate(
            self._zammad.pages("/tickets", per_page=_TICKETS_A_PAGE), start=1
        ):
            if row["id"] in self._listed:
                continue  # the list moved while it was read
            self._listed.add(row["id"])
            if row["id"] in ours:
                self._result.count("tickets", "there")
                self._result.count_ticket(self._values(row), wanted=False)
            elif row["id"] not in gone:
                self._result.count("tickets", "not ours")
                strangers.add(row["id"])
            self._progress("list of tickets", number, None)

    def _values(self, row: dict[str, Any]) -> dict[str, str]:
        return {
            "by_team": self._groups.get(row["group_id"], str(row["group_id"])),
            "by_state": self._states.get(row["state_id"], str(row["state_id"])),
            "by_month": str(row["created_at"])[:7],
        }

    def _chosen(self, total: int) -> Iterator[tuple[int, bool]]:
        """Yield every conversation, and whether it is compared."""
        sample = self._reach.sample
        chosen = positions(total, sample, self._reach.seed) if sample is not None else None
        following = next(chosen, None) if chosen is not None else None
        for number, case_id in enumerate(self._world.snapshot.case_ids()):
            if chosen is None:
                yield case_id, True
                continue
            yield case_id, number == following
            if number == following:
                following = next(chosen, None)

    def _in_parallel(
        self, what: str, items: Iterator[Any], total: int, do: Callable[[Any], None]
    ) -> None:
        """Let the workers take one item after the other."""
        lock = threading.Lock()
        done = 0
        broken: list[BaseException] = []

        def work() -> None:
            nonlocal done
            while not broken and not self._stop.is_set():
                with lock:
                    item = next(items, None)
                if item is None:
                    return
                try:
                    do(item)
                except BaseException as error:  # noqa: BLE001 - handed to the main thread
                    broken.append(error)
                    return
                with lock:
                    done += 1
                    self._progress(what, done, total)

        threads = [
            threading.Thread(target=work, name=f"verify-{number}", daemon=True)
            for number in range(self._reach.workers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if broken:
            raise broken[0]
        if self._stop.is_set():
            raise Interrupted("stopped; nothing was written", advice="run the same command again")

    def _case(self, item: tuple[int, bool]) -> None:
        """Count a conversation, and compare it where it is chosen."""
        case_id, compared = item
        known = self._table.get(str(case_id))
        if known is not None and known["status"] == "failed":
            self._result.count("tickets", "failed")
            return
        # What was left out may be wanted by now; there is nothing of it to be compared.
        left_out = known is not None and known["status"] == "skipped"
        change = self._now(case_id, whole=compared and not left_out)
        if change is None:
            return
        target_id = None if known is None else known.get("target_id")
        if change.action in {Action.SKIP, Action.FAIL}:
            self._left_out(change, target_id)
            return
        if known is None and self._part:
            self._result.not_due("tickets", self._part)
            return
        self._result.count("tickets", "wanted")
        self._result.count_ticket(self._wanted(change), wanted=True)
        if known is None or target_id is None:
            self._record(change.source_id, None, Kind.MISSING, wanted=change.label, there=None)
        elif not compared and target_id in self._listed:
            return
        else:
            self._read(change, known, compared=compared)

    def _now(self, case_id: int, *, whole: bool) -> Change | None:
        """Return what transform says of a conversation; without articles unless ``whole``."""
        record = self._world.snapshot.record("cases", case_id)
        if record is None:
            return None
        if whole:
            return tickets.of_case(self._world, record, whole=True)
        outcome = conversations.outcome(self._world, record)
        action = Action.CREATE
        if outcome.skip is not None or outcome.failures:
            action = Action.FAIL if outcome.failures else Action.SKIP
        reason = outcome.skip or "; ".join(outcome.failures)
        label = str(outcome.payload.get("title", ""))
        return Change("tickets", str(case_id), action, reason, label=label, payload=outcome.payload)

    def _left_out(self, change: Change, target_id: int | None) -> None:
        """Judge a conversation that transform does not want."""
        if target_id is None:
            word = "skipped" if change.action is Action.SKIP else "failed"
            self._result.count("tickets", word)
            return
        kind = Kind.EXTRA if change.action is Action.SKIP else Kind.OUTDATED
        self._record(change.source_id, target_id, kind, wanted=change.reason, there=target_id)

    def _wanted(self, change: Change) -> dict[str, str]:
        group = change.payload.get("group")
        name = str(group)
        if isinstance(group, Reference):
            name = self._groups.get(self._world.target_id(group) or 0, name)
        return {
            "by_team": name,
            "by_state": str(change.payload.get("state")),
            "by_month": str(change.payload.get("created_at"))[:7],
        }

    def _read(self, change: Change, known: dict[str, Any], *, compared: bool) -> None:
        """Compare one ticket; of one that is not chosen only whether it is there."""
        try:
            if compared:
                verify_ticket.compare(self._world, self._zammad, self._result, change, known)
            else:
                self._zammad.get(f"/tickets/{known['target_id']}")
        except RecordError as error:
            gone = isinstance(error, Refused) and error.status == 404
            kind = Kind.MISSING if gone else Kind.UNREADABLE
            there = None if gone else str(error)
            self._record(
                change.source_id, known["target_id"], kind, wanted=change.label, there=there
            )

    def _gone_at_the_source(self) -> None:
        """Look for the tickets of conversations that Kayako does not have any more."""
        for number in self._world.snapshot.gone("cases"):
            known = self._table.get(str(number))
            if known is None or known.get("target_id") is None:
                continue
            self._result.count("tickets", "gone")
            if known["target_id"] not in self._listed:
                label = str((known.get("applied") or {}).get("title", ""))
                change = Change("tickets", str(number), Action.UNCHANGED, label=label)
                self._read(change, known, compared=False)

    def _record(
        self, source_id: str, target_id: int | None, kind: Kind, *, wanted: Any, there: Any
    ) -> None:
        """Report a whole ticket."""
        self._result.differs(
            "tickets", source_id, target_id, "record", kind, wanted=wanted, there=there
        )
