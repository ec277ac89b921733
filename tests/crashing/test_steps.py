"""The harness itself: it ends a process where it was told to, with what a crash would leave."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.mapping.support import ROOT

_PROGRAM = """
import os, sqlite3, sys
from tests.crashing.steps import Steps
os.chdir(sys.argv[1])
Steps(os.open("log", os.O_WRONLY | os.O_CREAT), int(sys.argv[2])).install()
with open("file", "w") as file:
    for line in ("first\\n", "second\\n"):
        file.write(line)
        file.flush()
        os.fsync(file)
os.rename("file", "renamed")
database = sqlite3.connect("database", isolation_level=None)
for statement in ("CREATE TABLE t (n)", "BEGIN", "INSERT INTO t VALUES (1)", "COMMIT"):
    database.execute(statement)
os.unlink("renamed")
"""
STEPS = [
    "before fsync file",
    "after fsync file",
    "before fsync file",
    "after fsync file",
    "before rename file",
    "after rename file",
    "before COMMIT",
    "after COMMIT",
    "before unlink renamed",
    "after unlink renamed",
]


def ended_at(folder: Path, last: int) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(folder), str(last)], cwd=ROOT, check=False
    )
    return done.returncode, (folder / "log").read_text().splitlines()


def test_all_side_effects_are_counted(tmp_path: Path) -> None:
    assert ended_at(tmp_path, 0) == (0, STEPS)


@pytest.mark.parametrize(
    ("last", "name", "left"),
    [
        (1, "file", ""),
        (2, "file", "first\n"),
        (3, "file", "first\n"),
        (4, "file", "first\nsecond\n"),
        (6, "renamed", "first\nsecond\n"),
    ],
)
def test_it_dies_at_the_step_with_what_was_synced(
    tmp_path: Path, last: int, name: str, left: str
) -> None:
    assert ended_at(tmp_path, last) == (-9, STEPS[:last])
    assert (tmp_path / name).read_text() == left
