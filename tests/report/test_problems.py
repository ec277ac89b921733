from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from runner.errors import Problem
from runner.report.problems import as_json, problems


def printed(found: list[Problem], *, secret: tuple[Path, ...] = ()) -> str:
    out = Console(file=io.StringIO(), soft_wrap=True, highlight=False)
    problems(out, found, secret=secret)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "tickets.yaml"
    path.write_text("entity: tickets\nzammad_fields:\n  ower:\n\tx: [red]y\n", encoding="utf-8")
    return path


def test_the_line_is_shown_with_a_mark_below_the_word(file: Path) -> None:
    assert file.exists()
    text = printed([Problem("tickets.yaml", 3, 3, "ower is no field", "Correct it.")])
    assert text.splitlines() == [
        "tickets.yaml:3:3: ower is no field",
        "  3 |   ower:",
        "    |   ^^^^",
        "  → Correct it.",
        "1 mistake; nothing was done",
    ]


def test_a_tab_does_not_move_the_mark_and_markup_is_text(file: Path) -> None:
    assert file.exists()
    lines = printed([Problem("tickets.yaml", 4, 5, "bracket")]).splitlines()
    assert lines[1:3] == ["  4 |  x: [red]y", "    |     ^"]


def test_a_file_with_secrets_shows_no_line(file: Path) -> None:
    text = printed([Problem("tickets.yaml", 3, 3, "wrong")], secret=(file,))
    assert "ower" not in text


@pytest.mark.parametrize(
    "problem",
    [
        Problem("tickets.yaml", 0, 0, "the file is empty"),
        Problem("tickets.yaml", 99, 1, "beyond the end"),
        Problem("missing.yaml", 3, 1, "not there"),
    ],
)
def test_where_there_is_no_line_the_message_stands_alone(file: Path, problem: Problem) -> None:
    assert file.exists()
    assert len(printed([problem]).splitlines()) == 2


def test_a_long_line_is_shown_around_its_mark(tmp_path: Path) -> None:
    path = tmp_path / "long.yaml"
    path.write_text("x" * 400 + " wrong " + "y" * 400, encoding="utf-8")
    line, mark = printed([Problem(str(path), 1, 402, "here")]).splitlines()[1:3]
    assert line[mark.index("^") :].startswith("wrong")
    assert mark.count("^") == len("wrong")


def test_problems_for_machines_have_advice() -> None:
    (only,) = as_json([Problem("a.yaml", 1, 2, "wrong", "Mend it.")])
    assert only == {
        "file": "a.yaml",
        "line": 1,
        "column": 2,
        "message": "wrong",
        "advice": "Mend it.",
    }
