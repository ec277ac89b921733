"""Changes of tickets, with the articles inside them."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from runner.engine import conversations, links, placeholders
from runner.engine.change import Action, Change, Child, Difference, plain, reference_of
from runner.engine.records import same_text
from runner.errors import RecordError
from runner.ledger import fingerprint
from runner.mapping.model import Note, Reference
from runner.mapping.transform import transform
from runner.zammad import tickets as zammad_tickets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from runner.engine.world import World
    from runner.errors import MigrateError
    from runner.mapping.model import Outcome

REMEMBERED = "remembered"
"""Source id of the internal article that keeps what a vocabulary dropped."""

NO_POSTS = "no-posts"
"""Source id of the article of a conversation without any post: Zammad's tickets need one."""

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
        record = world.snapshot.record("cases", case_id)
        if record is None:
            continue
        try:
            change = of_case(world, record, bodies=bodies)
        except RecordError as error:
            # The ticket is not there any more, or in a group that is closed to us.
            yield _failed(record, f"it could not be compared with Zammad: {error}")
            continue
        yield from placeholders.needed(world, change)
        yield change


def _failed(record: dict[str, Any], reason: str) -> Change:
    label = str(record.get("subject") or "")
    return Change("tickets", str(record["id"]), Action.FAIL, reason, label=label)


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
    outcome = conversations.outcome(world, record)
    outcome = world.custom_fields.fill("tickets", record, outcome)
    source_id = str(record["id"])
    base: dict[str, Any] = {
        "entity": "tickets",
        "source_id": source_id,
        "label": str(outcome.payload.get("title") or record.get("subject") or ""),
    }
    if outcome.skip is not None:
        return Change(action=Action.SKIP, reason=outcome.skip, notes=outcome.notes, **base)
    problem = bodies(record["id"]) if bodies is not None else None
    if problem is not None:
        return _failed(record, f"its posts could not be read: {problem}")
    notes = list(outcome.notes)
    payload = dict(outcome.payload)
    stranger = _keep_only_agents_as_owners(world, payload, notes)
    children, skipped, failures = _children(world, record, outcome, notes)
    failures = [*outcome.failures, *stranger, *_unknown_values(world, payload, outcome), *failures]
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
        "digests": digests,
        "articles_skipped": tuple(skipped),
        "fingerprint": fingerprint([plain(payload), digests]),
        "bodies_unread": world.snapshot.bodies(record["id"]) != "complete",
    }
    if whole:
        return Change(action=Action.CREATE, children=tuple(children), **base)
    return _compare(world, base, children)


def _compare(world: World, base: dict[str, Any], children: list[Child]) -> Change:
    known = world.ledger.table("tickets").get(base["source_id"])
    if known is None or known["status"] in {"skipped", "failed"}:
        return Change(action=Action.CREATE, children=tuple(children), **base)
    if known["status"] in {"intended", "partial"}:
        return Change(
            action=Action.CREATE,
            children=tuple(children),
            resume=True,
            reason="an interrupted run may have sent it",
            target_id=known.get("target_id"),
            **base,
        )
    if known.get("fingerprint") == base["fingerprint"]:
        return Change(action=Action.UNCHANGED, target_id=known["target_id"], **base)
    return _updated(world, base, children, known)


def _updated(
    world: World, base: dict[str, Any], children: list[Child], known: dict[str, Any]
) -> Change:
    posts = (known.get("children") or {}).get("posts", {})
    new = tuple(child for child in children if child.source_id not in posts)
    changed = sum(
        1
        for child in children
        if child.source_id in posts and posts[child.source_id][1] != child.digest
    )
    applied = known.get("applied", {})
    differences = [
        Difference(name, applied.get(name), plain(base["payload"].get(name)))
        for name in (*base["payload"], *(set(applied) - set(base["payload"])))
        # A number that is given stays (reference §0.6).
        if name != "number" and applied.get(name) != plain(base["payload"].get(name))
    ]
    conflicts = _conflicts(world, known["target_id"], differences)
    written = {difference.field for difference in differences if difference not in conflicts}
    fields = {name: base["payload"].get(name) for name in written}
    if (fields or new) and "updated_at" in base["payload"]:
        fields["updated_at"] = base["payload"]["updated_at"]
    action = Action.UPDATE if fields or new else Action.UNCHANGED
    if changed and action is Action.UNCHANGED:
        reason = "articles cannot be changed"
    else:
        reason = "conflict" if conflicts else ""
    return Change(
        action=Action.SKIP if reason.startswith("articles") else action,
        reason=reason,
        target_id=known["target_id"],
        fields=fields,
        differences=tuple(d for d in differences if d not in conflicts),
        conflicts=tuple(conflicts),
        children=new,
        articles_changed=changed,
        **base,
    )


