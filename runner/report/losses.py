"""Counts and losses in words that an administrator reads."""

from __future__ import annotations

_LOSSES = {
    "kept": "stays as it was in Zammad",
    "cut": "cut to what Zammad holds",
    "dropped": "left out",
    "defaulted": "not known, so something else stands there",
    "converted": "written in another form",
    "replaced": "written differently",
    "missing": "not to be had from Kayako",
    "outside": "left the scope of the config after it was moved, and is still kept up to date",
}
"""What became of a field, by the kind of its note."""


def counted(number: int, what: str) -> str:
    """Return a number with its noun, given in the plural: ``1 ticket``, ``2 time entries``."""
    what = what.replace("kb_", "knowledge base ").replace("_", " ")
    if number == 1:
        what = f"{what[:-3]}y" if what.endswith("ies") else what.removesuffix("s")
    return f"{number:,} {what}"


def loss(field: str, kind: str, examples: list[str]) -> str:
    """Return what became of a field of some records, with a few of them by their Kayako ids."""
    return f"{field} {_LOSSES.get(kind, kind)} (in Kayako {', '.join(examples)})"
