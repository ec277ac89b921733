from __future__ import annotations

from collections.abc import Iterator

import pytest

from runner.engine.past import check_kept
from runner.errors import PreflightError
from runner.zammad.client import Zammad
from tests.zammad.support import config


@pytest.fixture
def zammad() -> Iterator[Zammad]:
    client = Zammad(config("http://127.0.0.1:1"))
    yield client
    client.close()


SENT = {"created_at": "2019-03-01T10:00:00Z"}


@pytest.mark.parametrize(
    "answer", [{"created_at": "2019-03-01T10:00:00.000Z"}, {"created_at": None}, {}]
)
def test_a_kept_time_passes(zammad: Zammad, answer: dict[str, str]) -> None:
    check_kept(zammad, SENT, answer, "case 7")


def test_a_record_without_a_time_of_its_own_passes(zammad: Zammad) -> None:
    check_kept(zammad, {}, {"created_at": "2026-11-23T00:00:00.000Z"}, "case 7")


def test_another_time_stops_the_run_and_names_the_record(zammad: Zammad) -> None:
    with pytest.raises(PreflightError, match=r"case 7 .* import mode is off"):
        check_kept(zammad, SENT, {"created_at": "2026-11-23T00:00:00.000Z"}, "case 7")
    assert zammad.halted is not None


def test_without_a_difference_everybody_goes_on_writing(zammad: Zammad) -> None:
    check_kept(zammad, SENT, dict(SENT), "case 7")
    assert zammad.halted is None
