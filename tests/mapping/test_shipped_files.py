"""The shipped files are there to be read: headings, short lines, nothing dropped in passing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mapping.support import ROOT

FOLDER = ROOT / "mappings"
FILES = sorted(FOLDER.rglob("*.yaml"))


def _name(file: Path) -> str:
    return str(file.relative_to(FOLDER))


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_a_file_begins_with_what_it_does(file: Path) -> None:
    _schema, empty, *lines = file.read_text(encoding="utf-8").splitlines()
    assert empty == "#"
    heading = [line for line in lines[: lines.index("")] if line != "#"]
    assert all(line.startswith("# ") for line in heading)
    assert len(heading) >= 2


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_a_file_fits_a_screen(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > 100 and "{%" not in line] == []


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_what_is_left_out_cannot_be_overlooked(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    for block, heading in (("skip:", "# NOT MOVED"), ("ignore:", "# LEFT BEHIND")):
        if block in lines:
            assert lines[lines.index(block) - 1].startswith(heading)


def test_every_file_is_in_the_table_of_the_readme() -> None:
    table = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [file.name for file in FILES if f"{file.name}`" not in table] == []
