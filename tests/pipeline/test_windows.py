"""A delta at night: import mode on for the run, and off again when people come."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from runner import pipeline
from runner.engine.brake import Brake
from runner.engine.change import Change
from runner.errors import Interrupted, MigrateError
from tests.behaviour.support import Seen
from tests.engine.support import Notes
from tests.pipeline.conftest import Site
from tests.pipeline.test_checking import fields, verify
from tests.pipeline.test_scoping import apply

Make = Callable[..., Site]


def in_window(*, closes: timedelta = timedelta(hours=1)) -> Brake:
    return Brake(until=datetime.now(UTC) + closes)


def import_mode(site: Site) -> bool:
    return bool(Seen(site.sandbox.zammad_url).setting("import_mode"))


def _wait_in_vain(site: Site) -> None:
    """Let an agent's reminder of a moved ticket be overdue, and have something to write."""
    helpdesk = site.sandbox.kayako.helpdesk
    helpdesk.add_post(next(iter(helpdesk.cases)), "The night after.")
    seen = Seen(site.sandbox.zammad_url)
    ticket = seen.rows("/tickets")[-1]
    agents = [row for row in seen.rows("/users") if row["email"].startswith("agent-")]
    due = {
        "owner_id": agents[0]["id"],
        "state": "pending reminder",
        "pending_time": "2020-01-01T00:00:00Z",
    }
    seen.ask("PUT", f"/tickets/{ticket['id']}", json=due)


def test_before_it_was_finished_import_mode_stays_on(site: Make) -> None:
    s = site(2)
    assert not apply(s.config, brake=in_window()).reopened
    assert import_mode(s)
    assert not pipeline.is_in_use(s.config)


def test_what_is_in_use_is_given_back_however_the_run_ends(site: Make) -> None:
    s = site(3)
    apply(s.config)
    pipeline.run_finish(s.config, tell=lambda _: None)
    assert pipeline.is_in_use(s.config)
    assert not import_mode(s)
    helpdesk = s.sandbox.kayako.helpdesk
    one, two, *_ = helpdesk.cases
    helpdesk.add_post(one, "At night.")
    helpdesk.add_post(two, "At night, too.")
    # Cut off by the end of the window at its first record; nothing was written, nothing changed.
    with pytest.raises(Interrupted, match="--window"):
        apply(s.config, brake=in_window(closes=-timedelta(hours=1)))
    assert not import_mode(s)
    modes: list[bool] = []
    ended = threading.Event()

    class Watch(Notes):
        def record(self, change: Change, problem: MigrateError | None) -> None:
            super().record(change, problem)
            if change.entity == "tickets" and change.fields:
                modes.append(import_mode(s))
                ended.set()

    one_by_one = replace(s.config, zammad=replace(s.config.zammad, workers=1))
    with pytest.raises(Interrupted):
        apply(one_by_one, brake=in_window(), watcher=Watch(), stop=ended)
    assert modes[0] is True
    assert not import_mode(s)
    done = apply(s.config, brake=in_window())
    assert done.reopened is done.wrote
    assert fields(verify(s.config)) == set()
    _wait_in_vain(s)
    notes = Notes()
    done = apply(s.config, brake=in_window(), watcher=notes)
    assert not import_mode(s)
    assert done.reopened
    (told,) = [note for note in done.notes if note.startswith("Zammad acts on this now")]
    assert "reminder" in told
    assert told in notes.said
    # Without a window it stays on, as ever, until finish.
    helpdesk.add_post(one, "By day.")
    assert not apply(s.config).reopened
    assert import_mode(s)
