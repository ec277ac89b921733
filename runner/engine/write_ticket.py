"""Carrying out the change of one ticket: POST with its first article, the others, the last PUT.

Nothing is read before a write on the happy path. What an earlier run may have sent, or what was
sent and not answered, is looked up by number and by our message ids before anything is sent again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine import results
from runner.engine.change import Action, Change, Child
from runner.engine.past import check_kept
from runner.errors import OutcomeUnknown, RecordError, Refused
from runner.zammad import articles, tickets

if TYPE_CHECKING:
    from runner.engine.world import World
    from runner.zammad.client import Zammad

_ATTEMPTS = 4
_NOT_SENT = {"updated_at", "tags"}


def write(world: World, zammad: Zammad, change: Change) -> None:
    """Bring one ticket to Zammad and record what happened, step by step, in the ledger."""
    if change.action is Action.CREATE:
        _create(world, zammad, change)
    else:
        _update(world, zammad, change)


def _create(world: World, zammad: Zammad, change: Change) -> None:
    table = world.ledger.table("tickets")
    there = _found(zammad, change) if change.resume else None
    if there is None:
        there = _posted(world, zammad, change)
    ticket_id, posts = there
    table.put(results.partial(change, ticket_id, posts))
    rest = tuple(child for child in change.children if child.source_id not in posts)
    _write_articles(world, zammad, ticket_id, rest, posts)
    _finish(zammad, ticket_id, change.payload.get("updated_at"))
    table.put(results.done(change, ticket_id, posts=posts))


def _update(world: World, zammad: Zammad, change: Change) -> None:
    table = world.ledger.table("tickets")
    known = table.get(change.source_id) or {}
    ticket_id = int(known["target_id"])
    posts = dict((known.get("children") or {}).get("posts", {}))
    if change.children:
        # An earlier run may have been cut off among these: what is there is not sent again.
        there = _ours(articles.of_ticket(zammad, ticket_id), change.children)
        posts |= there
        rest = tuple(child for child in change.children if child.source_id not in there)
        _write_articles(world, zammad, ticket_id, rest, posts)
    if "tags" in change.fields:
        _retag(zammad, ticket_id, known, change)
    fields = world.resolved(
        {name: value for name, value in change.fields.items() if name not in {"tags", "number"}}
    )
    if fields:
        zammad.update(f"/tickets/{ticket_id}", fields)
    for child in change.children:
        posts.setdefault(child.source_id, [None, child.digest])
    table.put(results.done(change, ticket_id, known=known, posts=posts))


def _posted(world: World, zammad: Zammad, change: Change) -> tuple[int, dict[str, list[Any]]]:
    """POST the ticket with its first article; return its id and the articles that are there."""
    first = change.children[0]
    body = world.resolved({k: v for k, v in change.payload.items() if k not in _NOT_SENT})
    if change.payload.get("tags"):
        body["tags"] = ",".join(change.payload["tags"])
    body["article"] = articles.build(world.resolved(first.payload), world.snapshot.file)
    for attempt in range(_ATTEMPTS):
        try:
            answer = zammad.create("/tickets", body)
        except OutcomeUnknown:
            found = _found(zammad, change)
            if found is not None:
                return found
            if attempt == _ATTEMPTS - 1:
                raise
        except Refused as refusal:
            if refusal.status != 422:
                raise
            # Whatever its words: if the number is there, that is why (never match on wording).
            found = _found(zammad, change)
            if found is None:
                raise
            return found
        else:
            check_kept(body, answer, f"case {change.source_id}")
            article_id = (answer.get("article_ids") or [None])[0]
            return int(answer["id"]), {first.source_id: [article_id, first.digest]}
    raise AssertionError


def _found(zammad: Zammad, change: Change) -> tuple[int, dict[str, list[Any]]] | None:
    """Return the ticket of this number and those of our articles that it has.

    Raises:
        RecordError: the number belongs to somebody else's ticket.
    """
    number = str(change.payload["number"])
    row = tickets.by_number(zammad, number)
    if row is None:
        return None
    posts = _ours(articles.of_ticket(zammad, row["id"]), change.children)
    if change.children[0].source_id not in posts:
        raise RecordError(
            f"number taken: ticket {number} is there and holds nothing of case {change.source_id}",
            advice="give numbers a prefix in mappings/tickets.yaml, e.g. template: '9{{ id }}'",
        )
    return int(row["id"]), posts


def _ours(rows: list[dict[str, Any]], children: tuple[Child, ...]) -> dict[str, list[Any]]:
    """Return which children are among a ticket's articles: message id and time must agree."""
    by_message_id = {row.get("message_id"): row for row in rows}
    found: dict[str, list[Any]] = {}
    for child in children:
        row = by_message_id.get(child.payload["message_id"])
        if row is not None and _same_second(row.get("created_at"), child.payload):
            found[child.source_id] = [row["id"], child.digest]
    return found


def _same_second(there: Any, payload: dict[str, Any]) -> bool:
    wanted = payload.get("created_at")
    return wanted is None or str(there)[:19] == str(wanted)[:19]


def _write_articles(
    world: World,
    zammad: Zammad,
    ticket_id: int,
    children: tuple[Child, ...],
    posts: dict[str, list[Any]],
) -> None:
    """POST articles one after the other: Zammad derives contact times from their order."""
    for child in children:
        body = articles.build(world.resolved(child.payload), world.snapshot.file)
        body["ticket_id"] = ticket_id
        posts[child.source_id] = [_send_article(zammad, ticket_id, child, body), child.digest]


def _send_article(zammad: Zammad, ticket_id: int, child: Child, body: dict[str, Any]) -> int:
    for attempt in range(_ATTEMPTS):
        try:
            answer = zammad.create("/ticket_articles", body)
        except OutcomeUnknown:
            found = _ours(articles.of_ticket(zammad, ticket_id), (child,))
            if found:
                return int(found[child.source_id][0])
            if attempt == _ATTEMPTS - 1:
                raise
        except Refused as refusal:
            raise Refused(
                f"post {child.source_id}: {refusal}", status=refusal.status, advice=refusal.advice
            ) from refusal
        else:
            check_kept(body, answer, f"post {child.source_id}")
            return int(answer["id"])
    raise AssertionError


def _finish(zammad: Zammad, ticket_id: int, updated_at: str | None) -> None:
    """Set ``updated_at`` last: every article and tag moved it (reference §0.8)."""
    if updated_at is not None:
        zammad.update(f"/tickets/{ticket_id}", {"updated_at": updated_at})


def _retag(zammad: Zammad, ticket_id: int, known: dict[str, Any], change: Change) -> None:
    """Add and remove single tags: a ticket's PUT takes none; an agent's own tags stay."""
    before = set(known.get("applied", {}).get("tags") or ())
    after = set(change.fields["tags"] or ())
    for tag in sorted(after - before):
        zammad.search("/tags/add", {"object": "Ticket", "o_id": ticket_id, "item": tag})
    for tag in sorted(before - after):
        zammad.remove_tag(ticket_id, tag)
