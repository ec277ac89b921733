from __future__ import annotations

import pytest

from runner.engine.past import check_kept
from runner.errors import PreflightError

SENT = {"created_at": "2019-03-01T10:00:00Z"}


@pytest.mark.parametrize(
    "answer", [{"created_at": "2019-03-01T10:00:00.000Z"}, {"created_at": None}, {}]
)
def test_a_kept_time_passes(answer: dict[str, str]) -> None:
    check_kept(SENT, answer, "case 7")


def test_a_record_without_a_time_of_its_own_passes() -> None:
    check_kept({}, {"created_at": "2026-11-23T00:00:00.000Z"}, "case 7")


def test_another_time_stops_the_run_and_names_the_record() -> None:
    with pytest.raises(PreflightError, match=r"case 7 .* import mode is off"):
        check_kept(SENT, {"created_at": "2026-11-23T00:00:00.000Z"}, "case 7")
