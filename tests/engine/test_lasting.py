"""How long steps last: figures worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.engine.lasting import Sizes, Span, spans

SIZES = Sizes(
    cases=10_000,
    unread=10_000,
    users=2_000,
    organizations=0,
    posts=40_000,
    files=0,
    requests_per_minute=600,
)


def test_kayako_s_limit_says_how_long_copying_takes() -> None:
    # 120 pages of records, 20 other lists and a request a conversation, ten a second.
    made = spans(SIZES, [], None)
    assert made["pull"] == Span(1_014.0)
    assert made["delta"] == Span(14.0)
    # Half of it is copied and had 3,000 files: the other half will have as many.
    half = replace(SIZES, unread=5_000, files=3_000)
    assert spans(half, [], None)["pull"] == Span(14.0 + 500.0 + 300.0)


def test_before_any_run_a_small_zammad_is_assumed() -> None:
    made = spans(SIZES, [], None)
    assert made["apply"].seconds == pytest.approx(2_000 * 0.074 + 10_000 * 0.219 + 30_000 * 0.072)
    assert made["verify"] == Span(600.0)
    assert not made["apply"].measured


def test_the_longest_apply_tells_how_fast_this_zammad_is() -> None:
    runs = [
        {"kind": "apply", "pace": {"tickets": [[0, 0], [500.0, 5_000]]}},
        {"kind": "apply", "pace": {"tickets": [[0, 0], [9.0, 3]]}},
        {"kind": "apply", "pace": {}},
        {"kind": "finish"},
    ]
    assert spans(SIZES, runs, None)["apply"] == Span(1_000.0, measured=True)


def test_a_verification_of_a_sample_tells_how_long_all_takes() -> None:
    checked = {"tickets": 500, "seconds": 30.0}
    assert spans(SIZES, [], checked)["verify"] == Span(600.0, measured=True)


@pytest.mark.parametrize("checked", [{"tickets": 0, "seconds": 3.0}, {"tickets": 5, "seconds": 0}])
def test_a_verification_of_nothing_tells_nothing(checked: dict[str, float]) -> None:
    assert not spans(SIZES, [], checked)["verify"].measured


def test_an_empty_kayako_takes_no_division_by_zero() -> None:
    made = spans(Sizes(0, 0, 0, 0, 0, 0, 0), [], None)
    assert made["verify"] == Span(0)
