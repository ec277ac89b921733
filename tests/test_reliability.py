"""The page of faults is what the markers of the tests say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reliability import PAGE, page


def written(root: Path, *markers: str) -> str:
    (root / "tests").mkdir(exist_ok=True)
    tests = (
        f"@pytest.mark.fault({each})\ndef test_no_{n}(): ..." for n, each in enumerate(markers)
    )
    (root / "tests" / "test_it.py").write_text("\n".join(tests), encoding="utf-8")
    return page(root)


def test_the_page_is_what_the_tests_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "make docs writes the page anew"


def test_a_fault_is_one_line_with_all_its_tests(tmp_path: Path) -> None:
    made = written(tmp_path, "'a | b', does='waits', side='Zammad'", "'c', does='ends'", "'a | b'")
    assert (
        "| a \\| b | waits | [no 0](../tests/test_it.py)<br>[no 2](../tests/test_it.py) |" in made
    )
    assert made.index("| c | ends |") < made.index("## Zammad") < made.index("| a ")


@pytest.mark.parametrize(
    ("markers", "words"),
    [
        (["'a'"], "no test says what is done about a"),
        (["'a', does='x', side='Mars'"], r"test_no_0: fault takes does=… and side=… \(here, "),
        (["'a', doess='x'"], "fault takes does=…"),
        (["'a', does='x'", "'a', does='y'"], "test_no_1: 'a' is said to do 'x' elsewhere"),
    ],
)
def test_a_marker_that_says_too_little_is_refused(
    tmp_path: Path, markers: list[str], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        written(tmp_path, *markers)


def test_a_marker_of_one_parameter_counts_too(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_it.py").write_text(
        "@pytest.mark.parametrize('n', [pytest.param(1, marks=pytest.mark.fault('a', does='b'))])\n"
        "def test_numbers(n): ...\n",
        encoding="utf-8",
    )
    assert "| a | b | [numbers](../tests/test_it.py) |" in page(tmp_path)
