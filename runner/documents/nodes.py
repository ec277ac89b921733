"""The tree that a YAML file becomes: plain values that know where they were written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\Z")
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}\Z")
_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}


@dataclass(slots=True)
class Node:
    """One value of a file.

    ``line`` and ``column`` count from 1. ``block`` marks text written with ``|`` or ``>``, whose
    first line is the one after. ``keys`` and ``children`` are filled for mappings, ``items`` for
    lists. ``size`` counts this node and all below it, aliases in full.
    """

    line: int
    column: int
    data: Any = None
    block: bool = False
    size: int = 1
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    children: dict[str, Node] = field(default_factory=dict)
    items: list[Node] = field(default_factory=list)

    def child(self, step: str | int) -> Node | None:
        """Return the node below under a key or an index, or nothing."""
        if isinstance(step, int):
            return self.items[step] if 0 <= step < len(self.items) else None
        return self.children.get(step)


def plain_value(text: str) -> str | int | float | bool | None:
    """Read an unquoted scalar by the rules of YAML 1.2 that surprise nobody.

    Only ``true``, ``false``, ``null`` (and ``~`` or nothing), decimal integers and decimal
    fractions are not text. ``no``, ``on``, ``012``, ``0o17``, ``12:30``, ``1_000`` and dates stay
    what the user wrote.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text):
        return int(text)
    if _DECIMAL.match(text):
        return float(text)
    return text
