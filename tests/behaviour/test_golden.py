"""What plan prints is what the golden files hold, and its first screen says what matters."""

from __future__ import annotations

import pytest

from tests.behaviour.golden import FOLDER, NAMES, written

SCREEN = 24


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return written()


@pytest.mark.parametrize("name", NAMES)
def test_plan_prints_what_the_golden_file_holds(texts: dict[str, str], name: str) -> None:
    file = FOLDER / f"{name}.txt"
    assert texts[name] == file.read_text(encoding="utf-8"), "make docs writes the files anew"


def test_there_is_a_golden_file_for_each_plan_and_no_other() -> None:
    assert sorted(file.stem for file in FOLDER.iterdir()) == sorted(NAMES)


def test_the_first_screen_tells_what_moves_what_is_lost_elsewhere_and_what_is_in_the_way() -> None:
    lines = (FOLDER / "first.txt").read_text(encoding="utf-8").splitlines()
    first = "\n".join(lines[: SCREEN - 1])
    for words in ("Kayako: 76", "76 to be moved", "3 archived", "new admin in Zammad: owner-2"):
        assert words in first
    opening = lines[: next(n for n, line in enumerate(lines) if line.startswith("Groups")) - 2]
    assert len(opening) <= 17
