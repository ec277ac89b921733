"""Bodies are read ahead of the tickets: while case 1,000 is read, case 900 is written."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from runner.config.filters import Filters
from runner.engine import conversations
from runner.engine.apply import STOPPED
from runner.engine.message_ids import chosen
from runner.errors import Interrupted, MigrateError
from runner.kayako.aside import Aside
from runner.kayako.pull import BodyReport, pull_bodies
from runner.pipeline.opening import aside_of
from runner.pipeline.scoping import has

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from runner.config.model import Config
    from runner.engine.apply import Run
    from runner.kayako.client import Kayako


AHEAD = 1000
"""So many conversations are read ahead of the ticket that is worked on: enough for every pause of
one side, and few enough that what is written was read a short while ago."""


@contextmanager
def reading_ahead(
    run: Run, kayako: Kayako | None, config: Config, case_ids: Sequence[int] | None
) -> Iterator[BodyFeed | None]:
    """Read while the block runs, which gets None where nobody is asked.

    Args:
        run: For which run.
        kayako: Whom to ask; None: nobody.
        config: How many workers read, and what is read beside conversations.
        case_ids: As for ``BodyFeed``.
    """
    if kayako is None:
        yield None
        return
    feed = BodyFeed(run, kayako, config.kayako.workers, case_ids, aside_of(config))
    try:
        yield feed
    finally:
        feed.close()


class BodyFeed:
    """Reads posts and files ahead of the tickets, on its own threads.

    Both go through the conversations in ascending order.

    ``case_ids`` says of which conversations, ascending; None: of all.
    """

    def __init__(
        self,
        run: Run,
        kayako: Kayako,
        workers: int,
        case_ids: Sequence[int] | None,
        aside: Aside | None = None,
    ) -> None:
        self._world = run.world
        self._snapshot = run.world.snapshot
        self._kayako = kayako
        self._aside = aside or Aside()
        self._only = case_ids
        self._problems: dict[int, MigrateError] = {}
        self._broken: BaseException | None = None
        self._ended = False
        self.report: BodyReport | None = None
        self._news = threading.Condition()
        self._stop = threading.Event()
        self._ahead: deque[int] = deque()
        self._there: set[int] = set()
        self._is_waited_for = False
        self._outer_stop = run.stop
        self._thread = threading.Thread(
            target=self._pull, args=(workers,), name="bodies", daemon=True
        )
        self._thread.start()

    def wait(self, case_id: int) -> MigrateError | None:
        """Wait until a case's posts are in the snapshot; return why they are not."""
        if not self._comes(case_id):
            self._read_apart(case_id)
        self._pass(case_id)
        try:
            return self._waited(case_id)
        finally:
            # It may have been handed out meanwhile only.
            self._pass(case_id)

    def _pass(self, case_id: int) -> None:
        """Count what comes up to a conversation as read ahead no longer."""
        with self._news:
            while self._ahead and self._ahead[0] <= case_id:
                self._there.discard(self._ahead.popleft())
            self._is_waited_for = False
            self._news.notify_all()

    def _waited(self, case_id: int) -> MigrateError | None:
        while True:
            with self._news:
                if case_id in self._problems:
                    return self._problems[case_id]
                if self._snapshot.bodies(case_id) == "complete":
                    return None
                if self._broken is not None:
                    raise self._broken
                if self._ended:
                    return MigrateError("they were not read in this run")
                if self._outer_stop.is_set():
                    raise Interrupted(STOPPED, advice="run the same command again to go on")
                self._is_waited_for = True
                self._news.notify_all()
                self._news.wait(0.5)

    def is_ready(self) -> bool:
        """Say whether the next conversation is there, so that it is not waited for."""
        with self._news:
            return self._ended or bool(self._ahead and self._ahead[0] in self._there)

    def close(self) -> None:
        """Stop reading and wait for the threads."""
        self._stop.set()
        with self._news:
            self._news.notify_all()
        self._thread.join()

    def _comes(self, case_id: int) -> bool:
        """Say whether a case is among those that are read ahead, or was read before.

        One that others were merged into need not be: it may lie outside of what this run is
        about, or be there since before ``keep_since`` left it out.
        """
        if self._only is not None and not has(self._only, case_id):
            return self._snapshot.bodies(case_id) == "complete"
        return self._is_read(case_id) or self._snapshot.bodies(case_id) == "complete"

    def _read_apart(self, case_id: int) -> None:
        with self._news:
            if case_id in self._problems:
                return
        self._read(1, [case_id], self._outer_stop)

    def _pull(self, workers: int) -> None:
        try:
            self.report = self._read(workers, self._not_far_ahead(), self._stop)
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits
            self._broken = error
        finally:
            with self._news:
                self._ended = True
                self._news.notify_all()

    def _not_far_ahead(self) -> Iterator[int]:
        """Yield what is read, and wait where that would be too far ahead.

        Whoever waits for one that is further on, such as the survivor of a merger, lets all up to
        it be read.
        """
        for case_id in self._to_read():
            with self._news:
                while not (len(self._ahead) < AHEAD or self._is_waited_for or self._stop.is_set()):
                    self._news.wait(0.5)
                self._ahead.append(case_id)
            yield case_id

    def _to_read(self) -> Iterator[int]:
        if self._only is None:
            wanted = None if self._world.filters == Filters() else self._moves
            since = self._world.keep_since
            yield from self._snapshot.cases_needing_bodies(self._moves, since, wanted)
            return
        for case_id in self._only:
            if self._snapshot.bodies(case_id) != "complete" and self._is_read(case_id):
                yield case_id

    def _read(self, workers: int, case_ids: Iterable[int], stop: threading.Event) -> BodyReport:
        return pull_bodies(
            self._kayako,
            self._snapshot,
            case_ids=case_ids,
            aside=self._aside,
            originals=lambda case: chosen(self._world, case),
            workers=workers,
            on_case=self._arrived,
            stop=stop,
            progress=lambda *_: None,
        )

    def _is_read(self, case_id: int) -> bool:
        """Say whether a case's posts are wanted: only if it moves."""
        record = self._snapshot.record("cases", case_id)
        return record is None or self._moves(record)

    def _moves(self, record: dict[str, Any]) -> bool:
        return conversations.outcome(self._world, record).skip is None

    def _arrived(self, case_id: int, problem: MigrateError | None) -> None:
        with self._news:
            if problem is not None:
                self._problems[case_id] = problem
            if self._ahead and case_id >= self._ahead[0]:
                self._there.add(case_id)
            self._news.notify_all()
