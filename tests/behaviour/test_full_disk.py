"""The disk is full in the middle of a verb: it ends with a sentence, and goes on with room."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from runner.sandbox.data import generate
from tests.behaviour.conftest import Stage
from tests.behaviour.support import Place
from tests.faults import room

Make = Callable[..., Stage]


def ends_with_a_sentence(place: Place, *arguments: str) -> int:
    done = place.migrate(*arguments)
    assert done.returncode in {1, 12}, f"{done.stdout}{done.stderr}"
    assert "something unexpected" not in done.stderr
    assert "→" in done.stderr
    return done.returncode


@pytest.mark.fault(
    "the disk is full while Kayako is read, records are written, or a report is made",
    does="the run ends and says so; with room the same command goes on, and nothing is doubled",
)
def test_pull_apply_and_report_go_on_when_there_is_room(stage: Make) -> None:
    s = stage(generate(6, posts_each=3, users=4))
    with room(100 << 10):
        assert ends_with_a_sentence(s.place, "pull") == 12
    s.place.succeed("pull")
    for size in (2_000, 12_000):
        with room(size):
            ends_with_a_sentence(s.place, "apply", "--yes", "--no-pull")
    s.place.succeed("apply", "--yes", "--no-pull")
    numbers = [row["number"] for row in s.zammad.rows("/tickets")]
    assert len(numbers) == len(set(numbers)) == 6 + 1
    with room(3_000):
        ends_with_a_sentence(s.place, "report")
    s.place.succeed("report")
    s.place.succeed("doctor", "--deep")
