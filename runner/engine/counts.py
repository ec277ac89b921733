"""Counting, in the words of Zammad's ImportJob: scripts and people already know them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runner.engine.change import Action

if TYPE_CHECKING:
    from collections.abc import Iterable

WORDS = ("skipped", "created", "updated", "unchanged", "failed", "deactivated")

_WORD = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.UNCHANGED: "unchanged",
    Action.SKIP: "skipped",
    Action.FAIL: "failed",
}


@dataclass(slots=True)
class Counts:
    """How many records of each entity came out how; ``totals`` is how many there are to do."""

    totals: dict[str, int] = field(default_factory=dict)
    done: dict[str, dict[str, int]] = field(default_factory=dict)

    def expect(self, entity: str, total: int) -> None:
        """Say how many records of an entity there are."""
        self.totals[entity] = total
        self.done.setdefault(entity, dict.fromkeys(WORDS, 0))

    def count(self, entity: str, action: Action, *, extra: bool = False) -> None:
        """Count one record; an ``extra`` one (a placeholder) was not expected."""
        if extra:
            self.totals[entity] = self.totals.get(entity, 0) + 1
        self.done.setdefault(entity, dict.fromkeys(WORDS, 0))[_WORD[action]] += 1

    def failed(self) -> int:
        """Return how many records failed."""
        return sum(words["failed"] for words in self.done.values())

    def through(self) -> int:
        """Return how many records are through, however they came out."""
        return sum(sum(words.values()) for words in self.done.values())

    def as_import_job(self) -> dict[str, dict[str, int]]:
        """Return ``{"Groups": {skipped, created, …, sum, total}, …}``."""
        return {
            entity.capitalize(): {
                **words,
                "sum": sum(words.values()),
                "total": self.totals.get(entity, 0),
            }
            for entity, words in self.done.items()
        }

    def only(self, entities: Iterable[str]) -> None:
        """Give every named entity a row, so that tables never lack one."""
        for entity in entities:
            self.expect(entity, self.totals.get(entity, 0))
