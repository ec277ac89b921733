from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.support import Small
from tests.zammad.support import Desk, Port, desk, port


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Small]:
    """Return a factory of small worlds."""
    made = Small(tmp_path)
    yield made
    for close in made.opened:
        close()


@pytest.fixture(scope="session")
def zammad_port() -> Iterator[Port]:
    with port() as made:
        yield made


@pytest.fixture
def zammad_desk(zammad_port: Port) -> Iterator[Desk]:
    """A pristine 6.5."""
    with desk(zammad_port) as made:
        yield made


@pytest.fixture
def old_desk(zammad_port: Port) -> Iterator[Desk]:
    """A pristine 5.2."""
    with desk(zammad_port, version="5.2") as made:
        yield made
