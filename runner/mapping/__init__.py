"""The mapping language: what goes where, declared in YAML.

``load_mappings`` reads a folder and reports every mistake in it; ``transform`` applies an entity's
mapping to an expanded record and gives an ``Outcome``.
"""

from __future__ import annotations

from runner.mapping.limits import console_fields, deferred_fields, targets
from runner.mapping.load import load_mappings
from runner.mapping.model import (
    DroppedLabel,
    EntityMapping,
    Mappings,
    Note,
    Outcome,
    Reference,
    Rule,
    Vocabulary,
)
from runner.mapping.transform import transform

__all__ = [
    "DroppedLabel",
    "EntityMapping",
    "Mappings",
    "Note",
    "Outcome",
    "Reference",
    "Rule",
    "Vocabulary",
    "console_fields",
    "deferred_fields",
    "load_mappings",
    "targets",
    "transform",
]
