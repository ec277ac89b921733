"""One builder for each kind of record, with every key that Kayako's own answers have.

The keys and their kinds are those of the recorded answers; kinds that were never recorded follow
kayako-api.md §10. Builders take what matters and let ``more`` replace any other key. Nested
records are references; the server expands them as a request asks.
"""

from __future__ import annotations

from runner.sandbox.data.shapes.basics import FOREIGN_HOST, HOST, reference

__all__ = ["FOREIGN_HOST", "HOST", "reference"]
