"""One object attribute of Zammad that a custom field of Kayako becomes: plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute (Zammad's API reference, §b7) and what its values are made of.

    ``entity`` is tickets, users or organizations, ``key`` and ``kind`` the field's key and type in
    Kayako. ``choices`` leads from the ids of Kayako's options to Zammad's values, ``labels`` to
    the words people read; ``deleted`` are the ids that records still hold and Kayako no longer
    lists. ``required``: Kayako requires it; Zammad must not while records are moved.
    """

    entity: str
    object: str
    name: str
    display: str
    data_type: str
    key: str
    kind: str
    data_option: Mapping[str, Any]
    screens: Mapping[str, Any]
    position: int
    active: bool = True
    required: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    deleted: frozenset[str] = frozenset()

    @property
    def body(self) -> dict[str, Any]:
        """What ``POST /object_manager_attributes`` takes."""
        return {
            "object": self.object,
            "name": self.name,
            "display": self.display,
            "data_type": self.data_type,
            "data_option": dict(self.data_option),
            "active": self.active,
            "position": self.position,
            "screens": dict(self.screens),
        }
