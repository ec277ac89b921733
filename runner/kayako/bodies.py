"""The second pass of a pull: posts and files of conversations, by a pool of workers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Full, Queue
from typing import TYPE_CHECKING

from runner.errors import (
    OF_DATA,
    Interrupted,
    MigrateError,
    PreflightError,
    RecordError,
    Unreachable,
    unexpected,
)
from runner.kayako.answers import Unavailable
from runner.kayako.aside import Aside
from runner.kayako.beside import Asked, Choice, Chosen, ask_for_people, missing, of_case
from runner.kayako.files import fetch_missing
from runner.kayako.paging import pages
from runner.kayako.resources import CASES, POSTS_INCLUDE
from runner.snapshot import posts as reading
from runner.snapshot.expand import not_closed
from runner.snapshot.shaping import shaped
from runner.snapshot.values import Json, number
from runner.snapshot.writing import Writer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from runner.kayako.client import Kayako
    from runner.snapshot import Snapshot
    from runner.snapshot.writing import StoredFile

IN_A_ROW = 5
LISTED_FAILURES = 100

OnCase = Callable[[int, MigrateError | None], None]
Progress = Callable[[str, int, int | None], None]


@dataclass
class BodyReport:
    """What the second pass did.

    Args:
        read: Conversations whose posts were read.
        posts: Their posts.
        files: Files that were fetched.
        file_bytes: Their size.
        files_missing: Files that could not be had; the reason stands at each attachment.
        posts_missing: Posts that Kayako counts and did not deliver.
        originals: Mails whose own headers were read.
        refused: Requests for what hangs beside conversations that plan or role do not include.
        people_found: Users that posts name, no list has, and Kayako gave by id.
        people_missing: The same, and Kayako does not have them (any more).
        failed: Conversations that could not be read.
        failures: The first of them, with the reason.
    """

    read: int = 0
    posts: int = 0
    files: int = 0
    file_bytes: int = 0
    files_missing: int = 0
    posts_missing: int = 0
    originals: int = 0
    refused: int = 0
    people_found: int = 0
    people_missing: int = 0
    failed: int = 0
    failures: dict[int, str] = field(default_factory=dict)


class Pool:
    """Workers over conversations or articles: what they share, and when they give up."""

    def __init__(
        self,
        read: Callable[[int], BodyReport],
        *,
        name: str,
        workers: int,
        on_case: OnCase | None,
        stop: threading.Event | None,
        progress: Progress | None,
    ) -> None:
        self._read, self._name = read, name
        self._on_case, self._progress = on_case, progress
        self._stop = stop or threading.Event()
        workers = max(1, workers)
        self._give_up = threading.Event()
        self._queue: Queue[int | None] = Queue(maxsize=2 * workers)
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._fatal: BaseException | None = None
        self._total: int | None = None
        self._workers = [
            threading.Thread(target=self._work, name=f"pull-{index}") for index in range(workers)
        ]
        self.report = BodyReport()

    def run(self, case_ids: Iterable[int], total: int | None) -> None:
        """Read all of ``case_ids``; return when the last worker is done."""
        self._total = total
        for worker in self._workers:
            worker.start()
        try:
            for case_id in case_ids:
                if not self._put(case_id):
                    break
        finally:
            for _ in self._workers:
                self._put(None, always=True)
            for worker in self._workers:
                worker.join()
        if self._fatal is not None:
            raise self._fatal
        if self._stop.is_set():
            raise Interrupted(
                "Stopped while reading conversations.",
                advice="Run again: what was read stays read.",
            )

    def _put(self, case_id: int | None, *, always: bool = False) -> bool:
        while always or not self._done():
            try:
                self._queue.put(case_id, timeout=0.1)
            except Full:
                continue
            return True
        return False

    def _done(self) -> bool:
        return self._stop.is_set() or self._give_up.is_set()

    def _work(self) -> None:
        while (case_id := self._queue.get()) is not None:
            if self._done():
                continue
            try:
                self._one(case_id)
            except BaseException as error:  # noqa: BLE001 - it is raised again by ``run``
                with self._lock:
                    self._fatal = self._fatal or error
                self._give_up.set()

    def _one(self, case_id: int) -> None:
        failure: MigrateError | None = None
        try:
            read = self._read(case_id)
        except Interrupted:
            return
        except (RecordError, Unreachable, Unavailable) as error:
            failure = error
        except OF_DATA as error:
            failure = unexpected(error)
        with self._lock:
            if failure is None:
                self._in_a_row = 0
                _add(self.report, read)
            else:
                self._in_a_row += isinstance(failure, PreflightError)
                self.report.failed += 1
                if len(self.report.failures) < LISTED_FAILURES:
                    self.report.failures[case_id] = str(failure)
            done = self.report.read + self.report.failed
            give_up = self._in_a_row >= IN_A_ROW
        if self._on_case is not None:
            self._on_case(case_id, failure)
        if self._progress is not None:
            self._progress(self._name, done, self._total)
        if failure is not None and give_up:
            raise failure


def pull_bodies(
    kayako: Kayako,
    snapshot: Snapshot,
    *,
    case_ids: Iterable[int] | None = None,
    hidden: Chosen | None = None,
    since: date | None = None,
    wanted: Chosen | None = None,
    participants: Chosen | None = not_closed,
    originals: Chosen | None = None,
    aside: Aside | None = None,
    people: bool = False,
    workers: int = 8,
    on_case: OnCase | None = None,
    stop: threading.Event | None = None,
    progress: Progress | None = None,
) -> BodyReport:
    """Read posts and files of conversations into the snapshot.

    Args:
        kayako: Whom to ask.
        snapshot: Where it goes.
        case_ids: Whose; all whose posts are missing or changed when left out.
        hidden: Which conversations in trash, or suspended, are read as well when ``case_ids``
            is left out; None: none.
        since: Leave out conversations that were last changed before that day, when ``case_ids``
            is left out.
        wanted: Which conversations are read when ``case_ids`` is left out; None: all.
        participants: For which conversations people in copy are asked for; None: for none.
        originals: For which conversations the mails that came in are asked for; None: for none.
        aside: Which of side conversations and history is asked for; none when left out.
        people: Ask at the end for users that posts name and no list has. Without it the next
            first pass does: while tickets are written, nobody may become known half-way.
        workers: How many threads.
        on_case: Called by a worker after each conversation, with the error if it failed.
        stop: When set, what is in flight is finished or dropped as a whole.
        progress: Called with ``posts``, conversations done, and their number if known.

    Raises:
        PreflightError: Kayako refuses us altogether, or five conversations in a row.
        Unreachable: Kayako did not answer for five conversations in a row.
        Interrupted: ``stop`` was set.
    """
    writer, choice = Writer(snapshot), Choice(participants, originals, aside or Aside())
    pool = Pool(
        lambda case_id: read_case(kayako, snapshot, writer, case_id, choice),
        name="posts",
        workers=workers,
        on_case=on_case,
        stop=stop,
        progress=progress,
    )
    total = None
    if case_ids is None:
        # How many somebody else chooses is not known before all of them were looked at.
        total = snapshot.count_needing_bodies(since) if wanted is None else None
        case_ids = snapshot.cases_needing_bodies(hidden, since, wanted)
    pool.run(case_ids, total)
    if people:
        found, missed = ask_for_people(kayako, snapshot, writer)
        pool.report.people_found, pool.report.people_missing = found, missed
    return pool.report


def pull_beside(
    kayako: Kayako,
    snapshot: Snapshot,
    *,
    case_ids: Iterable[int] | None = None,
    participants: Chosen | None = not_closed,
    originals: Chosen | None = None,
    aside: Aside | None = None,
    workers: int = 8,
    stop: threading.Event | None = None,
    progress: Progress | None = None,
) -> BodyReport:
    """Ask for what is chosen now and was not when a conversation's posts were read.

    Walks those of ``case_ids`` (all when left out) whose posts are complete, which costs no
    request where nothing is lacking. Arguments and errors as ``pull_bodies``; progress is told as
    ``beside``.
    """
    writer, choice = Writer(snapshot), Choice(participants, originals, aside or Aside())

    def read(case_id: int) -> BodyReport:
        case = snapshot.record("cases", case_id)
        if case is None:
            return BodyReport()
        posts = snapshot.stored_posts(case_id)
        asked = of_case(kayako, snapshot, writer, case, posts, choice=choice)
        report = BodyReport(read=1, originals=asked.originals, refused=asked.refused)
        return count_files(asked.files, report)

    pool = Pool(read, name="beside", workers=workers, on_case=None, stop=stop, progress=progress)
    ids = snapshot.case_ids() if case_ids is None else case_ids
    pool.run(_lacking(snapshot, ids, choice), None)
    return pool.report


def _lacking(snapshot: Snapshot, case_ids: Iterable[int], choice: Choice) -> Iterator[int]:
    for case_id in case_ids:
        # Before a first pull nothing is complete, and this quick question is all that is asked.
        if snapshot.bodies(case_id) != "complete":
            continue
        case = snapshot.record("cases", case_id)
        if case is not None and missing(snapshot, case, choice):
            yield case_id


def read_case(
    kayako: Kayako, snapshot: Snapshot, writer: Writer, case_id: int, choice: Choice
) -> BodyReport:
    """Read one conversation's posts and files and save them in one transaction.

    What is asked beside them is saved before: where the posts are complete, the rest is, too.
    """
    header = writer.header(case_id)
    found = _posts(kayako, case_id)
    announced = header[1] or 0
    if len(found) < announced:
        fresh = kayako.get(f"cases/{case_id}", CASES.params)["data"]
        announced = number(fresh.get("post_count")) or 0
        found = _posts(kayako, case_id)
    short = max(0, announced - len(found))
    files = _files(kayako, snapshot, found)
    case = snapshot.record("cases", case_id)
    asked = of_case(kayako, snapshot, writer, case, found, choice=choice) if case else Asked()
    writer.thread(case_id, header, found, files, missing=short)
    report = BodyReport(
        read=1,
        posts=len(found),
        posts_missing=short,
        originals=asked.originals,
        refused=asked.refused,
    )
    return count_files([*files, *asked.files], report)


def _posts(kayako: Kayako, case_id: int) -> list[Json]:
    once: dict[object, Json] = {}
    for page in pages(kayako, f"cases/{case_id}/posts", {"include": POSTS_INCLUDE}):
        for post in page.data:
            whole = shaped(post)
            once.setdefault(whole.get("id"), whole)
    return list(once.values())


def _files(kayako: Kayako, snapshot: Snapshot, found: list[Json]) -> list[StoredFile]:
    attached = [item for post in found for item in reading.attachments(post)]
    shown = [address for post in found for address in reading.images(post)]
    return fetch_missing(kayako, snapshot, attached, shown)


def count_files(files: list[StoredFile], report: BodyReport) -> BodyReport:
    """Count files into a report of one conversation or article, and return it."""
    report.files += sum(1 for item in files if item.sha256)
    report.file_bytes += sum(item.size or 0 for item in files)
    report.files_missing += sum(1 for item in files if not item.sha256)
    return report


def _add(report: BodyReport, one: BodyReport) -> None:
    report.read += one.read
    report.posts += one.posts
    report.files += one.files
    report.file_bytes += one.file_bytes
    report.files_missing += one.files_missing
    report.posts_missing += one.posts_missing
    report.originals += one.originals
    report.refused += one.refused
