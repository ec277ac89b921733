"""Everything that can happen in a move, in any order: ``python -m benchmarks machine`` does more.

The laws are in ``tests.machine.laws``, what can happen is in ``tests.machine.move``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.machine.move import EDITS, Move


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting between two attempts is tested elsewhere."""
    monkeypatch.setattr("runner.retry.LONGEST_BACKOFF_SECONDS", 0.01)


Move.TestCase.settings = settings(
    max_examples=3,
    stateful_step_count=10,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],  # a shorter failing example takes minutes: the benchmark's business
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.usefixtures("impatient")
class TestMove(Move.TestCase):  # type: ignore[misc,valid-type] # made by Hypothesis at run time
    """A few moves that chance made; always the same ones."""


@contextmanager
def moving() -> Iterator[Move]:
    """Yield a move whose steps the test takes itself; the laws are asked in the end."""
    move = Move()
    try:
        yield move
        move.nothing_is_doubled()
        move.nobody_is_mailed()
    finally:
        move.teardown()


@pytest.mark.parametrize("step", [729, 732])
def test_a_ticket_or_an_article_that_nobody_was_told_of_is_found_again(step: int) -> None:
    with moving() as move:
        move.kill_apply(step)
        move.apply()
        move.apply_again()
        move.verify()


def test_a_long_life_loses_and_doubles_nothing() -> None:
    with moving() as move:
        move.kill_apply(90)
        move.kill_apply(650)  # between two tickets
        move.write_post(0, "MAIL")
        move.apply()
        move.apply_again()
        move.verify()
        move.open_conversation()
        move.rename_user(1002)
        move.edit_mapping(EDITS[0])
        move.kill_apply(150)
        move.fault("zammad", "POST", "reset_after", 1)
        move.apply()
        move.repair()
        move.apply()
        move.finish()
        move.close_in_zammad(1)
        move.answer_in_zammad(0)
        move.change_status(1, 2)
        move.delete_in_zammad(2)
        move.trash(0)
        move.apply()
        move.apply_again()
        move.kill("reset", 60)
        move.reset(thoroughly=False)
        move.reset(thoroughly=True)
