"""Carrying out the change of one ticket: POST with its first article, the others, the last PUT.

Nothing is read before a write on the happy path. What an earlier run may have sent, or what was
sent and not answered, is looked up by number and by our message ids before anything is sent again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.engine import message_ids, results, watchers, write_time
from runner.engine.change import Action, Change, Child
from runner.engine.merged import FIELD
from runner.engine.ownership import made_since
from runner.engine.past import check_kept
from runner.errors import OutcomeUnknown, RecordError, Refused
from runner.zammad import articles, tickets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runner.engine.world import World
    from runner.zammad.client import Zammad

_ATTEMPTS = 4
_NOT_SENT = {"updated_at", "tags", FIELD}
_NOT_CHANGED = {"number", "tags", "mentions", "created_at", FIELD}
_SENT_APART = {"number", "tags", "mentions", FIELD}


@dataclass(slots=True)
class _Found:
    """A ticket of ours that is there: its articles by post, and what else it holds.

    ``originals`` are the message ids of those that carry the one of the mail they came as.
    """

    ticket_id: int
    posts: dict[str, list[Any]] = field(default_factory=dict)
    misdated: dict[str, list[Any]] = field(default_factory=dict)
    originals: dict[str, str] = field(default_factory=dict)
    foreign: int = 0
    is_new: bool = False


def write(world: World, zammad: Zammad, change: Change) -> None:
    """Bring one ticket to Zammad and record what happened, step by step, in the ledger."""
    if change.action is Action.CREATE:
        _create(world, zammad, change)
    else:
        _update(world, zammad, change)


def _create(world: World, zammad: Zammad, change: Change) -> None:
    table = world.ledger.table("tickets")
    found = _located(zammad, change, table.get(change.source_id)) if change.resume else None
    if found is None:
        found = _posted(world, zammad, change)
        resumed = False
    else:
        resumed = True
    posts = found.posts
    rest = tuple(child for child in change.children if child.source_id not in posts)
    originals = found.originals | message_ids.originals(rest)
    table.put(results.partial(change, found.ticket_id, posts, originals))
    _write_articles(world, zammad, found.ticket_id, rest, posts)
    times = write_time.write(world, zammad, found.ticket_id, change, posts, look=not found.is_new)
    fields: dict[str, Any] = {}
    if resumed:
        # What changed at the source since the run that was cut off is written now.
        _add_tags(zammad, found.ticket_id, change.payload.get("tags") or ())
        _add_watchers(world, zammad, found.ticket_id, change.payload)
        fields = {k: v for k, v in change.payload.items() if k not in _NOT_CHANGED}
        fields = _by_request(world, fields)
    elif "updated_at" in change.payload:
        # Last of all: every article and tag moved it (reference §0.8).
        fields = _by_request(world, {"updated_at": change.payload["updated_at"]})
    if fields:
        answer = zammad.update(f"/tickets/{found.ticket_id}", world.resolved(fields))
        if not resumed:
            # With other fields in it, a date that was there already does not count as sent.
            what = f"the last change of case {change.source_id}"
            check_kept(zammad, fields, answer, what, field="updated_at")
    document = results.done(change, found.ticket_id, posts=posts, originals=originals, times=times)
    table.put(document)


def _update(world: World, zammad: Zammad, change: Change) -> None:
    table = world.ledger.table("tickets")
    known = table.get(change.source_id) or {}
    ticket_id = int(known["target_id"])
    children = known.get("children") or {}
    posts = dict(children.get("posts", {}))
    sent = known.get("originals") or {}
    originals = {post: sent[post] for post in sent if post in posts}
    if change.children:
        # An earlier run may have been cut off among these: what is there is not sent again.
        found = _read(zammad, ticket_id, change, known)
        there = found.posts | found.misdated if found is not None else {}
        posts |= there
        rest = tuple(child for child in change.children if child.source_id not in there)
        originals |= found.originals if found is not None else {}
        originals |= message_ids.originals(rest)
        _write_articles(world, zammad, ticket_id, rest, posts)
    times = write_time.write(
        world, zammad, ticket_id, change, posts, known=children.get("time"), look=True
    )
    if "tags" in change.fields:
        _retag(zammad, ticket_id, known, change)
    if "mentions" in change.fields:
        new = watchers.added(known.get("applied", {}), change.payload)
        _add_watchers(world, zammad, ticket_id, {"mentions": new})
    fields = {name: value for name, value in change.fields.items() if name not in _SENT_APART}
    fields = world.resolved(_by_request(world, fields))
    if fields:
        zammad.update(f"/tickets/{ticket_id}", fields)
    for child in change.children:
        posts.setdefault(child.source_id, [None, child.digest])
    document = results.done(
        change, ticket_id, known=known, posts=posts, originals=originals, times=times
    )
    table.put(document)


def _by_request(world: World, fields: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the console script sets."""
    if not world.dates_by_console:
        return fields
    return {name: value for name, value in fields.items() if name != "updated_at"}


