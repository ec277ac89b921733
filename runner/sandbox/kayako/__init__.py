"""A fake Kayako: the REST API v1 as recorded and documented, over a sample helpdesk."""

from __future__ import annotations

from runner.sandbox.kayako.server import FakeKayako, Seen

__all__ = ["FakeKayako", "Seen"]
