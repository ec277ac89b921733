"""Writing the time entries of one ticket, after its articles and before its last PUT.

Nothing is sent twice: where an earlier run may have been cut off, or no answer came, the ticket's
entries are read and those that are there are taken for ours, by how long and when.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine import time_entries
from runner.engine.change import Action, Change, TimeEntry
from runner.engine.past import check_kept
from runner.errors import OutcomeUnknown, PreflightError, RecordError, Refused
from runner.zammad import articles, time_accounting

if TYPE_CHECKING:
    from runner.engine.time_entries import Known
    from runner.engine.world import World
    from runner.zammad.client import Zammad

_ATTEMPTS = 4
_RIGHTS = (
    "give the token's user, and the token, the permission admin.time_accounting; then apply again"
)


def write(
    world: World,
    zammad: Zammad,
    ticket_id: int,
    change: Change,
    posts: dict[str, list[Any]],
    *,
    known: Known | None = None,
    look: bool,
) -> Known:
    """Write what is due, and return what the ledger keeps of all entries.

    Args:
        world: what is known of both sides.
        zammad: the target.
        ticket_id: the ticket.
        change: its change.
        posts: its articles by post; gets one more where time had to have an article of its own.
        known: the entries of which the ledger knows.
        look: whether an earlier run may have sent some of them.
    """
    times = dict(known or {})
    due = [entry for entry in change.times if entry.is_due]
    if not due:
        return times
    if world.time_is_listed:
        _Entries(zammad, ticket_id, times, look=look).write(due)
        return times
    for entry in due:
        article_id = posts.get(entry.article or "", [None])[0]
        times[entry.source_id] = [None, entry.digest, article_id]
    if look:
        _complete(world, zammad, ticket_id, change, posts)
    return times


class _Entries:
    """The entries of one ticket where each is a record of its own."""

    def __init__(self, zammad: Zammad, ticket_id: int, times: Known, *, look: bool) -> None:
        self._zammad = zammad
        self._ticket_id = ticket_id
        self._times = times
        self._there = self._read() if look else {}

    def write(self, due: list[TimeEntry]) -> None:
        """Write entries one after the other."""
        for entry in due:
            known = self._times.get(entry.source_id)
            if known is not None:
                self._change(entry, known)
                continue
            row = self._found(entry)
            entry_id = self._created(entry) if row is None else row["id"]
            self._times[entry.source_id] = [entry_id, entry.digest]
            if row is not None and time_entries.digest(row) != entry.digest:
                time_accounting.update(self._zammad, self._ticket_id, entry_id, entry.payload)

    def _read(self) -> dict[int, dict[str, Any]]:
        rows = time_accounting.of_ticket(self._zammad, self._ticket_id)
        return {row["id"]: row for row in rows}

    def _found(self, entry: TimeEntry) -> dict[str, Any] | None:
        """Return what an earlier attempt made of an entry: by time and moment, else by moment."""
        ours = {known[0] for known in self._times.values()}
        rows = [
            row
            for row in self._there.values()
            if row["id"] not in ours and row.get("ticket_article_id") is None
        ]
        same = [row for row in rows if time_entries.digest(row) == entry.digest]
        moment = str(entry.payload["created_at"])[:19]
        # What rounding gives an entry may have changed since, with the entries before it.
        near = [row for row in rows if str(row.get("created_at"))[:19] == moment]
        return next(iter([*same, *near]), None)

    def _created(self, entry: TimeEntry) -> int:
        attempt = 0
        while True:
            attempt += 1
            try:
                answer = time_accounting.create(self._zammad, self._ticket_id, entry.payload)
            except OutcomeUnknown:
                self._there = self._read()
                row = self._found(entry)
                if row is not None and time_entries.digest(row) == entry.digest:
                    return int(row["id"])
                if attempt == _ATTEMPTS:
                    raise
            except Refused as refusal:
                advice = _RIGHTS if refusal.status == 403 else refusal.advice
                raise Refused(
                    f"time entry {entry.source_id}: {refusal}", status=refusal.status, advice=advice
                ) from refusal
            else:
                self._check(entry, answer)
                return int(answer["id"])

    def _check(self, entry: TimeEntry, answer: dict[str, Any]) -> None:
        try:
            check_kept(self._zammad, entry.payload, answer, f"time entry {entry.source_id}")
        except PreflightError:
            # With today's date nobody would find it again.
            time_accounting.delete(self._zammad, self._ticket_id, answer["id"])
            raise

    def _change(self, entry: TimeEntry, known: list[Any]) -> None:
        """Change an entry of ours, unless somebody changed or deleted it in Zammad."""
        row = self._there.get(known[0])
        if row is None or time_entries.digest(row) not in {known[1], entry.digest}:
            return
        time_accounting.update(self._zammad, self._ticket_id, known[0], entry.payload)
        self._times[entry.source_id] = [known[0], entry.digest]


def _complete(
    world: World, zammad: Zammad, ticket_id: int, change: Change, posts: dict[str, list[Any]]
) -> None:
    """Send what the articles that an earlier run wrote do not carry, as the sum tells."""
    if any(entry.action is Action.SKIP for entry in change.times):
        return  # of an entry that cannot be changed the sum is another
    there = time_accounting.amount(zammad.get(f"/tickets/{ticket_id}").get("time_unit"))
    missing = time_entries.total(change.times) - there
    if missing <= 0:
        return
    last = next(entry for entry in reversed(change.times) if entry.action is Action.CREATE)
    child = time_entries.late_article(world, change.source_id, last, missing)
    message_id = child.payload["message_id"]
    if any(row.get("message_id") == message_id for row in articles.of_ticket(zammad, ticket_id)):
        raise RecordError(
            f"Zammad holds {there} {world.time_unit} of ticket {ticket_id}, {missing} are missing,"
            " and it counted none of an article that brought them",
            advice="switch time accounting on (Manage, Time Accounting), then apply again",
        )
    body = articles.build(
        {**child.payload, "time_unit": f"{missing:.2f}"}, world.snapshot.whole_file
    )
    answer = zammad.create("/ticket_articles", {**body, "ticket_id": ticket_id})
    posts[child.source_id] = [answer["id"], child.digest]
