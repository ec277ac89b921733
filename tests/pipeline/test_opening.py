from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from runner.config.model import Config
from runner.errors import Locked
from runner.pipeline.opening import connect_kayako, go_live_of, open_world
from runner.snapshot import Snapshot
from tests.pipeline.conftest import Site


def test_the_first_pull_is_the_go_live_that_nobody_named(tmp_path: Path) -> None:
    snapshot = Snapshot.open(tmp_path, kayako_url="https://acme.kayako.example")
    assert go_live_of(snapshot) == datetime.now(UTC).date()
    snapshot.set_meta("first_pull_at", "2026-12-05T23:00:00Z")
    assert go_live_of(snapshot) == date(2026, 12, 5)
    snapshot.close()


def test_one_run_at_a_time_writes_and_others_may_read(config: Config) -> None:
    config = replace(config, go_live=date(2027, 1, 1))
    with open_world(config, write=True, command="apply") as world:
        assert world.go_live == date(2027, 1, 1)
        assert world.kayako_host == "acme.kayako.example"
        with pytest.raises(Locked), open_world(config, write=True, command="apply"):
            pytest.fail("two runs write in one folder")
        with open_world(config, write=False, command="plan") as reader:
            assert list(reader.snapshot.case_ids()) == []
    with open_world(config, write=True, command="apply"):
        assert config.workdir.stat().st_mode & 0o777 == 0o700


def test_no_request_is_sent_before_one_is_needed(site: Callable[..., Site]) -> None:
    made = site()
    connect_kayako(made.config).close()
    assert made.sandbox.kayako.faults.counts.total == 0
