from __future__ import annotations

from tests.zammad.fixtures import old_desk, zammad_desk, zammad_port

__all__ = ["old_desk", "zammad_desk", "zammad_port"]
