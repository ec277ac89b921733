"""The second pass of a pull: posts and files of conversations, by a pool of workers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Full, Queue
from typing import TYPE_CHECKING

from runner.errors import Interrupted, MigrateError, PreflightError, RecordError, Unreachable
from runner.kayako.answers import Unavailable
from runner.kayako.downloads import fetch
from runner.kayako.paging import pages
from runner.kayako.resources import CASES, POSTS_INCLUDE
from runner.snapshot import posts as reading
from runner.snapshot.values import Json, number
from runner.snapshot.writing import StoredFile, Writer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.kayako.client import Kayako
    from runner.snapshot import Snapshot

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
        failed: Conversations that could not be read.
        failures: The first of them, with the reason.
    """

    read: int = 0
    posts: int = 0
    files: int = 0
    file_bytes: int = 0
    files_missing: int = 0
    posts_missing: int = 0
    failed: int = 0
    failures: dict[int, str] = field(default_factory=dict)


class _Pool:
    """One run of the second pass: its workers, what they share, and when they give up."""

    def __init__(
        self,
        kayako: Kayako,
        snapshot: Snapshot,
        *,
        workers: int,
        on_case: OnCase | None,
        stop: threading.Event,
        progress: Progress | None,
    ) -> None:
        self._kayako, self._snapshot = kayako, snapshot
        self._writer = Writer(snapshot)
        self._on_case, self._progress = on_case, progress
        self._stop = stop
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
            read = read_case(self._kayako, self._snapshot, self._writer, case_id)
        except Interrupted:
            return
        except (RecordError, Unreachable, Unavailable) as error:
            failure = error
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
            self._progress("posts", done, self._total)
        if failure is not None and give_up:
            raise failure


def pull_bodies(
    kayako: Kayako,
    snapshot: Snapshot,
    *,
    case_ids: Iterable[int] | None = None,
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
        workers: How many threads.
        on_case: Called by a worker after each conversation, with the error if it failed.
        stop: When set, what is in flight is finished or dropped as a whole.
        progress: Called with ``posts``, conversations done, and their number if known.

    Raises:
        PreflightError: Kayako refuses us altogether, or five conversations in a row.
        Unreachable: Kayako did not answer for five conversations in a row.
        Interrupted: ``stop`` was set.
    """
    pool = _Pool(
        kayako,
        snapshot,
        workers=max(1, workers),
        on_case=on_case,
        stop=stop or threading.Event(),
        progress=progress,
    )
    total = snapshot.count_needing_bodies() if case_ids is None else None
    pool.run(snapshot.cases_needing_bodies() if case_ids is None else case_ids, total)
    return pool.report


def read_case(kayako: Kayako, snapshot: Snapshot, writer: Writer, case_id: int) -> BodyReport:
    """Read one conversation's posts and files and save them in one transaction."""
    header = writer.header(case_id)
    found = _posts(kayako, case_id)
    announced = header[1] or 0
    if len(found) < announced:
        fresh = kayako.get(f"cases/{case_id}", CASES.params)["data"]
        announced = number(fresh.get("post_count")) or 0
        found = _posts(kayako, case_id)
    missing = max(0, announced - len(found))
    files = _files(kayako, snapshot, found)
    writer.thread(case_id, header, found, files, missing=missing)
    return BodyReport(
        read=1,
        posts=len(found),
        files=sum(1 for item in files if item.sha256),
        file_bytes=sum(item.size or 0 for item in files),
        files_missing=sum(1 for item in files if not item.sha256),
        posts_missing=missing,
    )


def _posts(kayako: Kayako, case_id: int) -> list[Json]:
    once: dict[object, Json] = {}
    for page in pages(kayako, f"cases/{case_id}/posts", {"include": POSTS_INCLUDE}):
        for post in page.data:
            once.setdefault(post.get("id"), post)
    return list(once.values())


def _files(kayako: Kayako, snapshot: Snapshot, found: list[Json]) -> list[StoredFile]:
    fetched: dict[str, StoredFile] = {}
    for post in found:
        for item in reading.attachments(post):
            key = reading.attachment_key(item)
            if key not in fetched and not _is_there(snapshot, key):
                address = str(item.get("url_download") or f"{key}/download")
                size = number(item.get("size")) if item.get("size") is not None else None
                fetched[key] = fetch(kayako, snapshot.files, key, address, size=size)
        for address in reading.images(post):
            key = reading.image_key(address)
            if key not in fetched and not _is_there(snapshot, key):
                fetched[key] = fetch(kayako, snapshot.files, key, address, size=None, image=True)
    return list(fetched.values())


def _is_there(snapshot: Snapshot, key: str) -> bool:
    sha256, _ = snapshot.file_of(key)
    return sha256 is not None and snapshot.file(sha256).exists()


def _add(report: BodyReport, one: BodyReport) -> None:
    report.read += one.read
    report.posts += one.posts
    report.files += one.files
    report.file_bytes += one.file_bytes
    report.files_missing += one.files_missing
    report.posts_missing += one.posts_missing