def _conflicts(world: World, ticket_id: int, differences: list[Difference]) -> list[Difference]:
    """Return the fields that were also changed in Zammad: there they stay as they are."""
    checked = [d for d in differences if d.field not in {"updated_at", "tags"}]
    if not checked or world.zammad is None:
        return []
    current = zammad_tickets.read(world.zammad, ticket_id)
    return [d for d in checked if not _as_we_left_it(world, d, current)]


def _as_we_left_it(world: World, difference: Difference, current: dict[str, Any]) -> bool:
    """Say whether a field still holds what we wrote, or already what we want."""
    for value in (difference.before, difference.after):
        if isinstance(value, dict) and "ref" in value:
            there = current.get(f"{difference.field}_id")
            if world.target_id(reference_of(value["ref"])) == there:
                return True
        else:
            there = current.get(difference.field)
            if there == value or same_text(str(there or ""), str(value or "")):
                return True
    return False


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
    """Say which state or priority Zammad does not have: it would refuse the ticket."""
    created = {name for _, name, _ in outcome.creates}
    return [
        f"{field}: Zammad has no {field} {payload[field]}; it has {', '.join(sorted(there))}"
        for field, there in (
            ("state", world.closed_lists.get("states", {})),
            ("priority", world.closed_lists.get("priorities", {})),
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


def _children(
    world: World, record: dict[str, Any], outcome: Outcome, notes: list[Note]
) -> tuple[list[Child], list[tuple[str, str]], list[str]]:
    """Return the articles of a case in time order, what was skipped, and what fails."""
    children: list[Child] = []
    skipped: list[tuple[str, str]] = []
    failures: list[str] = []
    for post in world.snapshot.posts(record["id"]):
        article = transform(world.mappings, "articles", post, parent=record, go_live=world.go_live)
        post_id = str(post["id"])
        notes += article.notes
        if article.skip is not None:
            skipped.append((post_id, article.skip))
        elif article.failures:
            failures += [f"post {post_id}: {failure}" for failure in article.failures]
        else:
            payload = {
                **_say_what_is_missing(links.rewrite(world, article.payload, notes), notes),
                "message_id": f"<kayako-post-{post_id}@{world.kayako_host}>",
            }
            children.append(Child(post_id, post["digest"], payload))
    if not children and world.snapshot.bodies(record["id"]) == "complete":
        children.append(_extra(world, record, NO_POSTS, "(no messages)"))
    if outcome.remembered:
        children.append(_extra(world, record, REMEMBERED, "\n".join(outcome.remembered)))
    return children, skipped, failures


def _say_what_is_missing(payload: dict[str, Any], notes: list[Note]) -> dict[str, Any]:
    """Put a line into the article for every file that Kayako did not hand out."""
    files = payload.get("attachments") or []
    missing = [file for file in files if not file.get("sha256")]
    if not missing:
        return payload
    lines = []
    for file in missing:
        name, why = file.get("name") or "attachment", file.get("error") or "not read"
        notes.append(Note("missing", "attachments", f"{name}: {why}"))
        lines.append(f"[Attachment {name} could not be read from Kayako: {why}]")
    if payload.get("content_type") == "text/html":
        more = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
    else:
        more = "\n\n" + "\n".join(lines)
    return {**payload, "body": f"{payload.get('body', '')}{more}"}


def _extra(world: World, record: dict[str, Any], name: str, text: str) -> Child:
    """Return an internal article that no post of Kayako's stands behind."""
    payload = {
        "type": "note",
        "sender": "System",
        "internal": True,
        "body": text,
        "content_type": "text/plain",
        "created_at": record["created_at"],
        "message_id": f"<kayako-case-{record['id']}-{name}@{world.kayako_host}>",
    }
    return Child(name, fingerprint(text), payload)
