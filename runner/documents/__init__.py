"""YAML files with positions, and JSON Schema checks that speak plainly.

``load`` reads a file into a ``Document``, ``check`` compares it with a schema. Both report
``Problem`` objects that point at file, line and column.
"""

from __future__ import annotations

from runner.documents.checking import check, closest, listed, near
from runner.documents.loading import Document, load
from runner.documents.nodes import Node
from runner.documents.reading import shown

__all__ = ["Document", "Node", "check", "closest", "listed", "load", "near", "shown"]
