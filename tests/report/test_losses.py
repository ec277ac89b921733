from __future__ import annotations

import pytest

from runner.report.losses import counted, loss


@pytest.mark.parametrize(
    ("number", "what", "words"),
    [
        (1, "tickets", "1 ticket"),
        (1, "time entries", "1 time entry"),
        (2, "time entries", "2 time entries"),
        (1234, "users", "1,234 users"),
        (0, "users", "0 users"),
    ],
)
def test_one_is_singular(number: int, what: str, words: str) -> None:
    assert counted(number, what) == words


def test_a_loss_is_told_with_examples() -> None:
    told = "lastname stays as it was in Zammad (in Kayako 1, 17)"
    assert loss("lastname", "kept", ["1", "17"]) == told
    assert loss("x", "skipped", ["1"]) == "x skipped (in Kayako 1)"
