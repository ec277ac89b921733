"""The first pass of a pull: settings, definitions, teams, organizations, users, all conversations.

Lists are read in *sweeps*. A killed sweep goes on where it stood; only one that reached its end
may find that a record is gone, and then asks for that record by its id before it says so.
Conversations are listed newest change first and move while we read: after both lists (active and
archived) the head is read again until it brings nothing new (kayako-api.md §13). Those in trash
and suspended ones stand in views of their own; users whom records name and no list has are asked
for by id.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from runner.errors import PreflightError, Refused
from runner.kayako.answers import NOT_OFFERED, Json, Unavailable
from runner.kayako.avatars import read_avatars
from runner.kayako.beside import ask_for_people, read_memberships, read_notes
from runner.kayako.bodies import BodyReport, pull_beside, pull_bodies
from runner.kayako.hidden import views
from runner.kayako.paging import LIMIT, pages
from runner.kayako.resources import (
    CASES,
    DEFINITIONS,
    HELP_CENTER,
    RATINGS_LIST,
    RECORDS,
    RULES,
    TIME,
    VIEWS,
    Listing,
)
from runner.snapshot.expand import not_closed
from runner.snapshot.opened import now
from runner.snapshot.store import HIDDEN_STATES
from runner.snapshot.writing import Saved, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runner.kayako.client import Kayako
    from runner.snapshot import Snapshot

    Progress = Callable[[str, int, int | None], None]

__all__ = [
    "BodyReport",
    "HeaderReport",
    "ListReport",
    "not_closed",
    "pull_beside",
    "pull_bodies",
    "pull_headers",
]

FRESH_SECONDS = 3600
SWEEPS = 2


@dataclass
class ListReport:
    """One list as it was read.

    Args:
        seen: Distinct records.
        counted: How many Kayako says there are, None when it does not say.
        fresh: Records that are new or changed since the last pull.
        gone: Records that no longer exist.
    """

    seen: int = 0
    counted: int | None = None
    fresh: int = 0
    gone: int = 0


@dataclass
class HeaderReport:
    """What the first pass did.

    Args:
        lists: By resource (``users``…; ``archived``, ``trash`` and ``suspended`` are
            conversations).
        people_found: Users that records name, no list has, and Kayako gave by id.
        people_missing: The same, and Kayako does not have them (any more).
        notes_read: Profiles whose notes were read.
        unavailable: Resources that Kayako refused, with the reason.
        notes: What somebody should look at.
    """

    lists: dict[str, ListReport] = field(default_factory=dict)
    people_found: int = 0
    people_missing: int = 0
    notes_read: int = 0
    unavailable: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def pull_headers(
    kayako: Kayako,
    snapshot: Snapshot,
    *,
    progress: Progress,
    memberships: bool = False,
    avatars: bool = False,
) -> HeaderReport:
    """Read all lists of Kayako into the snapshot and mark what is gone.

    Args:
        kayako: Whom to ask.
        snapshot: Where it goes.
        progress: Called with a resource, rows done, and their number if Kayako says it.
        memberships: Whether users are asked for their further organizations, a request each.
        avatars: Whether pictures of users are fetched, a request each.

    Raises:
        PreflightError: Kayako refuses the login or a list that we cannot do without.
        Unreachable: No useful answer.
        Interrupted: The run is to stop; the next one goes on from here.
    """
    pull = _Headers(kayako, snapshot, progress)
    pull.begin()
    pull.definitions()
    for listing in RECORDS:
        pull.once(listing.name, partial(pull.records, listing))
    pull.once(CASES.name, pull.cases)
    for listing in (TIME, *HELP_CENTER, *RULES, RATINGS_LIST):
        pull.once(listing.name, partial(pull.further, listing))
    pull.people()
    if memberships:
        read_memberships(kayako, snapshot, pull.writer)
    if avatars:
        read_avatars(kayako, snapshot, pull.writer)
    pull.end()
    return pull.report


class _Headers:
    """One first pass."""

    def __init__(self, kayako: Kayako, snapshot: Snapshot, progress: Progress) -> None:
        self._kayako, self._snapshot, self._progress = kayako, snapshot, progress
        self.writer = Writer(snapshot)
        self._done: list[str] = []
        self.report = HeaderReport()

    def begin(self) -> None:
        """Log in, and find out whether an unfinished pull is young enough to go on with."""
        settings = self._kayako.settings()
        self._snapshot.files.sweep()
        if self._snapshot.meta("first_pull_at") is None:
            self._snapshot.set_meta("first_pull_at", now())
        state = self._snapshot.meta("pull")
        if state and _age(state["started_at"]) < FRESH_SECONDS:
            self._done = state["done"]
            self.report.unavailable.update(self._snapshot.unavailable)
        else:
            self._snapshot.set_meta("pull", {"started_at": now(), "done": []})
        self._snapshot.set_meta("settings", settings)

    def end(self) -> None:
        """Remember that all lists are read."""
        self._snapshot.set_meta("unavailable", self.report.unavailable)
        self._snapshot.set_meta("pull", None)
        self._snapshot.set_meta("headers_at", now())

    def once(self, name: str, read: Callable[[], None]) -> None:
        """Read a list unless the unfinished pull that we go on with has it."""
        if name in self._done:
            self.report.lists[name] = ListReport(seen=self._snapshot.count(name))
            return
        read()
        state = self._snapshot.meta("pull")
        self._snapshot.set_meta("pull", {**state, "done": [*state["done"], name]})

    def definitions(self) -> None:
        """Read the short lists that records refer to."""
        for listing in DEFINITIONS:
            try:
                count = sum(
                    self.writer.listed(listing.kind, page.data)
                    for page in pages(self._kayako, listing.path, listing.params)
                )
            except (Unavailable, Refused) as error:
                self._note_unavailable(listing, error)
            else:
                self._progress(listing.name, count, count)

    def records(self, listing: Listing) -> None:
        """Sweep a list whose rows stand still: teams, organizations, users."""
        report = self.report.lists.setdefault(listing.name, ListReport())
        sweep = self.writer.next_sweep(listing.name)
        for _ in range(SWEEPS):
            report.counted = self._sweep(listing, listing.name, report, sweep)
            self._head(listing, listing.name, report, sweep)
            report.seen = self.writer.swept(listing.name, sweep)
            if report.seen >= (report.counted or 0):
                break
            self.writer.mark_sweep(listing.name, sweep, **{listing.name: 0})
        self._note_short(listing.name, report)
        self._settle(listing, report, sweep)

    def cases(self) -> None:
        """Sweep both lists of conversations, then the head again."""
        active = self.report.lists.setdefault("cases", ListReport())
        archived = self.report.lists.setdefault("archived", ListReport())
        old = Listing("cases", "cases", {**CASES.params, "archived": "1"}, optional=False)
        sweep = self.writer.next_sweep("cases")
        for _ in range(SWEEPS):
            active.counted = self._sweep(CASES, "cases", active, sweep)
            archived.counted = self._sweep(old, "archived", archived, sweep)
            self._head(old, "archived", archived, sweep)
            self._head(CASES, "cases", active, sweep)
            active.seen = self.writer.swept("cases", sweep)
            archived.seen = self.writer.swept("cases", sweep, archived=True)
            counted = (active.counted or 0) + (archived.counted or 0)
            if active.seen + archived.seen >= counted:
                break
            self.writer.mark_sweep("cases", sweep, cases=0, archived=0)
        self._note_short("cases", active)
        self._note_short("archived", archived)
        self._hidden(sweep)
        self._settle(CASES, active, sweep)

    def further(self, listing: Listing) -> None:
        """Sweep a list that not every plan has: time entries, Help Center, macros and the like."""
        try:
            report = ListReport()
            sweep = self.writer.next_sweep(listing.name)
            report.counted = self._sweep(listing, listing.name, report, sweep)
        except (Unavailable, Refused) as error:
            self._note_unavailable(listing, error)
            return
        report.seen = self.writer.swept(listing.name, sweep)
        self.report.lists[listing.name] = report
        if listing.single:
            self._settle(listing, report, sweep)
            return
        if report.seen >= (report.counted or 0):
            # There is no way to ask for one entry: the complete list has to do.
            for identifier in self.writer.unswept(listing.name, sweep):
                self.writer.mark_gone(listing.name, identifier)
                report.gone += 1
        self.writer.end_sweep(listing.name, sweep)

    def people(self) -> None:
        """Ask for users that no list has, and for the notes on profiles."""
        found, missing = ask_for_people(self._kayako, self._snapshot, self.writer)
        self.report.people_found, self.report.people_missing = found, missing
        read = read_notes(self._kayako, self._snapshot, self.writer)
        self.report.notes_read = sum(read.values())

    def _hidden(self, sweep: int) -> None:
        """Sweep the conversations that only two views show."""
        try:
            listings = views(self._kayako)
            for state, listing in listings.items():
                report = self.report.lists.setdefault(state.lower(), ListReport())
                report.counted = self._sweep(listing, state.lower(), report, sweep)
                report.seen = self.writer.swept_hidden(state, sweep)
        except (Unavailable, Refused) as error:
            self._note_unavailable(VIEWS, error)
            return
        missing = [state for state in HIDDEN_STATES if state not in listings]
        if missing:
            self.report.unavailable[VIEWS.name] = f"Kayako shows no view of {', '.join(missing)}"

    def _sweep(self, listing: Listing, part: str, report: ListReport, sweep: int) -> int | None:
        """Read a list from where its sweep stands to its end; return its size as counted."""
        name = listing.name
        # A page back: rows may have moved up since.
        start = max(0, self.writer.sweep_position(name, part) - LIMIT)
        counted: int | None = None
        with _required(listing):
            rest = pages(self._kayako, listing.path, listing.params, start=start)
            while (page := next(rest, None)) is not None:
                report.fresh += self._save(name, part, page.data, sweep).changed
                self.writer.mark_sweep(name, sweep, **{part: page.position})
                left = (counted or 0) - page.total if page.total is not None else 0
                counted = page.total if page.total is not None else counted
                self._progress(part, page.position, counted)
                if left > 0:
                    # So many rows left the list since the page before, and as many moved up past
                    # this page without being seen; nothing else would ever miss them.
                    start = max(0, page.position - len(page.data) - left)
                    rest = pages(self._kayako, listing.path, listing.params, start=start)
        return counted

    def _head(self, listing: Listing, part: str, report: ListReport, sweep: int) -> None:
        """Read a list from its head until a page brings nothing new."""
        for page in pages(self._kayako, listing.path, listing.params):
            saved = self._save(listing.name, part, page.data, sweep)
            report.counted = page.total if page.total is not None else report.counted
            report.fresh += saved.changed
            if not saved.moved:
                return

    def _save(self, name: str, part: str, data: list[Json], sweep: int) -> Saved:
        return self.writer.page(name, data, sweep=sweep, archived=part == "archived")

    def _settle(self, listing: Listing, report: ListReport, sweep: int) -> None:
        """Ask by id for each record that a complete sweep did not see."""
        for identifier in self.writer.unswept(listing.name, sweep):
            try:
                found = self._kayako.get(f"{listing.path}/{identifier}", listing.params)["data"]
            except Refused as error:
                if error.status != 404:
                    raise
                found = {}
            except Unavailable as error:
                self.report.notes.append(f"{listing.name} {identifier} may not be read: {error}")
                continue
            if isinstance(found, dict) and found.get("id") == identifier:
                self.writer.keep(listing.name, found, sweep=sweep)
            else:
                self.writer.mark_gone(listing.name, identifier)
                report.gone += 1
        self.writer.end_sweep(listing.name, sweep)

    def _note_short(self, name: str, report: ListReport) -> None:
        if report.seen < (report.counted or 0):
            self.report.notes.append(
                f"Kayako counts {report.counted} {name} and delivered {report.seen}: "
                "pull again when nobody works in it."
            )

    def _note_unavailable(self, listing: Listing, error: PreflightError | Refused) -> None:
        if isinstance(error, Refused) and error.status not in NOT_OFFERED:
            raise error
        self.report.unavailable[listing.name] = "not available on your plan or for your role"
        self._snapshot.set_meta("unavailable", self.report.unavailable)


@contextmanager
def _required(listing: Listing) -> Iterator[None]:
    """Turn a refusal of a list that we cannot do without into the end of the run."""
    try:
        yield
    except Refused as error:
        if listing.optional:
            raise
        raise PreflightError(f"{listing.name}: {error}", advice=error.advice) from error


def _age(moment: str) -> float:
    return (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()