def _posted(world: World, zammad: Zammad, change: Change) -> _Found:
    """POST the ticket with its first article."""
    first = change.children[0]
    body = world.resolved({k: v for k, v in change.payload.items() if k not in _NOT_SENT})
    if change.payload.get("tags"):
        body["tags"] = ",".join(change.payload["tags"])
    body["article"] = articles.build(world.resolved(first.payload), world.snapshot.whole_file)
    attempt = 0
    while True:
        attempt += 1
        try:
            answer = zammad.create("/tickets", body)
        except (OutcomeUnknown, Refused) as error:
            refused = isinstance(error, Refused)
            if isinstance(error, Refused) and error.status != 422:
                raise
            # Whatever a refusal's words: if the number is there, that is why. If it is not, it may
            # have been a deadlock, which is 422 as well: one more attempt tells.
            found = _located(zammad, change, None)
            if found is not None:
                if not refused:
                    there = zammad.get(f"/tickets/{found.ticket_id}")
                    check_kept(zammad, body, there, f"case {change.source_id}")
                return found
            if attempt == (2 if refused else _ATTEMPTS):
                raise
        else:
            check_kept(zammad, body, answer, f"case {change.source_id}")
            article_id = (answer.get("article_ids") or [None])[0]
            posts = {first.source_id: [article_id, first.digest]}
            originals = message_ids.originals((first,))
            return _Found(int(answer["id"]), posts, originals=originals, is_new=True)


def _located(zammad: Zammad, change: Change, known: Mapping[str, Any] | None) -> _Found | None:
    """Return the ticket that an earlier attempt made, None when there is none.

    It is looked up by its id where that is known, else by the number that was sent then. A ticket
    that was written while import mode was off has the wrong times: it is removed, to be made anew.

    Raises:
        RecordError: the number belongs to somebody else's ticket, or ours cannot be mended.
    """
    known = known or {}
    if known.get("target_id") is not None:
        found = _read(zammad, int(known["target_id"]), change, known)
    else:
        number = str(known.get("applied", {}).get("number", change.payload["number"]))
        row = tickets.by_number(zammad, number)
        found = None if row is None else _read(zammad, row["id"], change, known)
        if found is not None and not found.posts and not found.misdated:
            raise RecordError(
                f"number taken: ticket {number} holds nothing of case {change.source_id}",
                advice=(
                    "delete that ticket if it is the one that each new Zammad has; else give"
                    " numbers a prefix in mappings/tickets.yaml, as template: '9{{ id }}'"
                ),
            )
    if found is None or not found.misdated:
        return found
    if found.foreign:
        raise RecordError(
            f"ticket {found.ticket_id} was written while import mode was off and has the wrong"
            " time; it also holds articles that are not ours",
            advice="delete it in Zammad, then apply again",
        )
    zammad.delete(f"/tickets/{found.ticket_id}")
    return None


