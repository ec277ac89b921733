"""The figures of a report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.engine.inventory import Inventory
from runner.engine.parts import wrote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.pipeline import Sample

MOST_LISTED = 50
"""So many single records a list on the page has at most; the CSV files have all."""


@dataclass(frozen=True, slots=True)
class Row:
    """What became of the records of one entity.

    Every record that Kayako has is in exactly one of ``CLASSES``, so that they add up to
    ``in_kayako``. ``outside`` are those that nobody asked for yet, where the last apply was about a
    part; they are neither open nor lost. ``gone`` were moved and are no longer in Kayako, ``extra``
    were made besides: placeholders, and groups that only a mapping names.
    """

    entity: str
    in_kayako: int
    created: int = 0
    adopted: int = 0
    left_out: int = 0
    failed: int = 0
    unfinished: int = 0
    untried: int = 0
    outside: int = 0
    gone: int = 0
    extra: int = 0

    @property
    def moved(self) -> int:
        """How many are in Zammad, those that were there before included."""
        return self.created + self.adopted

    @property
    def open(self) -> int:
        """How many are neither moved nor left out on purpose."""
        return self.failed + self.unfinished + self.untried


CLASSES = ("created", "adopted", "left_out", "failed", "unfinished", "untried", "outside")
"""What can have become of a record, in the order in which it is shown."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record in a list; ``reason`` says why it is there.

    Of one that failed: how many runs tried it, and the request at fault with its answer's status.
    """

    entity: str
    source_id: str
    target_id: int | None
    label: str
    reason: str = ""
    attempts: int = 0
    sent: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Records of one entity that the same thing is to be said of.

    ``kind`` is the kind of note (``skipped``, ``dropped``, ``cut``…), ``field`` may be empty,
    ``text`` is the note itself, or that of the first record where each has another.
    """

    entity: str
    kind: str
    field: str
    text: str
    number: int
    examples: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """One run: ``seconds`` is None while it is under way or where it was cut off.

    ``ended_at`` is ``started_at`` then. ``counts`` are ImportJob's, entity by entity; ``pace``: see
    ``runner.engine.pace``.
    """

    kind: str
    started_at: str
    ended_at: str
    seconds: int | None
    outcome: str
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    pace: Mapping[str, list[list[float]]] = field(default_factory=dict)

    def sum(self, *words: str) -> int:
        """Return how many records of all entities came out in one of these ways."""
        return sum(row.get(word, 0) for row in self.counts.values() for word in words)

    @property
    def wrote(self) -> bool:
        """Say whether it may have changed anything in Zammad."""
        return wrote(self.counts, self.outcome)


@dataclass(frozen=True, slots=True)
class Checked:
    """The last verification: its times, its result, and whether it still says something.

    ``result`` is ``Verified.as_json``; ``stale`` is True where an apply wrote after it began.
    """

    started_at: str
    seconds: int | None
    result: Mapping[str, Any]
    stale: bool

    @property
    def whole(self) -> bool:
        """Say whether every conversation was compared, not a sample."""
        return self.result.get("sample") is None

    @property
    def proves(self) -> bool:
        """Say whether it shows that everything is in Zammad as it should be."""
        return self.whole and not self.stale and bool(self.result.get("ok"))


@dataclass(frozen=True, slots=True)
class Figures:
    """All of them. Times are like ``2026-12-05T08:00:00Z``; None where it never happened.

    ``by_month`` (``2024-01``) and ``by_group`` count the tickets that were moved; ``finished_at``
    is the end of the last ``finish`` after which nothing was applied. ``backup`` is what was said
    of one (text, at, by).
    """

    kayako: str
    zammad: str
    made_at: str
    pulled_at: str | None
    rows: tuple[Row, ...]
    articles: int = 0
    time_entries: int = 0
    left_out: tuple[Group, ...] = ()
    notes: tuple[Group, ...] = ()
    problems: tuple[Record, ...] = ()
    problems_total: int = 0
    by_month: Mapping[str, int] = field(default_factory=dict)
    by_group: Mapping[str, int] = field(default_factory=dict)
    runs: tuple[Stretch, ...] = ()
    checked: Checked | None = None
    sample: Sample | None = None
    proven: bool = False
    finished_at: str | None = None
    backup: Mapping[str, str] | None = None
    inventory: Inventory = field(default_factory=Inventory)

    def row(self, entity: str) -> Row:
        """Return the row of an entity, one of zeros where there is none."""
        return next((row for row in self.rows if row.entity == entity), Row(entity, 0))

    @property
    def applies(self) -> tuple[Stretch, ...]:
        """The runs that moved records, oldest first."""
        return tuple(run for run in self.runs if run.kind == "apply")

    @property
    def open(self) -> int:
        """How many records of all entities are neither moved nor left out on purpose."""
        return sum(row.open for row in self.rows)

    @property
    def outside(self) -> int:
        """How many records of all entities no run was about yet, on purpose."""
        return sum(row.outside for row in self.rows)

    @property
    def complete(self) -> bool:
        """Say whether all of it is moved, and was read back whole without a difference."""
        proves = self.checked is not None and self.checked.proves
        through = not self.problems_total and not self.open and not self.outside
        return bool(self.applies) and through and proves
