from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.zammad.support import Client, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def zammad() -> Iterator[Client]:
    """A pristine 6.5."""
    with running() as client:
        yield client


@pytest.fixture
def importing(zammad: Client) -> Client:
    """A pristine 6.5 in import mode."""
    zammad.set(import_mode=True)
    return zammad
