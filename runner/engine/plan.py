"""Plan: walk the changes, count, write nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from runner.config.model import ENTITIES
from runner.engine import attributes, avatars, inventory, naming, ticket_links, walk
from runner.engine.change import MOST_LISTED, Action, Change, plain
from runner.engine.highlights import Highlights
from runner.engine.importer import losses
from runner.engine.needs import Counted
from runner.snapshot.beside import MEMBERSHIPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runner.engine.costs import Budget
    from runner.engine.drift import Drift
    from runner.engine.reset_time import ResetTime
    from runner.engine.world import World
    from runner.snapshot.census import Census

Detail = Callable[[str, "dict[str, Any]", "Mapping[str, str]"], None]
"""Told of a record: what happens (``users create``), its sample, and names by reference."""

_MOST_EXAMPLES = 3
UNKNOWN_ID = "(known after apply)"


@dataclass(slots=True)
class Plan:
    """What apply would do, counted; lists hold at most 1,000 entries each, counts count all.

    ``mails_unread`` counts mails whose own Message-ID is still to be read, ``mails_uncounted``
    the conversations of which nobody knows how many such mails they have. ``names`` tells what
    the records are called that ``samples`` refer to: ``groups/2``. ``census`` is what Kayako
    holds, None for a plan of single records. ``scope`` is the part of a run that was asked for,
    ``outside_scope`` how many conversations are not in it.
    """

    target: str | None
    go_live: str
    scope: str = ""
    outside_scope: int = 0
    actions: dict[str, Counter[str]] = field(default_factory=dict)
    articles: Counter[str] = field(default_factory=Counter)
    time_entries: Counter[str] = field(default_factory=Counter)
    time_dangling: int = 0
    dropped: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    skipped: Counter[tuple[str, str]] = field(default_factory=Counter)
    notes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)
    failures: list[dict[str, str]] = field(default_factory=list)
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    adopted: list[dict[str, Any]] = field(default_factory=list)
    samples: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    placeholders: int = 0
    bodies_unread: int = 0
    mails_unread: int = 0
    mails_uncounted: int = 0
    gone: dict[str, list[int]] = field(default_factory=dict)
    posts_short: dict[int, int] = field(default_factory=dict)
    unavailable: dict[str, str] = field(default_factory=dict)
    memberships_unasked: int = 0
    attributes: attributes.Outlook = field(default_factory=attributes.Outlook)
    inventory: inventory.Inventory = field(default_factory=inventory.Inventory)
    census: Census | None = None
    highlights: Highlights = field(default_factory=Highlights)
    drift: Drift | None = None
    reset: ResetTime | None = None
    needs: Counted = field(default_factory=Counted)
    budget: Budget | None = field(default=None, compare=False)

    @property
    def has_changes(self) -> bool:
        """Say whether apply would write anything."""
        return self.attributes.has_changes or any(
            words[Action.CREATE] + words[Action.UPDATE] + words[Action.FAIL]
            for words in self.actions.values()
        )

    def as_json(self) -> dict[str, Any]:
        """Return the plan for machines."""
        return {
            "target": self.target,
            "go_live": self.go_live,
            "scope": self.scope,
            "outside_scope": self.outside_scope,
            "kayako": self.census.as_json() if self.census else None,
            "importer_loses": [one.as_json() for one in losses(self.census)] if self.census else [],
            **self.highlights.as_json(),
            "actions": {
                entity: {str(action): words[action] for action in Action}
                for entity, words in self.actions.items()
            },
            "articles": dict(self.articles),
            "time_entries": {**self.time_entries, "dangling": self.time_dangling},
            "dropped": [
                {
                    "vocabulary": vocabulary,
                    "label": label,
                    "becomes": becomes,
                    "remember_as": remembered,
                    "tickets": number,
                }
                for (vocabulary, label, becomes, remembered), number in self.dropped.most_common()
            ],
            "skipped": [
                {"entity": entity, "reason": reason, "records": number}
                for (entity, reason), number in self.skipped.most_common()
            ],
            "notes": [
                {
                    "entity": entity,
                    "kind": kind,
                    "field": name,
                    "records": number,
                    "examples": self.examples[entity, kind, name],
                }
                for (entity, kind, name), number in self.notes.most_common()
            ],
            "failures": self.failures,
            "conflicts": self.conflicts,
            "adopted": self.adopted,
            "samples": self.samples,
            "names": self.names,
            "placeholders": self.placeholders,
            "bodies_unread": self.bodies_unread,
            "mails_unread": self.mails_unread,
            "mails_uncounted": self.mails_uncounted,
            "gone": self.gone,
            "posts_short": self.posts_short,
            "unavailable": self.unavailable,
            "memberships_unasked": self.memberships_unasked,
            "inventory": self.inventory.as_json(),
            "reset": None if self.reset is None else self.reset.as_json(),
            "drift": None if self.drift is None else self.drift.as_json(),
            "attributes": {**self.attributes.names, "required": self.attributes.required},
        }


def make(
    world: World,
    entities: tuple[str, ...] = ENTITIES,
    *,
    changes: Iterable[Change],
    show: int = 0,
    seen: Callable[[Change], None] = lambda _: None,
    census: Census | None = None,
    detail: Detail | None = None,
) -> Plan:
    """Return the plan.

    Args:
        world: What is known of both sides.
        entities: The steps that are planned.
        changes: What happens to every record of these steps.
        show: How many samples of each action and entity it holds.
        seen: Told each change.
        census: What Kayako holds.
        detail: Told what each record that changes, is left out or fails is shown as.
    """
    plan = Plan(
        target=None if world.zammad is None else world.zammad.url,
        go_live=world.go_live.isoformat(),
        unavailable=dict(world.snapshot.unavailable),
        posts_short=world.snapshot.posts_short(),
        memberships_unasked=world.snapshot.beside.waiting(MEMBERSHIPS),
        time_dangling=world.snapshot.dangling_time_entries() if "tickets" in entities else 0,
        attributes=attributes.outlook(world, entities),
        census=census,
    )
    names = naming.Names(world)
    for entity in entities:
        plan.actions[entity] = Counter()
    routes = inventory.Routes()
    for change in changes:
        _take(plan, change, show)
        _take_beside(world, plan, change)
        if change.action is not Action.SKIP:
            routes.add(change)
        if detail is not None and change.action is not Action.UNCHANGED:
            sample = _sample(change)
            detail(f"{change.entity} {change.action}", sample, names.of(sample))
        seen(change)
    plan.names = naming.Names(world).of(plan.samples)
    plan.gone = world.gone(entities)
    plan.inventory = inventory.take(world, routes)
    if "tickets" not in entities:
        # Nobody counted what came in through them: none must look as if it were not needed.
        plan.inventory.mailboxes = []
    return plan


def of_records(world: World, named: Iterable[tuple[str, str]]) -> Plan:
    """Return the plan for single records alone, each of them shown with its fields.

    Args:
        world: What is known of both sides.
        named: Entity and source id of each record.

    Raises:
        UsageError: The snapshot has no such record.
    """
    target = None if world.zammad is None else world.zammad.url
    plan = Plan(target=target, go_live=world.go_live.isoformat())
    for change in walk.named(world, named):
        _take(plan, change, MOST_LISTED)
        _take_beside(world, plan, change)
    plan.names = naming.Names(world).of(plan.samples)
    return plan


def _take(plan: Plan, change: Change, show: int) -> None:
    plan.actions.setdefault(change.entity, Counter())[change.action] += 1
    if change.action in {Action.CREATE, Action.UPDATE}:
        plan.articles["create"] += len(change.children)
    plan.articles["skip"] += len(change.articles_skipped)
    plan.articles["changed at the source"] += change.articles_changed
    plan.time_entries.update(str(entry.action) for entry in change.times)
    plan.time_entries["skip"] += len(change.times_skipped)
    for drop in change.dropped:
        plan.dropped[drop.vocabulary, drop.label, str(drop.becomes), drop.remember_as] += 1
    _take_notes(plan, change)
    for _, reason in change.articles_skipped:
        plan.skipped["articles", reason] += 1
    plan.articles["keep the message id they have"] += change.ids_kept
    for _, reason in change.times_skipped:
        plan.skipped["time entries", reason] += 1
    plan.bodies_unread += change.bodies_unread
    plan.mails_unread += change.mails_unread or 0
    plan.mails_uncounted += change.mails_unread is None
    plan.placeholders += change.reason.startswith("placeholder")
    if change.action is Action.SKIP:
        plan.skipped[change.entity, change.reason] += 1
    if change.action is Action.FAIL:
        _list(plan.failures, change, reason=change.reason)
    if change.adopted:
        _list(plan.adopted, change, fields=sorted(change.fields))
    plan.conflicts += islice(change.conflict_rows(), MOST_LISTED - len(plan.conflicts))
    samples = plan.samples.setdefault(f"{change.entity} {change.action}", []) if show else []
    if len(samples) < show and change.action is not Action.UNCHANGED:
        samples.append(_sample(change))


def _take_beside(world: World, plan: Plan, change: Change) -> None:
    """Count links of merged tickets and users' pictures; note what is to be known by name."""
    plan.highlights.take(world, change)
    plan.needs.take(change, console=world.dates_by_console)
    found = beside(world, change)
    if found is None:
        return
    table, action = found
    plan.actions.setdefault(table, Counter())[action] += 1
    if action in {Action.CREATE, Action.UPDATE}:
        if table == ticket_links.TABLE:
            plan.needs.take_link(console=world.dates_by_console)
        else:
            plan.needs.take_picture()


