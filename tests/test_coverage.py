"""What ``make coverage`` judges: lines and branches each for itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests import coverage


def measured(lines: float, branches: float) -> dict[str, Any]:
    totals = {"percent_statements_covered": lines, "percent_branches_covered": branches}
    totals |= {"num_statements": 1000, "num_branches": 100}
    files = {
        f"runner/{name}.py": {"summary": {"missing_lines": 20 - many, "missing_branches": many}}
        for name, many in (("few", 1), ("many", 12), ("none", 0))
    }
    return {"totals": totals, "files": files}


@pytest.mark.parametrize(
    ("lines", "branches", "code"),
    [(95.0, 95.0, 0), (99.9, 94.99, 1), (94.99, 99.9, 1), (100.0, 100.0, 0)],
)
def test_either_alone_can_fail_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lines: float, branches: float, code: int
) -> None:
    file = tmp_path / "coverage.json"
    file.write_text(json.dumps(measured(lines, branches)))
    assert coverage.main(file) == code
    said = capsys.readouterr().out
    assert f"lines: {lines:.2f} % of 1000" in said
    assert f"branches: {branches:.2f} % of 100" in said


def test_the_worst_modules_come_first_and_whole_ones_are_not_named() -> None:
    _, (_, branches) = coverage.verdict(measured(96, 96))
    assert [line.split()[1] for line in branches.splitlines()[1:]] == [
        "runner/many.py",
        "runner/few.py",
    ]
