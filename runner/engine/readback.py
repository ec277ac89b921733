"""One conversation on both sides: as Kayako has it, and as Zammad shows it now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.engine import tickets, verify_ticket
from runner.engine.verified import Deviation, Kind, Verified
from runner.errors import RecordError, Refused
from runner.mapping.model import Reference
from runner.zammad import articles
from runner.zammad import tickets as zammad_tickets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.engine.change import Change
    from runner.engine.world import World
    from runner.mapping.model import Note
    from runner.zammad.client import Zammad


@dataclass(frozen=True, slots=True)
class Pair:
    """Both sides of one conversation.

    ``case``, ``posts`` and ``times`` are expanded records of the snapshot; ``ticket`` is Zammad's
    answer with names, labels and ``tags``, None where it is not there, ``articles`` its articles,
    oldest first. ``article_of`` leads from a post to its article, ``left_out`` says why a post has
    none. ``fields`` are custom fields with a value: title, value with labels, name in Zammad.
    ``differences`` are what verify finds, ``problem`` says why there is nothing to compare,
    ``mark`` is another one once the ticket is written anew.
    """

    case: dict[str, Any]
    posts: list[dict[str, Any]]
    times: list[dict[str, Any]]
    ticket: dict[str, Any] | None = None
    articles: list[dict[str, Any]] = field(default_factory=list)
    article_of: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    fields: tuple[tuple[str, str, str], ...] = ()
    notes: tuple[Note, ...] = ()
    differences: tuple[Deviation, ...] = ()
    problem: str = ""
    mark: tuple[Any, ...] = ()


def read(world: World, zammad: Zammad, case_id: int) -> Pair | None:
    """Return both sides of a conversation; None where the snapshot has none of it.

    Asks Zammad what verify asks, files included, and for ticket, tags and articles once more.
    """
    record = world.snapshot.record("cases", case_id)
    if record is None:
        return None
    change = tickets.of_case(world, record, whole=True)
    known = world.ledger.table("tickets").get(str(case_id)) or {}
    common: dict[str, Any] = {
        "case": record,
        "posts": world.snapshot.posts(case_id, case=record),
        "times": world.snapshot.time_entries(case_id),
        "left_out": dict(change.articles_skipped),
        "notes": change.notes,
        "mark": (known.get("target_id"), known.get("fingerprint")),
        "fields": tuple(_custom(world, record)),
    }
    if known.get("target_id") is None:
        return Pair(**common, problem=_why_not(change, known))
    target_id = int(known["target_id"])
    try:
        row = zammad_tickets.read(zammad, target_id)
        row["tags"] = zammad_tickets.tags(zammad, target_id)
        row |= _as_shown(world, row)
        found = articles.of_ticket(zammad, target_id)
        differences = _differences(world, zammad, change, known)
    except RecordError as error:
        gone = isinstance(error, Refused) and error.status == 404
        return Pair(**common, problem="" if gone else str(error))
    posts = (known.get("children") or {}).get("posts", {})
    return Pair(
        **common,
        ticket=row,
        articles=sorted(found, key=lambda one: (str(one.get("created_at")), one["id"])),
        article_of={post: entry[0] for post, entry in posts.items() if entry[0]},
        differences=differences,
    )


def _why_not(change: Change, known: dict[str, Any]) -> str:
    told = next((note[2] for note in known.get("notes") or () if note[0] == "failed"), "")
    return str(told or change.reason)


def _differences(
    world: World, zammad: Zammad, change: Change, known: dict[str, Any]
) -> tuple[Deviation, ...]:
    """Return what verify finds, but for links to tickets that were not moved yet."""
    result = Verified(zammad.url)
    verify_ticket.compare(world, zammad, result, change, known)
    return tuple(one for one in result.deviations if not _is_early(world, change, one))


def _is_early(world: World, change: Change, one: Deviation) -> bool:
    """Say whether a reference leads to a ticket that comes with a later apply."""
    value = change.payload.get(one.field)
    if one.kind is Kind.MISSING or not isinstance(value, Reference) or value.entity != "tickets":
        return False
    known = world.ledger.table("tickets").get(str(value.source_id))
    return known is None or known.get("target_id") is None


def _as_shown(world: World, row: dict[str, Any]) -> dict[str, Any]:
    """Return the choices of a ticket's attributes by the labels that Zammad shows for them."""
    found: dict[str, Any] = {}
    for one in world.custom_fields.attributes.get("tickets", {}).values():
        value = row.get(one.name)
        if not one.choices or value in (None, "", []):
            continue
        labels = {stored: one.labels[number] for number, stored in one.choices.items()}
        if isinstance(value, list):
            found[one.name] = [labels.get(str(item), item) for item in value]
        else:
            found[one.name] = labels.get(str(value), value)
    return found


def _custom(world: World, record: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield title, value and Zammad's name of each custom field that has a value."""
    homes = world.custom_fields.attributes.get("tickets", {})
    fields = {one["key"]: one for one in world.snapshot.fields("case") if not one["is_system"]}
    for key, value in (record.get("custom_fields") or {}).items():
        if value in (None, "", []) or (key not in fields and key not in homes):
            continue
        known = fields.get(key, {})
        labels = {
            str(one["id"]): str(one["label"] or one["id"]) for one in known.get("options", ())
        }
        parts = str(value).split(",") if labels else [str(value)]
        text = ", ".join(labels.get(part.strip(), part.strip()) for part in parts)
        name = homes[key].name if key in homes else ""
        yield str(known.get("label") or known.get("title") or key), text, name
