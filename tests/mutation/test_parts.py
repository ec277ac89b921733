"""What ``make mutants`` is told to change is there, and so are the tests that have to notice."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest

from tests.mutation.__main__ import ROOT, parts, settings


@pytest.mark.parametrize("name", parts())
def test_a_part_names_modules_and_tests_that_are_there(name: str) -> None:
    part = parts()[name]
    assert part.keys() == {"modules", "tests"}
    for pattern in part["modules"]:
        assert list(ROOT.glob(pattern)), pattern
    for test in part["tests"]:
        assert (ROOT / test).is_file(), test


def test_mutmut_is_told_what_a_part_says_and_keeps_the_settings_of_the_project() -> None:
    told = tomllib.loads(settings({"modules": ["runner/a.py"], "tests": ["tests/test_a.py"]}))
    assert told["tool"]["mutmut"]["only_mutate"] == ["runner/a.py"]
    assert told["tool"]["mutmut"]["pytest_add_cli_args_test_selection"] == ["tests/test_a.py"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert told["tool"]["pytest"] == project["tool"]["pytest"]


def test_a_name_that_is_no_part_is_refused_with_those_that_are() -> None:
    command = [sys.executable, "-m", "tests.mutation", "nope"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == f"There is no part nope: write {', '.join(parts())}.\n"
