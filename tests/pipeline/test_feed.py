from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest

from runner.engine.apply import Run
from runner.engine.counts import Counts
from runner.engine.target import Target
from runner.errors import Interrupted, MigrateError, PreflightError
from runner.kayako.bodies import BodyReport, OnCase
from runner.kayako.client import Kayako
from runner.kayako.pull import pull_headers
from runner.pipeline import feed as feed_module
from runner.pipeline.feed import BodyFeed
from runner.pipeline.opening import connect_kayako, open_world
from runner.zammad.client import Zammad
from tests.engine.support import Notes
from tests.pipeline.conftest import Site


@contextmanager
def ready(site: Site) -> Iterator[tuple[Run, Kayako]]:
    """Open a run whose headers are read and whose bodies are not."""
    with open_world(site.config, write=True, command="apply") as world:
        kayako = connect_kayako(site.config)
        world.zammad = Zammad(site.config.zammad)
        pull_headers(kayako, world.snapshot, progress=lambda *_: None)
        notes = Notes()
        door = Target(world, settle_seconds=0, tell=notes.say)
        yield Run(world, door, Counts(), notes, threading.Event(), 2), kayako
        kayako.close()
        world.zammad.close()


def test_every_case_is_there_once_it_was_waited_for(site: Callable[..., Site]) -> None:
    with ready(site()) as (run, kayako):
        feed = BodyFeed(run, kayako, 2, None)
        for case_id in run.world.snapshot.case_ids():
            assert feed.wait(case_id) is None
            assert len(run.world.snapshot.posts(case_id)) == 3
        feed.close()
        assert feed.is_ready()


def test_only_as_many_are_read_as_are_wanted(site: Callable[..., Site]) -> None:
    with ready(site()) as (run, kayako):
        snapshot = run.world.snapshot
        wanted, *rest = snapshot.case_ids()
        feed = BodyFeed(run, kayako, 2, [wanted])
        assert feed.wait(wanted) is None
        feed.close()
        assert snapshot.count_needing_bodies() == len(rest)


def test_one_beyond_the_limit_is_read_when_it_is_asked_for(site: Callable[..., Site]) -> None:
    made = site()
    with ready(made) as (run, kayako):
        snapshot = run.world.snapshot
        wanted, beyond, lost, *rest = snapshot.case_ids()
        made.sandbox.kayako.helpdesk.delete_case(lost)
        feed = BodyFeed(run, kayako, 2, [wanted])
        assert feed.wait(beyond) is None
        assert isinstance(feed.wait(lost), MigrateError)
        assert feed.wait(wanted) is None
        feed.close()
        assert len(snapshot.posts(beyond)) == 3
        assert snapshot.count_needing_bodies() == len(rest) + 1


def test_one_that_is_too_old_is_read_when_it_is_asked_for(site: Callable[..., Site]) -> None:
    with ready(site()) as (run, kayako):
        run.world.keep_since = date(2099, 1, 1)
        case_id = next(run.world.snapshot.case_ids())
        feed = BodyFeed(run, kayako, 2, None)
        assert feed.wait(case_id) is None
        feed.close()
        assert run.world.snapshot.count_needing_bodies() == 5


@contextmanager
def fed(run: Run, kayako: Kayako) -> Iterator[BodyFeed]:
    """Read with two workers, and end that before anything else is closed."""
    feed = BodyFeed(run, kayako, 2, None)
    try:
        yield feed
    finally:
        feed.close()


def comes_to_rest(run: Run, left: int) -> bool:
    """Say whether reading goes on until so many conversations lack their posts, and no further."""
    deadline = time.monotonic() + 5
    while run.world.snapshot.count_needing_bodies() > left and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.1)
    return run.world.snapshot.count_needing_bodies() == left


def test_not_more_is_read_ahead_than_may_be(
    site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "AHEAD", 2)
    with ready(site()) as (run, kayako):
        first, _, third, *_, last = run.world.snapshot.case_ids()
        with fed(run, kayako) as feed:
            assert comes_to_rest(run, 4)
            assert feed.is_ready()
            assert feed.wait(first) is None
            assert comes_to_rest(run, 3)
            assert feed.wait(third) is None
            assert comes_to_rest(run, 1)
            # As a merged conversation waits for the one that it was merged into.
            assert feed.wait(last) is None
            assert comes_to_rest(run, 0)


def test_it_is_ready_when_the_next_one_is_there(
    site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = threading.Semaphore(0)

    def one_by_one(*_: Any, case_ids: list[int], on_case: OnCase, **__: Any) -> BodyReport:
        for case_id in case_ids:
            allowed.acquire(timeout=5)
            on_case(case_id, MigrateError("there"))
        return BodyReport()

    monkeypatch.setattr(feed_module, "pull_bodies", one_by_one)
    with ready(site()) as (run, kayako), fed(run, kayako) as feed:
        first, second, *_ = run.world.snapshot.case_ids()
        allowed.release()
        assert feed.wait(first) is not None
        assert not feed.is_ready()
        allowed.release()
        deadline = time.monotonic() + 5
        while not feed.is_ready() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert feed.is_ready()
        assert feed.wait(second) is not None
        assert not feed.is_ready()
        allowed.release(100)


def test_what_is_read_already_is_not_read_again(site: Callable[..., Site]) -> None:
    made = site()
    with ready(made) as (run, kayako):
        for _ in range(2):
            made.sandbox.kayako.requests.clear()
            feed = BodyFeed(run, kayako, 2, list(run.world.snapshot.case_ids())[:2])
            for case_id in list(run.world.snapshot.case_ids())[:2]:
                assert feed.wait(case_id) is None
            feed.close()
        assert list(made.sandbox.kayako.requests) == []


def test_a_case_that_cannot_be_read_is_told_and_the_others_come(site: Callable[..., Site]) -> None:
    made = site()
    with ready(made) as (run, kayako):
        bad, *rest = run.world.snapshot.case_ids()
        case = made.sandbox.kayako.helpdesk.cases[bad]
        made.sandbox.kayako.helpdesk.delete_case(bad)
        feed = BodyFeed(run, kayako, 2, None)
        assert isinstance(feed.wait(bad), MigrateError)
        assert [feed.wait(case_id) for case_id in rest] == [None] * len(rest)
        feed.close()
        assert case["id"] == bad


def test_what_ends_the_reading_is_raised_where_it_is_waited_for(site: Callable[..., Site]) -> None:
    made = site()
    with ready(made) as (run, kayako):
        kayako.close()
        wrong = Kayako(made.sandbox.kayako_url, "admin@example.com", made.config.zammad.token)
        feed = BodyFeed(run, wrong, 2, None)
        with pytest.raises(PreflightError):
            feed.wait(next(run.world.snapshot.case_ids()))
        feed.close()
        wrong.close()


def test_a_stop_ends_the_waiting(site: Callable[..., Site]) -> None:
    made = site()
    with ready(made) as (run, kayako):
        made.sandbox.kayako.faults.latency_by_route["/posts"] = 0.2
        feed = BodyFeed(run, kayako, 2, None)
        run.stop.set()
        with pytest.raises(Interrupted):
            feed.wait(list(run.world.snapshot.case_ids())[-1])
        feed.close()
        assert not any(thread.name == "bodies" for thread in threading.enumerate())
