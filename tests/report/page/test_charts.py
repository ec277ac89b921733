from __future__ import annotations

import pytest

from runner.report.figures.model import Row, Stretch
from runner.report.page import charts


def test_a_bar_is_filled_and_shows_one_failure_among_a_hundred_thousand() -> None:
    pieces = charts.bar(Row("tickets", 100_000, created=99_999, failed=1))
    assert [(piece.kind, piece.number) for piece in pieces] == [("created", 99_999), ("failed", 1)]
    assert pieces[1].width >= 5
    assert sum(piece.width for piece in pieces) == pytest.approx(charts.WIDTH, abs=0.2)
    assert charts.bar(Row("tickets", 0)) == ()


def test_a_column_a_month_with_those_between() -> None:
    columns = charts.columns({"2024-11": 4, "2025-02": 2})
    assert [(column.word, column.piece.number) for column in columns] == [
        *(("2024-11", 4), ("2024-12", 0), ("2025-01", 0), ("2025-02", 2)),
    ]
    assert [column.piece.height for column in columns] == [100.0, 0.0, 0.0, 50.0]


def test_many_months_become_years() -> None:
    columns = charts.columns({"2014-01": 1, "2014-02": 2, "2024-12": 5})
    assert [(column.word, column.piece.number) for column in columns][:2] == [
        ("2014", 3),
        ("2015", 0),
    ]
    assert len(columns) == 11


def test_a_ticket_of_the_year_one_does_not_fill_the_page() -> None:
    assert len(charts.columns({"0001-01": 1, "2024-01": 5})) <= 100
    assert charts.columns({}) == ()


def stretch(pace: dict[str, list[list[float]]]) -> Stretch:
    return Stretch("apply", "2026-12-01T08:00:00Z", "2026-12-01T09:00:00Z", 3600, "done", pace=pace)


def test_rates_are_records_a_minute_between_two_points() -> None:
    made = charts.rates(stretch({"tickets": [[0, 0], [60, 90], [120, 120]]}))
    assert made is not None
    assert (made.seconds, made.highest) == (120, 100)
    (line,) = made.lines
    assert (line.records, line.seconds, line.mean, line.highest) == (120, 120, 60, 90)
    assert line.path == "M0 100L0 10L500 10L500 70L1000 70L1000 100Z"


def test_what_was_over_at_once_has_no_rate() -> None:
    made = charts.rates(stretch({"groups": [[0.0, 0], [0.0, 6]], "users": [[0.0, 0], [0.4, 9]]}))
    assert made is not None
    assert made.highest is None
    assert [line.mean for line in made.lines] == [None, None]
    assert charts.rates(stretch({})) is None
    assert charts.rates(stretch({"groups": [[0, 0], [1, 0]]})) is None
