"""Killed at any step, or worked through faults: the same final state, nothing twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from runner.sandbox.data import generate
from runner.sandbox.zammad.state import Logged
from tests.behaviour.conftest import Stage
from tests.behaviour.support import differences
from tests.mapping.support import ROOT

Make = Callable[..., Stage]


def posted(s: Stage) -> list[Logged]:
    return [seen for seen in [*s.sandbox.zammad.requests] if seen.method == "POST"]


def wait_for(reached: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until a run has come so far, however slow the machine is."""
    deadline = time.monotonic() + 60
    while not reached():
        assert process.poll() is None, "it is over already"
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.fault(
    "apply, finish, reset or pull is killed at any step: a request, an answer, an fsync, a commit",
    does="the next one looks up what was on its way, goes on, and ends with the same Zammad",
)
@pytest.mark.parametrize(
    ("verb", "sample"),
    [("apply", ("--sample", "2")), ("finish", ()), ("reset", ()), ("pull", ("--sample", "2"))],
)
def test_killed_at_any_step_it_is_completed_by_the_next(verb: str, sample: tuple[str, ...]) -> None:
    """A sample with the usual number of workers; ``benchmarks crashes`` takes every step."""
    options = ("--seed", "7", "--workers", "4", *(sample or ("--sample", "1")))
    done = subprocess.run(
        [sys.executable, "-m", "tests.crashing", verb, *options],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    counted, *trials = map(json.loads, done.stdout.splitlines())
    assert counted["steps"] > 200
    assert trials
    for trial in trials:
        assert trial["killed"], trial
        assert trial["problems"] == [], trial


@pytest.mark.fault("Ctrl-C", does="what is on its way is finished; the same command goes on later")
def test_ctrl_c_finishes_what_is_in_flight_and_says_how_to_go_on(stage: Make) -> None:
    undisturbed, s = stage(generate(25, posts_each=2)), stage(generate(25, posts_each=2))
    undisturbed.place.succeed("apply", "--yes")
    s.sandbox.zammad.faults.latency = 0.01
    process = s.place.start("apply", "--yes")
    wait_for(lambda: any(seen.path.endswith("/tickets") for seen in posted(s)), process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "go on" in errors
    partial = len(s.zammad.rows("/tickets"))
    s.sandbox.zammad.faults.latency = 0.0
    s.place.succeed("apply", "--yes")
    assert partial < len(s.zammad.rows("/tickets"))
    assert differences(s.zammad.everything(), undisturbed.zammad.everything()) == []


@pytest.mark.fault("two runs at once", does="the second one ends at once and names the first")
def test_two_runs_at_once_are_refused(stage: Make) -> None:
    s = stage()
    s.sandbox.zammad.faults.latency = 0.02
    process = s.place.start("apply", "--yes")
    wait_for(lambda: bool(s.sandbox.kayako.requests), process)  # it has the lock by then
    second = s.place.migrate("apply", "--yes")
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert second.returncode == 8, second.stderr
    s.sandbox.zammad.faults.latency = 0.0
    s.place.succeed("apply", "--yes", "--only", "groups")