def beside(world: World, change: Change) -> tuple[str, Action] | None:
    """Return what becomes of what is written beside a record, and in which table it stands."""
    table, action = "", None
    if change.entity == "tickets":
        table, action = ticket_links.TABLE, ticket_links.planned(world.ledger, change)
    elif change.entity == "users":
        table, action = avatars.TABLE, avatars.planned(world, change)
    return None if action is None else (table, action)


def _take_notes(plan: Plan, change: Change) -> None:
    """Count each kind of loss once a record, and keep the first records as examples."""
    for kind, name in {(note.kind, note.field) for note in change.notes}:
        plan.notes[change.entity, kind, name] += 1
        examples = plan.examples.setdefault((change.entity, kind, name), [])
        if len(examples) < _MOST_EXAMPLES:
            examples.append(change.source_id)


def _list(entries: list[dict[str, Any]], change: Change, **more: Any) -> None:
    if len(entries) < MOST_LISTED:
        entry = {"entity": change.entity, "source_id": change.source_id, "label": change.label}
        entries.append(entry | more)


def _sample(change: Change) -> dict[str, Any]:
    return {
        "source_id": change.source_id,
        "target_id": change.target_id or UNKNOWN_ID,
        "label": change.label,
        "reason": change.reason,
        "differences": [
            {"field": d.field, "before": d.before, "after": d.after} for d in change.differences
        ]
        or [
            {"field": name, "before": None, "after": plain(value)}
            for name, value in change.payload.items()
        ],
        "articles": len(change.children),
    }
