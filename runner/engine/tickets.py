"""Changes of tickets, with the articles inside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine import (
    conversations,
    extra,
    merged,
    message_ids,
    needs,
    placeholders,
    time_entries,
    watchers,
)
from runner.engine.change import Action, Change, Child, Difference, plain
from runner.engine.conflicts import changed_on_both_sides, not_before
from runner.errors import OF_DATA, RecordError, Refused, unexpected
from runner.ledger import fingerprint
from runner.mapping.limits import console_fields
from runner.mapping.model import Note, Reference
from runner.snapshot.expand import came_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from runner.engine.world import World
    from runner.errors import MigrateError
    from runner.mapping.model import Outcome

REMEMBERED = "remembered"
"""Source id of the internal article that keeps what a vocabulary dropped."""

NOBODY = Reference("users", name="-")


def changes(
    world: World,
    case_ids: Iterable[int],
    *,
    bodies: Callable[[int], MigrateError | None] | None = None,
) -> Iterator[Change]:
    """Yield the change of every case, each after the placeholders it needs.

    Args:
        world: what is known of both sides.
        case_ids: which cases, in this order.
        bodies: waits until the posts of a case are in the snapshot and returns why they are not;
            None when nothing is being pulled.
    """
    for case_id in case_ids:
        record = world.threads.record(world, case_id)
        if record is None:
            continue
        try:
            change = of_case(world, record, bodies=bodies)
        except RecordError as error:
            yield _failed(record, _not_compared(error))
            continue
        except OF_DATA as error:
            yield _failed(record, str(unexpected(error)))
            continue
        yield from placeholders.needed(world, change)
        yield change


def _transformed(world: World, record: dict[str, Any]) -> Outcome:
    outcome = conversations.outcome(world, record)
    return world.custom_fields.fill("tickets", record, outcome)


def _failed(record: dict[str, Any], reason: str) -> Change:
    label = str(record.get("subject") or "")
    return Change("tickets", str(record["id"]), Action.FAIL, reason, label=label)


def _not_compared(error: RecordError) -> str:
    """Say why a ticket of ours could not be read, and the ways out (docs/plans.md)."""
    if isinstance(error, Refused) and error.status == 404:
        return (
            "it changed in Kayako, and its ticket is not in Zammad any more (deleted there, most"
            " likely): leave it out by skip in mappings/tickets.yaml, or bring it back to Zammad"
            " from a backup; the others are not concerned"
        )
    if isinstance(error, Refused) and error.status == 403:
        return (
            "it changed in Kayako, and its ticket is in a group of Zammad's that the token's user"
            f" may not see: give them full access to it ({error})"
        )
    return f"it could not be compared with Zammad: {error}"


def of_case(
    world: World,
    record: dict[str, Any],
    *,
    bodies: Callable[[int], MigrateError | None] | None = None,
    whole: bool = False,
) -> Change:
    """Return what happens to one case and its posts; one that is left out waits for no post.

    With ``whole`` it comes with all of its articles, as if nothing of it were in Zammad yet.
    """
    outcome = _transformed(world, record) if bodies is not None else None
    label = str(record.get("subject") or "")
    if outcome is not None and outcome.skip is None and bodies is not None:
        problem = bodies(record["id"])
        if problem is not None:
            return _failed(record, f"its posts could not be read: {problem}")
        # People in copy, and what a merged conversation was merged into, come with the posts.
        record = world.snapshot.record("cases", record["id"]) or record
    if outcome is None or outcome.skip is None:
        try:
            thread = world.threads.read(world, record, bodies)
        except RecordError as error:
            return _failed(record, f"its posts could not be read: {error}")
        record = {**record, "first_agent_reply_at": thread.first_reply}
        outcome = _transformed(world, record)
    source_id = str(record["id"])
    base: dict[str, Any] = {
        "entity": "tickets",
        "source_id": source_id,
        "label": str(outcome.payload.get("title") or label),
        "came_in": came_in(record.get("source_channel"), record.get("assigned_team")),
    }
    if outcome.skip is not None:
        return Change(action=Action.SKIP, reason=outcome.skip, notes=outcome.notes, **base)
    notes = list(outcome.notes)
    payload = dict(outcome.payload)
    # No request can set these, so nothing that is sent or compared may hold them.
    by_console = {name: payload.pop(name) for name in console_fields("ticket") & payload.keys()}
    stranger = _keep_only_agents_as_owners(world, payload, notes)
    watchers.keep_only_agents(world, payload)
    merged.keep_parent(world, record, payload, notes)
    notes += thread.notes
    children = [*thread.children]
    if outcome.remembered:
        text = "\n".join(outcome.remembered)
        children.append(
            extra.article(world, record["id"], REMEMBERED, text, created_at=record["created_at"])
        )
    times = time_entries.read(world, record, notes)
    failures = [
        *outcome.failures,
        *stranger,
        *_unknown_values(world, payload, outcome),
        *thread.failures,
        *times.failures,
    ]
    base |= {
        "notes": tuple(notes),
        "dropped": outcome.dropped,
        "creates": outcome.creates,
    }
    if failures:
        return Change(action=Action.FAIL, reason="; ".join(failures), **base)
    digests = {child.source_id: child.digest for child in children}
    base |= {
        "payload": payload,
        "by_console": by_console,
        "digests": digests,
        "articles_skipped": thread.skipped,
        "times": times.entries,
        "times_skipped": times.skipped,
        "fingerprint": fingerprint([plain(payload), digests, times.digests]),
        "bodies_unread": world.snapshot.bodies(record["id"]) != "complete",
        "mails_unread": message_ids.unread(world, record),
    }
    base["files_unread"] = base["bodies_unread"] and bool(record.get("has_attachments"))
    base["posts_unread"], base["asks"] = needs.asks(world, record, base["mails_unread"])
    if whole:
        return Change(action=Action.CREATE, children=tuple(children), **base)
    return _compare(world, base, children, times)


def _compare(
    world: World, base: dict[str, Any], children: list[Child], times: time_entries.Read
) -> Change:
    known = world.ledger.table("tickets").get(base["source_id"])
    status = None if known is None else known["status"]
    there = {} if status in {None, "skipped", "failed", "intended", "partial"} else known or {}
    written = there.get("children") or {}
    new = tuple(child for child in children if child.source_id not in written.get("posts", {}))
    base["times"], new = time_entries.planned(
        world, times, base["source_id"], new, written.get("time", {})
    )
    if status in {"intended", "partial"}:
        return Change(
            action=Action.CREATE,
            children=new,
            resume=True,
            reason="an interrupted run may have sent it",
            target_id=(known or {}).get("target_id"),
            **base,
        )
    if not there:
        return Change(action=Action.CREATE, children=new, **base)
    base["ids_kept"] = message_ids.kept(children, there)
    if there.get("fingerprint") == base["fingerprint"]:
        return Change(action=Action.UNCHANGED, target_id=there["target_id"], **base)
    return _updated(world, base, children, new, there)


def _updated(
    world: World,
    base: dict[str, Any],
    children: list[Child],
    new: tuple[Child, ...],
    known: dict[str, Any],
) -> Change:
    posts = (known.get("children") or {}).get("posts", {})
    time_due = any(entry.is_due for entry in base["times"])
    changed = sum(
        1
        for child in children
        if child.source_id in posts and posts[child.source_id][1] != child.digest
    )
    applied = known.get("applied", {})
    # What only posts tell is not emptied while they are not read.
    unread = world.snapshot.bodies(base["source_id"]) == "missing"
    emptied = set() if unread else set(applied) - set(base["payload"])
    differences = [
        Difference(name, applied.get(name), plain(base["payload"].get(name)))
        for name in (*base["payload"], *emptied)
        # A number that is given stays (reference §0.6).
        if name != "number" and applied.get(name) != plain(base["payload"].get(name))
        if name != "mentions" or watchers.added(applied, base["payload"])
    ]
    conflicts, theirs = changed_on_both_sides(world, known["target_id"], differences)
    written = {difference.field for difference in differences if difference not in conflicts}
    fields = {name: base["payload"].get(name) for name in written}
    if (fields or new or time_due) and "updated_at" in base["payload"]:
        fields["updated_at"] = base["payload"]["updated_at"]
    # What was settled in favour of Zammad is written down, if nothing else.
    action = Action.UPDATE if fields or new or time_due or conflicts else Action.UNCHANGED
    if theirs and "updated_at" in fields:
        fields = not_before(theirs, fields, more=bool(new or time_due))
    reason = "conflict" if conflicts else ""
    fixed = changed or any(entry.action is Action.SKIP for entry in base["times"])
    if fixed and action is Action.UNCHANGED:
        what = "articles" if changed else "time entries"
        action, reason = Action.SKIP, f"{what} cannot be changed"
    return Change(
        action=action,
        reason=reason,
        target_id=known["target_id"],
        fields=fields,
        differences=tuple(d for d in differences if d not in conflicts),
        conflicts=tuple(conflicts),
        children=new,
        articles_changed=changed,
        **base,
    )


def _keep_only_agents_as_owners(
    world: World, payload: dict[str, Any], notes: list[Note]
) -> list[str]:
    """Only an active agent can own a ticket (reference §0.9): others are left out, with a note.

    A successor whom the people table names and nobody knows is a mistake, and returned as one.
    """
    owner = payload.get("owner")
    if not isinstance(owner, Reference) or owner == NOBODY or world.is_agent(owner):
        return []
    named = owner.source_id is None and not owner.placeholder
    if named and world.zammad and world.directories["users"].named(owner.name or "") is None:
        return [f"owner: {owner.name} (vocabularies/people.yaml) is nobody in Zammad"]
    payload["owner"] = NOBODY
    notes.append(Note("defaulted", "owner", f"{owner} is no agent: the ticket has no owner"))
    return []


def _unknown_values(world: World, payload: dict[str, Any], outcome: Outcome) -> list[str]:
    """Say which state, priority or type Zammad does not have: it would refuse the ticket.

    Newer versions take an unknown type and never show it (reference §k6).
    """
    created = {name for _, name, _ in outcome.creates}
    return [
        f"{field}: Zammad has no {field} {payload[field]}; it has {', '.join(sorted(there))}"
        for field, there in (
            ("state", world.closed_lists.get("states", {})),
            ("priority", world.closed_lists.get("priorities", {})),
            ("type", world.types),
        )
        if there and payload.get(field) is not None and payload[field] not in {*there, *created}
    ]


def unfinished(world: World) -> list[int]:
    """Return cases that are gone from Kayako and were cut off on their way to Zammad."""
    gone = set(world.snapshot.gone("cases"))
    if not gone:
        return []
    return [
        int(document["source_id"])
        for document in world.ledger.table("tickets")
        if document["status"] in {"intended", "partial"} and int(document["source_id"]) in gone
    ]
