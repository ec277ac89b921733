from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from runner import pipeline
from runner.errors import Interrupted, PreflightError
from runner.ledger import Ledger
from runner.pipeline import Scope
from runner.sandbox.data.common import AGENTS
from runner.sandbox.data.shapes.conversations import time_entry
from tests.engine.support import Notes
from tests.pipeline.conftest import Site


def applied(
    site: Site, scope: Scope | None = None, *, pull: bool = True
) -> dict[str, dict[str, int]]:
    done = pipeline.run_apply(
        site.config,
        scope or Scope(),
        pull=pull,
        watcher=Notes(),
        progress=lambda *_: None,
        stop=threading.Event(),
    )
    return done.counts.as_import_job()


def pulled(site: Site, *, bodies: bool) -> None:
    pipeline.headers_and_bodies(
        site.config, bodies=bodies, progress=lambda *_: None, stop=threading.Event()
    )


def test_apply_pulls_and_writes_finish_and_reset_close_it(site: Callable[..., Site]) -> None:
    made = site()
    made = replace(made, config=replace(made.config, go_live=date(2027, 1, 1)))
    result = applied(made)
    assert result["Tickets"]["created"] == result["Tickets"]["total"] == 6
    assert pipeline.run_finish(made.config, tell=lambda _: None).failed == []
    assert made.sandbox.zammad.setting("import_mode") is False
    assert pipeline.reset_outlook(made.config).removed["tickets"] == 6
    removal = pipeline.run_reset(
        made.config, discard_changes=False, tell=lambda _: None, stopped=lambda: False
    )
    assert removal.remains == []
    assert len(made.sandbox.zammad.tables.tickets) == 1


def test_posts_are_read_while_people_are_written(site: Callable[..., Site]) -> None:
    made = site()

    class Patient(Notes):
        """Lets people wait until posts are asked for."""

        def begin(self, entity: str, total: int) -> None:
            deadline = time.monotonic() + 5
            while entity == "users" and not asked() and time.monotonic() < deadline:
                time.sleep(0.01)
            begun.append((entity, asked()))
            super().begin(entity, total)

    def asked() -> bool:
        return any(one.path.endswith("/posts") for one in list(made.sandbox.kayako.requests))

    begun: list[tuple[str, bool]] = []
    pipeline.run_apply(
        made.config,
        Scope(),
        pull=True,
        watcher=Patient(),
        progress=lambda *_: None,
        stop=threading.Event(),
    )
    assert ("users", True) in begun
    assert dict(begun)["tickets"]


def test_a_run_without_tickets_reads_no_posts(site: Callable[..., Site]) -> None:
    made = site()
    applied(made, Scope(only=("users",)))
    assert not any(one.path.endswith("/posts") for one in made.sandbox.kayako.requests)


def test_without_a_snapshot_there_is_nothing_to_write_from(site: Callable[..., Site]) -> None:
    with pytest.raises(PreflightError, match="no snapshot"):
        applied(site(), pull=False)


def test_without_pulling_a_case_whose_posts_were_never_read_waits_for_a_pull(
    site: Callable[..., Site],
) -> None:
    made = site()
    pulled(made, bodies=False)
    applied(made, Scope(limit=2))
    result = applied(made, pull=False)
    assert result["Tickets"]["unchanged"] == 2
    assert result["Tickets"]["failed"] == 4
    failed = pipeline.status(made.config)["failed"]
    assert all("never pulled" in row["reason"] for row in failed)
    assert applied(made)["Tickets"]["created"] == 4


def test_a_snapshot_is_enough_without_kayako(site: Callable[..., Site]) -> None:
    made = site()
    pulled(made, bodies=True)
    asked = made.sandbox.kayako.faults.counts.total
    assert applied(made, Scope(limit=3), pull=False)["Tickets"]["created"] == 3
    assert made.sandbox.kayako.faults.counts.total == asked


def test_a_stopped_run_says_so_in_its_record(site: Callable[..., Site]) -> None:
    made = site()
    pulled(made, bodies=True)
    stop = threading.Event()
    stop.set()
    with pytest.raises(Interrupted):
        pipeline.run_apply(
            made.config,
            Scope(),
            pull=False,
            watcher=Notes(),
            progress=lambda *_: None,
            stop=stop,
        )
    assert pipeline.status(made.config)["outcome"] == "interrupted"


def test_forgetting_empties_the_ledger_and_asks_zammad_nothing(site: Callable[..., Site]) -> None:
    made = site()
    applied(made, Scope(("groups",)))
    asked = made.sandbox.zammad.faults.counts.total
    pipeline.forget(made.config)
    assert made.sandbox.zammad.faults.counts.total == asked
    with Ledger.open(made.config.ledger_file, read_only=True) as ledger:
        assert len(ledger.table("groups")) == 0
        assert ledger.target == {}


def test_a_plan_without_zammad_is_made_and_says_why(site: Callable[..., Site]) -> None:
    made = site()
    config = replace(made.config, zammad=replace(made.config.zammad, url="http://127.0.0.1:9"))
    plan, why = pipeline.make_plan(
        config,
        Scope(),
        show=0,
        pull=True,
        progress=lambda *_: None,
        seen=lambda _: None,
        stop=threading.Event(),
    )
    assert "127.0.0.1:9" in (why or "")
    assert plan.target is None
    assert plan.bodies_unread == 6


def test_time_that_comes_later_for_an_unchanged_conversation_is_written(
    site: Callable[..., Site],
) -> None:
    made = site()
    applied(made)
    helpdesk = made.sandbox.kayako.helpdesk
    moment = "2026-01-05T10:00:00+00:00"
    for number, case_id in ((9001, next(iter(helpdesk.cases))), (9002, 987_654)):
        helpdesk.add(
            time_entry(number, case_id, AGENTS[0], kind="WORKED", seconds=90, created_at=moment)
        )
    made.sandbox.zammad.requests.clear()
    again = pipeline.run_apply(
        made.config,
        Scope(),
        pull=True,
        watcher=Notes(),
        progress=lambda *_: None,
        stop=threading.Event(),
    )
    assert again.counts.as_import_job()["Tickets"]["updated"] == 1
    rows = made.sandbox.zammad.tables.time_accountings.values()
    assert [row["time_unit"] for row in rows if row["created_at"][:10] == "2026-01-05"] == ["1.5"]
    assert again.notes == ["1 time entries are left out: Kayako does not have their conversations"]
    changes = [
        request.method
        for request in made.sandbox.zammad.requests
        if request.path.startswith("/api/v1/tickets/") and request.method in {"POST", "PUT"}
    ]
    assert changes == ["POST", "PUT"]
