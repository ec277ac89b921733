"""Files that travel with the program: schemas, shipped mappings, the sample config.

In a wheel they lie in ``runner/shipped/``; in a checkout at the top of the tree.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def path(name: str) -> Path:
    """Return where the shipped file or folder ``name`` (``schemas``, ``mappings``…) lies."""
    installed = _PACKAGE / "shipped" / name
    return installed if installed.exists() else _PACKAGE.parent / name
