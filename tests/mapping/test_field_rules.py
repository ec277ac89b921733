"""Mistakes in custom_fields.yaml, each with its place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from runner.errors import InvalidFiles
from runner.mapping import load_mappings
from runner.mapping.field_rules import FieldChange
from tests.mapping.support import ROOT

HEAD = "custom_fields:\n  tickets:\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "mappings", tmp_path / "mappings")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "mappings"


def write(folder: Path, text: str) -> None:
    (folder / "custom_fields.yaml").write_text(HEAD + text, encoding="utf-8")


def test_what_it_says_is_read(folder: Path) -> None:
    write(folder, "    ignore:\n      old: unused\n    change:\n      a:\n        as: text\n")
    rules = load_mappings(folder).custom_fields
    assert rules.ignore["tickets"] == {"old": "unused"}
    assert rules.change["tickets"] == {"a": FieldChange(kind="text")}
    assert rules.ignore["users"] == {}
    assert rules.problem(("tickets", "change", "a"), "x").line == 6


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("    ignore: old\n", 3, "must be"),
        ("    ignor:\n", 3, "did you mean ignore"),
        ("    change:\n      a: text\n", 4, "must be"),
        ("    change:\n      a:\n        as: number\n", 5, "allowed: text"),
        ("    change:\n      a:\n        name: order_id\n", 5, "may not end in _id"),
        ("    change:\n      a:\n        name: title\n", 5, "needs for itself"),
        ("    change:\n      a:\n        name: Contract No\n", 5, "small letters"),
        (
            "    change:\n      a:\n        name: x1\n      b:\n        name: x1\n",
            7,
            "is the name for a already",
        ),
        (
            "    ignore:\n      a: unused\n    change:\n      a:\n        as: text\n",
            6,
            "only be one of them",
        ),
    ],
)
def test_a_mistake_has_its_place(folder: Path, text: str, line: int, words: str) -> None:
    write(folder, text)
    with pytest.raises(InvalidFiles) as caught:
        load_mappings(folder)
    (problem,) = caught.value.problems
    assert problem.line == line
    assert problem.file.endswith("custom_fields.yaml")
    assert words in problem.message


def test_the_file_has_to_be_there(folder: Path) -> None:
    (folder / "custom_fields.yaml").unlink()
    with pytest.raises(InvalidFiles, match=r"custom_fields\.yaml: this mapping is missing"):
        load_mappings(folder)


def test_a_file_that_is_no_yaml_is_a_mistake(folder: Path) -> None:
    write(folder, "  - : : {\n")
    with pytest.raises(InvalidFiles, match=r"custom_fields\.yaml"):
        load_mappings(folder)
