"""Contract tests drive the same stages as the behaviour tests."""

from __future__ import annotations

from tests.behaviour.conftest import stage

__all__ = ["stage"]
