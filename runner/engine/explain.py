"""Explaining one record: what Kayako has, what every rule did, what is and would be in Zammad."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.engine import message_ids, successors, tickets, walk
from runner.engine.change import plain
from runner.errors import Refused, UsageError
from runner.mapping.tracing import Step, trace
from runner.mapping.transform import transform
from runner.snapshot.replies import with_first_reply

if TYPE_CHECKING:
    from runner.engine.change import Change
    from runner.engine.world import World

ENTITIES = {
    "case": "tickets",
    "user": "users",
    "team": "groups",
    "organization": "organizations",
    "business-hour": "calendars",
    "macro": "macros",
    "text-module": "text_modules",
    "category": "kb_categories",
    "section": "kb_sections",
    "article": "kb_answers",
}
"""The entity of each of Kayako's words for a record."""


@dataclass(frozen=True, slots=True)
class Article:
    """What becomes of one post: ``payload`` as it is sent; ``skip`` says why it is left out."""

    post: dict[str, Any]
    payload: dict[str, Any]
    steps: list[Step]
    skip: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that is known of one record.

    ``ledger`` is its document, None before the first apply; ``there`` the record as Zammad has it
    now, None when it is not there or Zammad could not be asked; ``articles`` are a case's.
    """

    entity: str
    record: dict[str, Any]
    steps: list[Step]
    change: Change
    ledger: dict[str, Any] | None
    there: dict[str, Any] | None
    articles: list[Article] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        change = self.change
        return {
            "entity": self.entity,
            "source_id": change.source_id,
            "record": self.record,
            "rules": [_step(step) for step in self.steps],
            "articles": [
                {
                    "post": article.post["id"],
                    "skip": article.skip,
                    "payload": plain(article.payload),
                    "rules": [_step(step) for step in article.steps],
                }
                for article in self.articles
            ],
            "payload": plain(change.payload),
            "notes": [[note.kind, note.field, note.text] for note in change.notes],
            "change": {
                "action": change.action.value,
                "reason": change.reason,
                "target_id": change.target_id,
                "fields": plain(change.fields),
                "conflicts": [difference.field for difference in change.conflicts],
                "articles": [child.source_id for child in change.children],
                "time_entries": [entry.source_id for entry in change.times if entry.is_due],
            },
            "ledger": self.ledger,
            "zammad": self.there,
        }


def _step(step: Step) -> dict[str, Any]:
    return {
        "field": step.field,
        "place": list(step.place),
        "rule": step.rule,
        "inputs": step.inputs,
        "output": plain(step.output),
        "notes": [[note.kind, note.text] for note in step.notes],
        "failure": step.failure,
    }


def explain(world: World, word: str, record_id: str) -> Explanation:
    """Explain one record of Kayako's.

    Args:
        world: What is known of both sides; ``zammad`` may be None.
        word: A key of ``ENTITIES``; ``text-module`` is the text of a macro.
        record_id: Its id in Kayako.

    Raises:
        UsageError: The snapshot has no such record.
    """
    entity = ENTITIES[word]
    record = world.snapshot.record(walk.resource_of(entity), record_id)
    if record is None:
        raise UsageError(
            f"the snapshot has no {word} {record_id}",
            advice="is the number Kayako's? migrate pull reads what is new",
        )
    if entity == "tickets":
        successors.expect(world)
        record = with_first_reply(record, world.snapshot.posts(record_id))
    change = (
        tickets.of_case(world, record)
        if entity == "tickets"
        else walk.of_listed(world, entity, record)
    )
    known = world.ledger.table(entity).get(str(record["id"]))
    return Explanation(
        entity=entity,
        record=record,
        steps=trace(world.mappings, entity, record, go_live=world.go_live),
        change=change,
        ledger=known,
        there=_there(world, entity, (known or {}).get("target_id") or change.target_id),
        articles=_articles(world, record, known or {}) if entity == "tickets" else [],
    )


def case_of_ticket(world: World, ticket_id: int) -> str:
    """Return the case that became a ticket of Zammad's, by the ledger.

    Raises:
        UsageError: The ledger knows no such ticket.
    """
    for document in world.ledger.table("tickets"):
        if document.get("target_id") == ticket_id:
            return str(document["source_id"])
    raise UsageError(
        f"the ledger has no ticket {ticket_id}",
        advice="give the id that Zammad shows in the address of a ticket (#ticket/zoom/ID)",
    )


def _articles(world: World, record: dict[str, Any], known: dict[str, Any]) -> list[Article]:
    """Return what becomes of every post: as it is sent, where its conversation moves."""
    whole = tickets.of_case(world, record, whole=True)
    sent = {child.source_id: child for child in whole.children}
    skipped = dict(whole.articles_skipped)
    written = (known.get("children") or {}).get("posts", {})
    made = []
    for post in world.snapshot.posts(record["id"]):
        outcome = transform(world.mappings, "articles", post, parent=record, go_live=world.go_live)
        steps = trace(world.mappings, "articles", post, parent=record, go_live=world.go_live)
        payload, post_id = outcome.payload, str(post["id"])
        if post_id in sent:
            payload = sent[post_id].payload
        if post_id in sent and post_id in written:
            # It keeps the id that it was written with.
            payload = {**payload, "message_id": message_ids.written(sent[post_id], known)}
        made.append(Article(post, payload, steps, skipped.get(post_id, outcome.skip)))
    return made


def _there(world: World, entity: str, target_id: int | None) -> dict[str, Any] | None:
    if world.zammad is None or target_id is None:
        return None
    try:
        found = world.zammad.get(f"/{entity}/{target_id}")
    except Refused:
        return None
    return found if isinstance(found, dict) else None
