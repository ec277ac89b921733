from __future__ import annotations

import pytest

from tests.sandbox.zammad.support import Client, in_process


@pytest.fixture
def zammad() -> Client:
    """A pristine 6.5."""
    return in_process()


@pytest.fixture
def importing(zammad: Client) -> Client:
    """A pristine 6.5 in import mode."""
    zammad.set(import_mode=True)
    return zammad
