"""What a verification found: counts, what was looked at, every difference by record and field."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

MOST_LISTED = 10_000
"""So many differences are kept, that a wrong target may not fill the memory; all are counted."""

DIMENSIONS = ("by_team", "by_state", "by_month")
"""How tickets are counted besides as a whole: by Zammad's group, by state, by month of creation."""

_WORDS = ("wanted", "there", "skipped", "failed", "gone", "not ours")


class Kind(StrEnum):
    """In which way Zammad differs from what transform says now."""

    MISSING = "missing"
    DOUBLED = "doubled"
    MISPLACED = "misplaced"
    EXTRA = "extra"
    CHANGED = "changed"
    OUTDATED = "outdated"
    DIFFERS = "differs"
    ORDER = "order"
    COUNT = "count"
    UNREADABLE = "unreadable"


MEANINGS = {
    Kind.MISSING: "not in Zammad",
    Kind.DOUBLED: "in Zammad more than once",
    Kind.MISPLACED: "in another ticket than its own",
    Kind.EXTRA: "in Zammad, and left out by the mappings now",
    Kind.CHANGED: "changed in Zammad: not what was written there",
    Kind.OUTDATED: "changed in Kayako or in the mappings since it was written",
    Kind.DIFFERS: "not as it should be",
    Kind.ORDER: "in another order",
    Kind.COUNT: "another number",
    Kind.UNREADABLE: "could not be read",
}


@dataclass(frozen=True, slots=True)
class Deviation:
    """One difference.

    ``source_id`` of an article is ``CASE/POST``, of a count empty. ``wanted`` and ``there`` are
    JSON values; long texts are excerpts around the first difference.
    """

    entity: str
    source_id: str
    target_id: int | None
    field: str
    wanted: Any
    there: Any
    kind: Kind

    def as_json(self) -> dict[str, Any]:
        """Return the difference for machines."""
        return {
            "entity": self.entity,
            "source_id": self.source_id,
            "target_id": self.target_id,
            "field": self.field,
            "wanted": self.wanted,
            "there": self.there,
            "kind": str(self.kind),
        }


@dataclass(slots=True)
class Verified:
    """One verification; filled by several threads.

    ``counts`` is entity → word → number, ``tickets`` dimension → value → ``[wanted, there]``,
    ``told`` what is worth a word and no difference.
    """

    target: str
    sample: int | None = None
    started_at: str = field(
        default_factory=lambda: datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    )
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    tickets: dict[str, dict[str, list[int]]] = field(
        default_factory=lambda: {name: {} for name in DIMENSIONS}
    )
    checked: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    deviations: list[Deviation] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def total(self) -> int:
        """How many differences there are, those that are not listed included."""
        return sum(self.kinds.values())

    @property
    def ok(self) -> bool:
        """Say whether Zammad is as it should be."""
        return not self.total

    def add(self, deviation: Deviation) -> None:
        """Take a difference in."""
        with self._lock:
            self.kinds[deviation.kind] += 1
            if len(self.deviations) < MOST_LISTED:
                self.deviations.append(deviation)

    def differs(
        self,
        entity: str,
        source_id: str,
        target_id: int | None,
        field: str,
        kind: Kind,
        *,
        wanted: Any = None,
        there: Any = None,
    ) -> None:
        """Take a difference in, from its parts."""
        self.add(Deviation(entity, source_id, target_id, field, wanted, there, kind))

    def count(self, entity: str, word: str, number: int = 1) -> None:
        """Count records of an entity: wanted, there, skipped, failed, gone, not ours."""
        with self._lock:
            self.counts.setdefault(entity, Counter())[word] += number

    def count_ticket(self, values: dict[str, str], *, wanted: bool) -> None:
        """Count one ticket under its team, state and month."""
        with self._lock:
            for dimension, value in values.items():
                self.tickets[dimension].setdefault(value, [0, 0])[not wanted] += 1

    def look(self, what: str) -> None:
        """Count something that was compared."""
        with self._lock:
            self.checked[what] += 1

    def tell(self, what: str, number: int = 1) -> None:
        """Count something that is worth a word and is no difference."""
        with self._lock:
            self.told[what] += number

    def not_due(self, entity: str, part: str) -> None:
        """Count a record that no run was about yet; ``part`` is what the last one was about."""
        self.tell(f"{entity} not in the scope of the last apply ({part})")

    def close(self) -> None:
        """Compare the counts, and put the differences in a steady order."""
        for entity, words in self.counts.items():
            self._compare(entity, "count", words["wanted"], words["there"])
        for dimension, values in self.tickets.items():
            for value, (wanted, there) in values.items():
                self._compare("tickets", f"count {dimension} {value}", wanted, there)
        self.deviations.sort(key=lambda d: (d.entity, _natural(d.source_id), d.field, str(d.kind)))

    def _compare(self, entity: str, name: str, wanted: int, there: int) -> None:
        if wanted != there:
            self.differs(entity, "", None, name, Kind.COUNT, wanted=wanted, there=there)

    def as_json(self) -> dict[str, Any]:
        """Return all of it for machines."""
        counts: dict[str, Any] = {
            entity: {word: words[word] for word in _WORDS} for entity, words in self.counts.items()
        }
        counts.setdefault("tickets", {}).update(
            {
                dimension: {
                    value: {"wanted": wanted, "there": there}
                    for value, (wanted, there) in sorted(values.items())
                }
                for dimension, values in self.tickets.items()
            }
        )
        return {
            "target": self.target,
            "sample": self.sample,
            "counts": counts,
            "checked": dict(self.checked),
            "told": dict(self.told),
            "differences": [deviation.as_json() for deviation in self.deviations],
            "differences_total": self.total,
            "kinds": dict(self.kinds),
            "ok": self.ok,
        }


def _natural(source_id: str) -> list[tuple[int, str]]:
    """Return what sorts ``9`` before ``10``, article ids by both of their numbers."""
    return [(int(part) if part.isdigit() else 0, part) for part in source_id.split("/")]
