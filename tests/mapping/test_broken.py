"""The corpus of broken files: each mistake is told where it is, in words that people understand."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from runner.errors import InvalidFiles
from runner.mapping import load_mappings
from tests.mapping.support import ROOT

CORPUS: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "broken.yaml").read_text(encoding="utf-8")
)
_UNFIT = re.compile(r"\bNone\b|<class|Error\b|\bdict\b|\bNoneType\b|#/|\$defs|jsonschema|'str'")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("broken")
    shutil.copytree(ROOT / "mappings", place / "mappings")
    return place / "mappings"


def _lined(message: str, line: int) -> str:
    """Say which line is meant by ``{line}``: the first one that a broken file replaces."""
    return message.replace("{line}", str(line))


@pytest.mark.parametrize("broken", CORPUS, ids=lambda broken: broken["name"])
def test_a_broken_file_is_explained(
    folder: Path, broken: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    file = folder / broken["file"]
    good = file.read_text(encoding="utf-8")
    replaced = broken.get("replace", good)
    assert replaced in good
    line = good[: good.index(replaced)].count("\n") + 1
    try:
        if "by" in broken:
            file.write_text(good.replace(replaced, broken["by"], 1), encoding="utf-8")
        else:
            file.unlink()
        with pytest.raises(InvalidFiles) as caught:
            load_mappings(folder)
    finally:
        file.write_text(good, encoding="utf-8")
    shown = file.relative_to(folder.parent)
    expected = [
        f"{shown}: {one['message']}"
        if one["below"] is None
        else f"{shown}:{line + one['below']}:{one['column']}: {_lined(one['message'], line)}"
        for one in broken["expected"]
    ]
    assert [str(problem) for problem in caught.value.problems] == expected
    said = [f"{problem.message} {problem.advice}" for problem in caught.value.problems]
    assert not [text for text in said if _UNFIT.search(text)]


def test_the_corpus_is_large_and_every_name_is_its_own() -> None:
    assert len(CORPUS) >= 60
    assert len({broken["name"] for broken in CORPUS}) == len(CORPUS)
