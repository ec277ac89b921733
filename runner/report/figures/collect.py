"""From ledger and snapshot to figures: every record is looked at once, none is kept."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from runner.engine import inventory
from runner.engine.parts import last_part
from runner.pipeline import backups
from runner.pipeline.runs import live_since
from runner.report.figures import reading
from runner.report.figures.model import MOST_LISTED, Checked, Figures, Record, Row, Stretch
from runner.report.figures.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.ledger import Readable
    from runner.pipeline import Sample
    from runner.snapshot import Snapshot


def collect(
    ledger: Readable,
    snapshot: Snapshot,
    *,
    sources: Mapping[str, str],
    zammad_url: str,
    verification: Mapping[str, Any] | None = None,
    sample: Sample | None = None,
    now: datetime | None = None,
) -> Figures:
    """Return the figures.

    Args:
        ledger: what was written to one Zammad.
        snapshot: the copy of Kayako.
        sources: the resource of Kayako that each entity comes from, in the order of a run.
        zammad_url: where the records went.
        verification: the last one, ``Verified.as_json`` with ``started_at`` and ``finished_at``.
        sample: the conversations that people looked at.
        now: the time of the report; now, when left out.
    """
    runs = tuple(_stretch(run) for run in ledger.runs())
    labels = reading.Labels(snapshot, sources)
    tally = Tally(labels)
    problems = _Problems(labels)
    tickets = _Tickets(ledger, snapshot)
    part = last_part(ledger.runs())
    rows = []
    for entity, resource in sources.items():
        row = _Row(snapshot, entity, resource)
        for document in ledger.documents(entity):
            row.add(document)
            tally.add(entity, document)
            problems.add(entity, document)
            if entity == "tickets":
                tickets.add(document)
        rows.append(row.row(part))
    return Figures(
        kayako=snapshot.kayako_url,
        zammad=zammad_url,
        made_at=_text(now or datetime.now(UTC)),
        pulled_at=snapshot.pulled_at,
        rows=tuple(rows),
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
        sample=sample,
        proven=bool(ledger.target.get("identity")) and any(row.created for row in rows),
        finished_at=live_since(ledger.runs()),
        backup=backups.latest(ledger.runs()),
        inventory=inventory.of_snapshot(
            snapshot, urlsplit(snapshot.kayako_url).hostname or "", tickets.routes
        ),
    )


class _Row:
    """Counts what became of the records of one entity."""

    def __init__(self, snapshot: Snapshot, entity: str, resource: str) -> None:
        self._snapshot = snapshot
        self._entity = entity
        self._resource = resource
        self._words: Counter[str] = Counter()
        self._gone = self._extra = 0

    def add(self, document: Mapping[str, Any]) -> None:
        """Take in a document."""
        source_id = document["source_id"]
        where = (
            self._snapshot.whereabouts(self._resource, source_id)
            if source_id.isdigit()
            else "unknown"
        )
        if where == "there":
            self._words[reading.outcome(document)] += 1
        elif where == "gone":
            self._gone += 1
        else:
            self._extra += 1

    def row(self, part: str) -> Row:
        """Return the result; what Kayako has and the ledger does not was not tried yet.

        Where the last apply was about a ``part``, nobody asked for it.
        """
        total = self._snapshot.count(self._resource)
        untried = max(total - self._words.total(), 0)
        return Row(
            self._entity,
            total,
            untried=0 if part else untried,
            outside=untried if part else 0,
            gone=self._gone,
            extra=self._extra,
            **self._words,
        )


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
            attempts, sent = reading.failure(document)
            self.listed.append(
                Record(entity, source_id, target_id, name, why, attempts=attempts, sent=sent)
            )


class _Tickets:
    """What is counted of tickets besides: messages, time, months, groups, mailboxes."""

    def __init__(self, ledger: Readable, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.routes = inventory.Routes()
        self._names = {
            document["source_id"]: reading.label(document)
            for document in ledger.documents("groups")
        }
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
        group = self._group(applied.get("group"))
        self.groups[group] += 1
        way = self._snapshot.came_in(document["source_id"])
        if way is not None:
            self.routes.count(*way, group)

    def _group(self, value: Any) -> str:
        reference = str(value.get("ref")) if isinstance(value, dict) else str(value or "")
        if reference.startswith("groups/"):
            return self._names.get(reference.removeprefix("groups/")) or reference
        return reference.removeprefix("groups=")


def _stretch(run: Mapping[str, Any]) -> Stretch:
    return Stretch(
        kind=run["kind"],
        started_at=run["started_at"],
        ended_at=run["finished_at"] or run["started_at"],
        seconds=_seconds(run["started_at"], run["finished_at"]),
        outcome=run["outcome"] or "",
        counts=run["counts"] or {},
        pace=run.get("pace") or {},
    )


def _checked(document: Mapping[str, Any] | None, runs: tuple[Stretch, ...]) -> Checked | None:
    """Return the last verification; None where nothing was applied."""
    applies = [run for run in runs if run.kind == "apply"]
    if document is None or not applies:
        return None
    started_at = str(document["started_at"])
    return Checked(
        started_at=started_at,
        seconds=_seconds(started_at, document.get("finished_at")),
        result=document,
        stale=any(run.wrote and run.ended_at > started_at for run in applies),
    )


def _seconds(started_at: str, finished_at: str | None) -> int | None:
    if finished_at is None:
        return None
    took = datetime.fromisoformat(finished_at) - datetime.fromisoformat(started_at)
    return round(took.total_seconds())


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
