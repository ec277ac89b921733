"""What stands in the way of going live, one thing at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from runner.errors import UsageError

KINDS = {
    "unfinished": "records or runs that did not come to their end",
    "unverified": "verify never ran, ran before the last change, saw a part, or found differences",
    "reminders": "overdue reminders, of which agents are told",
    "pending": "tickets whose waiting is over: Zammad changes their state",
    "escalations": "tickets that escalate, and the SLAs that make others do so",
    "unassign": "tickets that their owner loses, since nothing happened for too long",
    "triggers": "active triggers",
    "jobs": "active schedulers",
    "addresses": "groups with open tickets and without an address to answer from",
}
"""The kinds of obstacles, in the order in which they are listed; ``finish --accept`` takes them."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that somebody has to accept before import mode ends.

    ``details`` name what it is about, a line each; ``to_customers`` says that customers get mail
    by it; ``steps`` is what makes it go away.
    """

    kind: str
    text: str
    details: tuple[str, ...] = ()
    to_customers: bool = False
    steps: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "kind": self.kind,
            "text": self.text,
            "details": list(self.details),
            "to_customers": self.to_customers,
            "steps": self.steps,
        }


def read_kinds(words: list[str]) -> frozenset[str]:
    """Return the kinds that were written, separated by commas or spaces; all where none was.

    Raises:
        UsageError: there is no such kind.
    """
    kinds = [kind for word in words for kind in word.split(",") if kind]
    for kind in kinds:
        if kind not in KINDS:
            raise UsageError(
                f"{kind}: nothing of that kind is listed", advice=f"one of {', '.join(KINDS)}"
            )
    return frozenset(kinds or KINDS)
