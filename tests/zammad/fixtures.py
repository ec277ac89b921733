"""Fixtures for whoever talks to a fake Zammad without a socket for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.zammad.support import Desk, Port, desk, port


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
    """A pristine 5.2; not together with ``zammad_desk``."""
    with desk(zammad_port, version="5.2") as made:
        yield made
