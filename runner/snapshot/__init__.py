"""The local copy of Kayako: records in SQLite, files by sha256."""

from runner.snapshot.store import Snapshot

__all__ = ["Snapshot"]