def _read(
    zammad: Zammad, ticket_id: int, change: Change, known: Mapping[str, Any]
) -> _Found | None:
    """Compare a ticket's articles with the posts of a case; None when there is no such ticket.

    An article is misdated when it has the time of its writing instead of its post's.
    """
    try:
        rows = articles.of_ticket(zammad, ticket_id)
    except Refused as refusal:
        if refusal.status == 404:
            return None
        raise
    by_message_id = {name: child for child in change.children for name in child.message_ids}
    found = _Found(ticket_id)
    for row in rows:
        child = by_message_id.get(str(row.get("message_id") or ""))
        if child is None:
            found.foreign += 1
            continue
        if row["message_id"] == child.original_id:
            found.originals[child.source_id] = child.original_id
        if _is_misdated(row.get("created_at"), child.payload, known):
            found.misdated[child.source_id] = [row["id"], child.digest]
        else:
            found.posts[child.source_id] = [row["id"], child.digest]
    return found


def _is_misdated(there: Any, payload: dict[str, Any], known: Mapping[str, Any]) -> bool:
    wanted = payload.get("created_at")
    if wanted is None or str(there)[:19] == str(wanted)[:19]:
        return False
    return "at" in known and made_since(known, there)


def _write_articles(
    world: World,
    zammad: Zammad,
    ticket_id: int,
    children: tuple[Child, ...],
    posts: dict[str, list[Any]],
) -> None:
    """POST articles one after the other: Zammad derives contact times from their order."""
    for child in children:
        body = articles.build(world.resolved(child.payload), world.snapshot.whole_file)
        body["ticket_id"] = ticket_id
        posts[child.source_id] = [_send_article(zammad, ticket_id, child, body), child.digest]


def _send_article(zammad: Zammad, ticket_id: int, child: Child, body: dict[str, Any]) -> int:
    attempt = 0
    while True:
        attempt += 1
        try:
            answer = zammad.create("/ticket_articles", body)
        except OutcomeUnknown:
            there = _arrived(zammad, ticket_id, child, body)
            if there is not None:
                return there
            if attempt == _ATTEMPTS:
                raise
        except Refused as refusal:
            if refusal.status == 422 and attempt == 1:
                # It may have been a deadlock: looked up, it is sent once more.
                there = _arrived(zammad, ticket_id, child, body)
                if there is not None:
                    return there
                continue
            raise Refused(
                f"post {child.source_id}: {refusal}", status=refusal.status, advice=refusal.advice
            ) from refusal
        else:
            check_kept(zammad, body, answer, f"post {child.source_id}")
            return int(answer["id"])


def _arrived(zammad: Zammad, ticket_id: int, child: Child, body: dict[str, Any]) -> int | None:
    """Return the id of an article whose answer was lost; None when it is not there."""
    for row in articles.of_ticket(zammad, ticket_id):
        if row.get("message_id") in child.message_ids:
            check_kept(zammad, body, row, f"post {child.source_id}")
            return int(row["id"])
    return None


def _retag(zammad: Zammad, ticket_id: int, known: dict[str, Any], change: Change) -> None:
    """Add and remove single tags: a ticket's PUT takes none; an agent's own tags stay."""
    before = set(known.get("applied", {}).get("tags") or ())
    after = set(change.fields["tags"] or ())
    _add_tags(zammad, ticket_id, sorted(after - before))
    for tag in sorted(before - after):
        zammad.remove_tag(ticket_id, tag)


def _add_watchers(world: World, zammad: Zammad, ticket_id: int, payload: Mapping[str, Any]) -> None:
    """Let people watch a ticket that is there already."""
    wanted = world.resolved({"mentions": payload.get("mentions") or []})["mentions"]
    if wanted:
        watchers.add(zammad, ticket_id, wanted)


def _add_tags(zammad: Zammad, ticket_id: int, tags: Iterable[str]) -> None:
    """Add tags one by one; one that is there already stays (reference §b12)."""
    for tag in tags:
        zammad.add_tag(ticket_id, tag)
