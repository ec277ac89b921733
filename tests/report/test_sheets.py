from __future__ import annotations

import csv
from pathlib import Path

import pytest

from runner.report import sheets
from tests.report.support import SOURCES, Moved, done, stopped


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u200e=1", "\x00=1"),
        *("=cmd|' /C calc'!A0", "\N{FULLWIDTH EQUALS SIGN}1", "\N{NO-BREAK SPACE}=1"),
    ],
)
def test_no_cell_begins_a_formula(text: str) -> None:
    written = sheets.cell(text)
    assert written.lstrip()[0] == "'" or written[0] == "\N{REPLACEMENT CHARACTER}"


def test_other_cells_are_written_as_they_are_on_one_line() -> None:
    assert sheets.cell(None) == ""
    assert sheets.cell(42) == "42"
    assert (
        sheets.cell("Re: 1 = 1\r\nsecond\x1b[31m")
        == "Re: 1 = 1 second\N{REPLACEMENT CHARACTER}[31m"
    )
    assert sheets.cell("half \ud83d a pair").encode()


def test_every_record_is_in_the_sheet_of_its_kind(tmp_path: Path) -> None:
    moved = Moved(tmp_path)
    applied = {"title": "=HYPERLINK(1)"}
    notes = [["cut", "title", "300 characters cut to 250"], ["dropped", "state", "On hold"]]
    moved.put("tickets", done("1", 11, applied=applied, notes=notes))
    moved.put("tickets", stopped("2", "failed", "number taken"))
    moved.put("tickets", stopped("3", "skipped", "deleted in Kayako"))
    files = sheets.write(tmp_path / "sheets", moved.ledger, moved.snapshot, SOURCES)
    assert [file.name for file in files] == ["groups.csv", "users.csv", "tickets.csv"]
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files)
    with files[2].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        list(sheets.COLUMNS),
        ["1", "11", "done", "create", "'=HYPERLINK(1)", "", _NOTES],
        ["2", "", "failed", "failed", "Case 2", "number taken", ""],
        ["3", "", "skipped", "skipped", "Case 3", "deleted in Kayako", ""],
    ]


_NOTES = "cut title 300 characters cut to 250; dropped state On hold"


def test_a_long_sheet_is_written_whole(tmp_path: Path) -> None:
    moved = Moved(tmp_path)
    moved.put("tickets", *(stopped(str(n), "failed", "no") for n in range(100, 1_350)))
    *_, file = sheets.write(tmp_path / "sheets", moved.ledger, moved.snapshot, SOURCES)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        assert [row["source_id"] for row in csv.DictReader(lines)] == [
            str(number) for number in range(100, 1_350)
        ]
