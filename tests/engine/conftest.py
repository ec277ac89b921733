from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runner.mapping.load import load_mappings
from runner.mapping.model import Mappings
from tests.engine.support import Edit, Small
from tests.mapping.support import ROOT
from tests.zammad.fixtures import old_desk, zammad_desk, zammad_port

__all__ = ["edited", "old_desk", "small", "zammad_desk", "zammad_port"]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Small]:
    """Return a factory of small worlds."""
    made = Small(tmp_path)
    yield made
    for close in made.opened:
        close()


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """Return a function that loads the shipped mappings with one edit."""

    def load(name: str, before: str, after: str) -> Mappings:
        folder = tmp_path / "mappings"
        for file in (ROOT / "mappings").rglob("*.yaml"):
            copy = folder / file.relative_to(ROOT / "mappings")
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(file.read_text())
        text = (folder / name).read_text()
        assert before in text
        (folder / name).write_text(text.replace(before, after, 1))
        return load_mappings(folder)

    return load
