from __future__ import annotations

import pytest

from runner.engine.brake import Brake
from runner.engine.change import Action
from runner.engine.counts import Counts
from runner.errors import Interrupted, TooManyErrors


def counted(failed: int, done: int) -> Counts:
    counts = Counts()
    for number in range(done):
        counts.count("tickets", Action.FAIL if number < failed else Action.CREATE)
    return counts


@pytest.mark.parametrize(
    ("brake", "failed", "done", "ends"),
    [
        (Brake(), 50, 50, False),
        (Brake(errors=2), 2, 50, False),
        (Brake(errors=2), 3, 50, True),
        (Brake(errors=0), 1, 1, True),
        (Brake(share=0.1), 50, 99, False),
        (Brake(share=0.1), 10, 100, False),
        (Brake(share=0.1), 11, 100, True),
        (Brake(share=0.0), 1, 100, True),
    ],
)
def test_a_run_ends_at_more_failures_than_allowed(
    brake: Brake, failed: int, done: int, *, ends: bool
) -> None:
    why = brake.why(counted(failed, done))
    assert isinstance(why, TooManyErrors) is ends
    assert (why is None) is not ends


def test_a_run_ends_when_its_time_is_over() -> None:
    assert Brake(seconds=3600).why(counted(0, 1)) is None
    assert isinstance(Brake(seconds=-1).why(counted(0, 1)), Interrupted)
