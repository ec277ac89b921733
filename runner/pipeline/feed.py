"""Bodies are read ahead of the tickets: while case 1,000 is read, case 900 is written."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from runner.config.filters import Filters
from runner.engine import conversations
from runner.engine.apply import STOPPED
from runner.engine.message_ids import chosen
from runner.errors import Interrupted, MigrateError
from runner.kayako.aside import Aside
from runner.kayako.pull import BodyReport, pull_bodies
from runner.pipeline.scoping import has

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.engine.apply import Run
    from runner.kayako.client import Kayako


class BodyFeed:
    """Reads posts and files ahead of the tickets, on its own threads.

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
        self._outer_stop = run.stop
        self._thread = threading.Thread(
            target=self._pull, args=(workers,), name="bodies", daemon=True
        )
        self._thread.start()

    def wait(self, case_id: int) -> MigrateError | None:
        """Wait until a case's posts are in the snapshot; return why they are not."""
        if not self._comes(case_id):
            self._read_apart(case_id)
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
                self._news.wait(0.5)

    def is_ready(self) -> bool:
        """Say whether reading is through, so that nothing has to be waited for."""
        return self._ended

    def close(self) -> None:
        """Stop reading and wait for the threads."""
        self._stop.set()
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
            case_ids = None
            if self._only is not None:
                case_ids = [
                    case_id
                    for case_id in self._only
                    if self._snapshot.bodies(case_id) != "complete" and self._is_read(case_id)
                ]
            self.report = self._read(workers, case_ids, self._stop)
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits
            self._broken = error
        finally:
            with self._news:
                self._ended = True
                self._news.notify_all()

    def _read(self, workers: int, case_ids: list[int] | None, stop: threading.Event) -> BodyReport:
        return pull_bodies(
            self._kayako,
            self._snapshot,
            case_ids=case_ids,
            hidden=self._moves,
            aside=self._aside,
            originals=lambda case: chosen(self._world, case),
            since=self._world.keep_since,
            wanted=None if self._world.filters == Filters() else self._moves,
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
            self._news.notify_all()
