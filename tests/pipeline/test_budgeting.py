"""What a plan says an apply takes, and what the servers were asked for then."""

from __future__ import annotations

import shutil
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import time
from types import SimpleNamespace
from typing import Any

import pytest

from runner import pipeline
from runner.config.hours import DAYS, OfficeHours
from runner.engine.costs import Budget
from runner.engine.remaining import Remaining
from runner.kayako import kinds
from runner.ledger import Ledger
from runner.pipeline import Scope
from runner.pipeline.budgeting import setup_of, speeds_of
from runner.snapshot import Snapshot
from tests.engine.support import Notes
from tests.pipeline.conftest import Site

QUIET: dict[str, Any] = {"progress": lambda *_: None, "stop": threading.Event()}


def budget(site: Site, scope: Scope | None = None) -> Budget:
    made, unreachable = pipeline.make_plan(
        site.config, scope or Scope(), show=0, pull=False, seen=lambda _: None, **QUIET
    )
    assert unreachable is None
    assert made.budget is not None
    return made.budget


def apply(site: Site, scope: Scope | None = None, **more: Any) -> None:
    pipeline.run_apply(
        site.config, scope or Scope(), pull=True, **{"watcher": Notes(), **more}, **QUIET
    )


def asked(site: Site) -> Counter[str]:
    """Return what Kayako was asked for since the last time, by kind."""
    seen = Counter(kinds.kind_of(each.method, each.path) for each in site.sandbox.kayako.requests)
    site.sandbox.kayako.requests.clear()
    return seen


def kinds_of_last_run(site: Site) -> dict[str, list[float]]:
    with Ledger.open(site.config.ledger_file, read_only=True) as ledger:
        found: dict[str, list[float]] = ledger.runs()[-1]["requests"]["kinds"]
        return found


def test_the_requests_that_a_plan_names_are_those_that_apply_sends(
    site: Callable[..., Site],
) -> None:
    made = site(8)
    before = budget(made)
    asked(made)
    apply(made)
    found = asked(made)
    assert found["lists"] == pytest.approx(before.kayako["lists"], abs=2)
    assert found["posts"] == before.kayako["posts"] == 8
    # Posts that are not read: which of them are mails, and how many files a post has, is guessed.
    assert found["beside"] == pytest.approx(before.kayako["beside"], abs=8)
    assert found["files"] >= before.kayako["files"] > 0
    sent = kinds_of_last_run(made)
    for kind in ("tickets", "articles"):
        assert before.zammad[kind] == pytest.approx(sent[kind][0], abs=2), kind


def test_after_an_apply_everything_is_measured_and_nothing_is_to_be_written(
    site: Callable[..., Site],
) -> None:
    made = site(8)
    before = budget(made)
    assert before.estimate.guessed == ("Kayako", "Zammad")
    assert before.attachments.to_come is None
    apply(made, Scope(limit=4))
    between = budget(made)
    assert between.estimate.guessed == ()
    assert between.attachments.to_come is not None
    assert between.zammad["tickets"] == 4
    assert between.disk.to_come > 0
    apply(made)
    after = budget(made)
    assert after.zammad == {}
    assert set(after.kayako) == {"lists"}
    assert after.attachments.to_come is not None
    assert (after.attachments.to_come.files, after.disk.to_come) == (0, 0)


def test_what_earlier_runs_measured_is_kept_by_kind(site: Callable[..., Site]) -> None:
    made = site(8)
    made.sandbox.zammad.faults.service_times = {"^POST .*/tickets$": 0.05}
    made.sandbox.kayako.faults.latency_by_route["/posts"] = 0.03
    apply(made)
    snapshot = Snapshot.open(made.config.snapshot_folder, read_only=True)
    with closing(snapshot), Ledger.open(made.config.ledger_file, read_only=True) as ledger:
        speeds = speeds_of(snapshot, ledger, None)
    assert speeds.zammad["tickets"].seconds >= 0.05
    assert speeds.zammad["tickets"].workers == made.config.zammad.workers
    assert speeds.zammad["articles"].seconds < 0.05
    assert speeds.kayako["posts"] >= 0.03
    assert speeds.kayako["lists"] < 0.03


def test_import_mode_settles_where_it_is_off(site: Callable[..., Site]) -> None:
    made = site(2)
    slow = replace(made, config=replace(made.config, zammad=zammad_that_settles(made)))

    def settle() -> float:
        with Ledger.open(made.config.ledger_file, read_only=True) as ledger:
            return setup_of(slow.config, ledger).settle_seconds

    assert settle() == 20
    apply(made)
    assert settle() == 0
    pipeline.run_finish(made.config, tell=lambda _: None)
    assert settle() == 20


def zammad_that_settles(site: Site) -> Any:
    return replace(site.config.zammad, settle_seconds=20.0)


def test_the_time_left_is_known_as_soon_as_the_lists_are_read_and_gets_less(
    site: Callable[..., Site],
) -> None:
    made = site(8)
    remaining = Remaining()
    left: list[tuple[str, float | None]] = []

    class Looking(Notes):
        def begin(self, entity: str, total: int) -> None:
            super().begin(entity, total)
            left.append((entity, remaining.seconds()))

    apply(made, watcher=Looking(), remaining=remaining)
    seconds = dict(left)
    assert left[0][0] == "groups"
    assert (seconds["groups"] or 0) > (seconds["tickets"] or 0) > 0
    assert remaining.seconds() is None


def test_within_office_hours_kayako_is_asked_slowly(
    site: Callable[..., Site],
) -> None:
    made = site(2)
    always = OfficeHours(time(0), time(0), 3000, DAYS, "UTC")
    kayako = replace(made.config.kayako, office_hours=always)
    made = replace(made, config=replace(made.config, kayako=kayako))
    apply(made)
    times = list(made.sandbox.kayako.faults.counts.times)
    # 3,000 a minute are one in 20 ms.
    assert len(times) > 30
    assert times[-1] - times[0] >= 0.9 * (len(times) - 1) * 0.02
    assert budget(made).setup.office_hours == always


def test_a_disk_that_is_too_small_is_seen(
    site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = site(2)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10))
    assert not budget(made).disk.is_enough
