"""What is particular to one helpdesk: labels, fields, teams and people that mappings may name.

Everything is found by reading the snapshot once; nothing is decided here. What is written into
the mapping files keeps what the mappings say already: a label that is dropped is listed as dropped.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.engine import conversations, custom_fields
from runner.engine.world import SOURCES
from runner.mapping.custom_fields import is_own, key_of
from runner.mapping.field_usage import text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runner.engine.world import World
    from runner.mapping.model import DroppedLabel

_CLOSED = {"COMPLETED", "CLOSED"}


@dataclass(frozen=True, slots=True)
class Field:
    """A custom field: its kind in Kayako, and how many of how many records have a value."""

    entity: str
    key: str
    title: str
    kind: str
    filled: int
    total: int
    becomes: str | None


@dataclass(slots=True)
class Owner:
    """Somebody who owns conversations and cannot in Zammad: why, how many, how many not closed."""

    email: str
    why: str
    owns: int = 0
    unfinished: int = 0


@dataclass(slots=True)
class Found:
    """What was found.

    ``labels`` counts tickets by dropped label; ``teams`` conversations by title, with the number
    of members; ``clashes`` are titles that differ in case only; ``leavers`` own tickets and are
    no agents any more; ``shared`` are email addresses that several users have, with their ids;
    ``channels`` counts conversations by a kind of channel that no table lists.
    """

    labels: Counter[DroppedLabel] = field(default_factory=Counter)
    teams: dict[str, tuple[int, int]] = field(default_factory=dict)
    clashes: dict[str, list[str]] = field(default_factory=dict)
    leavers: dict[str, Owner] = field(default_factory=dict)
    shared: dict[str, list[int]] = field(default_factory=dict)
    channels: Counter[str] = field(default_factory=Counter)
    fields: list[Field] = field(default_factory=list)


def discover(world: World, *, progress: Callable[[str, int, int | None], None]) -> Found:
    """Look through the snapshot.

    Args:
        world: Mappings and snapshot; Zammad is not asked.
        progress: Told what is read, how far, and of how many.
    """
    found = Found()
    per_team: Counter[str] = Counter()
    _cases(world, found, per_team, progress)
    _teams(world, found, per_team)
    _people(world, found, progress)
    found.fields.extend(_fields(world))
    return found


def _cases(
    world: World,
    found: Found,
    per_team: Counter[str],
    progress: Callable[[str, int, int | None], None],
) -> None:
    total = world.snapshot.count("cases")
    channels = world.mappings.vocabularies.get("channels")
    for number, record in enumerate(world.snapshot.records("cases"), 1):
        if number % 500 == 0 or number == total:
            progress("cases", number, total)
        outcome = conversations.outcome(world, record)
        if outcome.skip is not None:
            continue
        found.labels.update(set(outcome.dropped))
        team = record.get("assigned_team")
        if team is not None:
            per_team[str(team.get("id"))] += 1
        _owner(found, record)
        channel = (record.get("source_channel") or {}).get("type")
        if channel and channels is not None and channel not in channels.entries:
            found.channels[channel] += 1


def _owner(found: Found, record: dict[str, Any]) -> None:
    """Take note of an owner who is gone or no agent; whether disabled shows among the users."""
    person = record.get("assigned_agent")
    if person is None or not person.get("email"):
        return
    email = str(person["email"]).strip()
    why = "" if person.get("known") else "gone from Kayako"
    if person.get("known") and person.get("role") == "CUSTOMER":
        why = "a customer now"
    owner = found.leavers.setdefault(email.casefold(), Owner(email, why))
    owner.why = owner.why or why
    owner.owns += 1
    owner.unfinished += (record.get("status") or {}).get("type") not in _CLOSED


def _teams(world: World, found: Found, per_team: Counter[str]) -> None:
    by_folded: dict[str, list[str]] = defaultdict(list)
    for team in world.snapshot.records("teams"):
        title = str(team.get("title") or "").strip()
        if not title:
            continue
        cases = per_team[str(team["id"])]
        before = found.teams.get(title, (0, 0))
        members = int(team.get("member_count") or 0)
        found.teams[title] = (before[0] + cases, before[1] + members)
        by_folded[title.casefold()].append(title)
    found.clashes = {
        title: [other for other in titles if other != title]
        for titles in by_folded.values()
        if len(titles) > 1
        for title in titles
    }


def _people(world: World, found: Found, progress: Callable[[str, int, int | None], None]) -> None:
    """Keep only those owners who cannot own in Zammad; find addresses that several users have."""
    addresses: dict[str, list[int]] = defaultdict(list)
    disabled: set[str] = set()
    total = world.snapshot.count("users")
    for number, user in enumerate(world.snapshot.records("users"), 1):
        if number % 500 == 0 or number == total:
            progress("users", number, total)
        email = str(user.get("email") or "").strip().casefold()
        if not email:
            continue
        addresses[email].append(int(user["id"]))
        if user.get("is_enabled") is False:
            disabled.add(email)
    for email, owner in list(found.leavers.items()):
        owner.why = owner.why or ("switched off in Kayako" if email in disabled else "")
        if not owner.why:
            del found.leavers[email]
    found.shared = {email: ids for email, ids in addresses.items() if len(ids) > 1}


def _fields(world: World) -> Iterator[Field]:
    for entity, (resource, _) in custom_fields.SOURCES.items():
        filled = Counter(
            field_id
            for field_id, value in world.snapshot.custom_values(resource)
            if text_of(value).strip()
        )
        attributes = world.custom_fields.attributes.get(entity, {})
        total = world.snapshot.count(SOURCES.get(entity, "cases"))
        for definition in custom_fields.definitions(world.snapshot, entity):
            if not is_own(definition):
                continue
            key = key_of(definition)
            made = attributes.get(key)
            yield Field(
                entity=entity,
                key=key,
                title=str(definition.get("title") or key),
                kind=str(definition.get("type")),
                filled=filled[str(definition.get("id"))],
                total=total,
                becomes=None if made is None else made.name,
            )
