"""What ``migrate doctor`` finds: one thing that is not as it should be, and what helps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Grade(StrEnum):
    """How bad it is: a store is damaged, Zammad is not the one we know, something to see to."""

    DAMAGE = "damage"
    STALE = "stale"
    CARE = "care"


EXIT_CODES = {Grade.DAMAGE: 12, Grade.STALE: 9, Grade.CARE: 11}
"""How a look ends, by the worst that it found."""


@dataclass(slots=True)
class Ailment:
    """One finding.

    Args:
        kind: What it is in a few words that never change, for scripts.
        where: A file, or an entity with its id.
        what: What was seen.
        harm: What comes of it when nothing is done.
        advice: What to do.
        grade: How bad it is.
        repair: What puts it right without losing anything; returns what it did. None: nothing.
        then: What is left to do after the repair; without it, the repair heals.
        repaired: What the repair did, once it was made.
    """

    kind: str
    where: str
    what: str
    harm: str
    advice: str
    grade: Grade = Grade.CARE
    repair: Callable[[], str] | None = None
    then: str = ""
    repaired: str = ""

    @property
    def is_healed(self) -> bool:
        """Say whether nothing is left to do."""
        return bool(self.repaired) and not self.then

    def as_json(self) -> dict[str, Any]:
        """Return it for scripts."""
        return {
            "kind": self.kind,
            "grade": str(self.grade),
            "where": self.where,
            "what": self.what,
            "harm": self.harm,
            "advice": self.advice,
            "repairable": self.repair is not None,
            "repaired": self.repaired or None,
            "then": self.then or None,
            "healed": self.is_healed,
        }


def listed(names: list[str], most: int = 3) -> str:
    """Return the first names, and how many there are beside them."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")
