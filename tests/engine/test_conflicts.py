"""How old a ticket may be that was changed on both sides; fields: ``test_tickets``."""

from __future__ import annotations

import pytest

from runner.engine.conflicts import not_before

OURS, THEIRS = "2021-09-01T08:00:00Z", "2021-09-02T08:00:00.123Z"


@pytest.mark.parametrize(
    ("theirs", "ours", "written"),
    [
        (THEIRS, OURS, THEIRS),
        (OURS, THEIRS, THEIRS),
        ("2021-09-01T08:00:00.500Z", OURS, "2021-09-01T08:00:00.500Z"),
        (OURS, "2021-09-01T08:00:00.500Z", OURS),  # the same second: it stays as it is there
    ],
)
def test_the_later_of_both_moments_is_written(theirs: str, ours: str, written: str) -> None:
    fields = {"updated_at": ours, "title": "x"}
    assert not_before(theirs, fields, more=False) == {"updated_at": written, "title": "x"}
    assert fields["updated_at"] == ours, "what was handed in is kept"


def test_a_moment_alone_is_not_worth_a_write_unless_articles_move_it() -> None:
    assert not_before(THEIRS, {"updated_at": OURS}, more=False) == {}
    assert not_before(THEIRS, {"updated_at": OURS}, more=True) == {"updated_at": THEIRS}
