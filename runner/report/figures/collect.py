"""From ledger and snapshot to figures: every record is looked at once, none is kept."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from runner.report.figures import reading
from runner.report.figures.model import MOST_LISTED, Checked, Figures, Record, Row, Stretch
from runner.report.figures.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.ledger import Ledger
    from runner.snapshot import Snapshot


def collect(
    ledger: Ledger,
    snapshot: Snapshot,
    *,
    sources: Mapping[str, str],
    zammad_url: str,
    verification: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> Figures:
    """Return the figures.

    Args:
        ledger: what was written to one Zammad.
        snapshot: the copy of Kayako.
        sources: the resource of Kayako that each entity comes from, in the order of a run.
        zammad_url: where the records went.
        verification: the last one, ``Verified.as_json`` with ``started_at`` and ``finished_at``.
        now: the time of the report; now, when left out.
    """
    runs = tuple(_stretch(run) for run in ledger.runs())
    labels = reading.Labels(snapshot, sources)
    tally = Tally(labels)
    problems = _Problems(labels)
    tickets = _Tickets(ledger)
    for entity in sources:
        for document in ledger.table(entity):
            tally.add(entity, document)
            problems.add(entity, document)
            if entity == "tickets":
                tickets.add(document)
    rows = tuple(_row(ledger, snapshot, *pair) for pair in sources.items())
    return Figures(
        kayako=snapshot.kayako_url,
        zammad=zammad_url,
        made_at=_text(now or datetime.now(UTC)),
        pulled_at=snapshot.pulled_at,
        rows=rows,
        articles=tickets.articles,
        time_entries=tickets.time_entries,
        left_out=tally.groups(skipped=True),
        notes=tally.groups(skipped=False),
        problems=tuple(problems.listed),
        problems_total=problems.total,
        by_month=dict(sorted(tickets.months.items())),
        by_group=dict(sorted(tickets.groups.items(), key=lambda item: (-item[1], item[0]))),
        runs=runs,
        checked=_checked(verification, runs),
        proven=bool(ledger.target.get("identity")) and any(row.created for row in rows),
        finished_at=_finished_at(ledger.runs()),
    )


def _row(ledger: Ledger, snapshot: Snapshot, entity: str, resource: str) -> Row:
    table = ledger.table(entity)
    words: Counter[str] = Counter()
    for record_id in snapshot.ids(resource):
        words[reading.outcome(table.get(str(record_id)))] += 1
    total = words.total()
    gone = sum(str(record_id) in table for record_id in snapshot.gone(resource))
    extra = len(table) - (total - words["untried"]) - gone
    return Row(entity, total, gone=gone, extra=extra, **words)


class _Problems:
    """Records that failed: all are counted, the first are listed."""

    def __init__(self, labels: reading.Labels) -> None:
        self._labels = labels
        self.listed: list[Record] = []
        self.total = 0

    def add(self, entity: str, document: Mapping[str, Any]) -> None:
        """Take in a document."""
        why = reading.reason(document, "failed")
        if why is None:
            return
        self.total += 1
        if len(self.listed) < MOST_LISTED:
            source_id, target_id = document["source_id"], document.get("target_id")
            name = self._labels.of(entity, document)
            self.listed.append(Record(entity, source_id, target_id, name, why))


class _Tickets:
    """What is counted of tickets besides: messages, time, months, groups."""

    def __init__(self, ledger: Ledger) -> None:
        self._table = ledger.table("groups")
        self.articles = self.time_entries = 0
        self.months: Counter[str] = Counter()
        self.groups: Counter[str] = Counter()

    def add(self, document: Mapping[str, Any]) -> None:
        """Take in a ticket's document."""
        children = document.get("children") or {}
        self.articles += sum(1 for child in (children.get("posts") or {}).values() if child[0])
        self.time_entries += len(children.get("time") or {})
        applied = document.get("applied") or {}
        if document["status"] != "done":
            return
        if applied.get("created_at"):
            self.months[str(applied["created_at"])[:7]] += 1
        self.groups[self._group(applied.get("group"))] += 1

    def _group(self, value: Any) -> str:
        reference = str(value.get("ref")) if isinstance(value, dict) else str(value or "")
        if reference.startswith("groups/"):
            known = self._table.get(reference.removeprefix("groups/"))
            return reading.label(known or {}) or reference
        return reference.removeprefix("groups=")


def _stretch(run: Mapping[str, Any]) -> Stretch:
    return Stretch(
        kind=run["kind"],
        started_at=run["started_at"],
        seconds=_seconds(run["started_at"], run["finished_at"]),
        outcome=run["outcome"] or "",
        counts=run["counts"] or {},
        pace=run.get("pace") or {},
    )


def _checked(document: Mapping[str, Any] | None, runs: tuple[Stretch, ...]) -> Checked | None:
    """Return the last verification; None where nothing was applied since the ledger is empty."""
    applies = [run for run in runs if run.kind == "apply"]
    if document is None or not applies:
        return None
    started_at = str(document["started_at"])
    return Checked(
        started_at=started_at,
        seconds=_seconds(started_at, document.get("finished_at")),
        result=document,
        stale=any(run.wrote and _ends(run) > started_at for run in applies),
    )


def _ends(run: Stretch) -> str:
    """Return when a run ended; for one that was cut off, when it began."""
    began = datetime.fromisoformat(run.started_at)
    return _text(datetime.fromtimestamp(began.timestamp() + (run.seconds or 0), UTC))


def _finished_at(runs: list[dict[str, Any]]) -> str | None:
    """Return when import mode was switched off for good; None where an apply came after it."""
    for run in reversed(runs):
        if run["kind"] == "finish" and run["outcome"] == "done":
            return str(run["finished_at"])
        if run["kind"] == "apply" and _stretch(run).wrote:
            return None
    return None


def _seconds(started_at: str, finished_at: str | None) -> int | None:
    if finished_at is None:
        return None
    took = datetime.fromisoformat(finished_at) - datetime.fromisoformat(started_at)
    return round(took.total_seconds())


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
