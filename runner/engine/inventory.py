"""What will not move, and what somebody has to do by hand: listed at the end of every plan.

Service levels, triggers, monitors and views work differently in Zammad; they are listed with their
conditions in words, to be built anew. Mailboxes are listed with the teams whose conversations came
in through them, for somebody has to send their mail to Zammad instead.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.errors import Refused
from runner.mapping.coverage import undecided

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runner.engine.change import Change
    from runner.engine.world import World
    from runner.snapshot import Snapshot

REBUILT = ("slas", "triggers", "monitors", "views")
"""Resources of Kayako that are never moved."""

_PARTS = ("predicate_collections", "actions", "targets")
_LABELS = ("title", "name", "label", "type")
_MOST = 400


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """One thing to build anew; ``text`` is what it does, as far as Kayako says it."""

    kind: str
    title: str
    enabled: bool
    text: str


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address: whose conversations came in through it, and what has to become of its mail.

    ``routes`` are (team in Kayako, group in Zammad, its address in Zammad or "", conversations),
    the most conversations first.
    """

    address: str
    brand: str
    enabled: bool
    own_domain: bool
    routes: tuple[tuple[str, str, str, int], ...]
    forward: str


@dataclass(slots=True)
class Inventory:
    """Everything that stays behind; ``undecided`` are fields by entity that no mapping names."""

    undecided: dict[str, list[str]] = field(default_factory=dict)
    rebuild: list[Rebuilt] = field(default_factory=list)
    mailboxes: list[Mailbox] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "undecided": self.undecided,
            "rebuild": [
                {"kind": one.kind, "title": one.title, "enabled": one.enabled, "text": one.text}
                for one in self.rebuild
            ],
            "mailboxes": [
                {
                    "address": one.address,
                    "brand": one.brand,
                    "enabled": one.enabled,
                    "own_domain": one.own_domain,
                    "routes": [
                        dict(zip(("team", "group", "zammad", "conversations"), route, strict=True))
                        for route in one.routes
                    ],
                    "forward": one.forward,
                }
                for one in self.mailboxes
            ],
        }


class Routes:
    """Counts conversations by the address they came in through, their team and their group."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, str]] = Counter()

    def add(self, change: Change) -> None:
        """Count one ticket."""
        if change.came_in is None:
            return
        group = change.payload.get("group")
        self.count(*change.came_in, getattr(group, "name", None) or str(group or ""))

    def count(self, address: str, team: str, group: str, number: int = 1) -> None:
        """Count conversations by their parts."""
        self._counts[address.casefold(), team, group] += number

    def of(self, address: str) -> Iterator[tuple[str, str, int]]:
        """Yield team, group and number of conversations of one address, the most first."""
        for (mailbox, team, group), number in sorted(
            self._counts.items(), key=lambda item: (-item[1], item[0])
        ):
            if mailbox == address.casefold():
                yield team, group, number


def take(world: World, routes: Routes) -> Inventory:
    """Return the inventory of a snapshot.

    Args:
        world: Mappings and snapshot; Zammad's addresses are read where it can be reached.
        routes: What was counted while the tickets were walked.
    """
    mappings = world.mappings.entities
    found = Inventory()
    for name, mapping in mappings.items():
        inside = [other for other in mappings.values() if other.inside == name]
        fields = undecided(mapping, inside)
        if fields:
            found.undecided[name] = fields
    kept = of_snapshot(world.snapshot, world.kayako_host, routes, _addresses(world))
    found.rebuild, found.mailboxes = kept.rebuild, kept.mailboxes
    return found


def of_snapshot(
    snapshot: Snapshot,
    kayako_host: str,
    routes: Routes,
    address_of: Callable[[str], str] = lambda _: "",
) -> Inventory:
    """Return what a snapshot alone tells: all but the fields that no mapping names.

    Args:
        snapshot: the copy of Kayako.
        kayako_host: Kayako's host; addresses in its domain end with the account.
        routes: how many conversations came in which way.
        address_of: the address that a group of Zammad's writes from, "" where it has none.
    """
    rebuild = [one for resource in REBUILT for one in _rebuilt(snapshot, resource)]
    mailboxes = list(_mailboxes(snapshot, kayako_host, routes, address_of))
    return Inventory(rebuild=rebuild, mailboxes=mailboxes)


def _rebuilt(snapshot: Snapshot, resource: str) -> Iterator[Rebuilt]:
    for record in snapshot.records(resource):
        # What Kayako ships itself is there in Zammad in its own way.
        if record.get("is_deleted") or record.get("is_system"):
            continue
        parts = [in_words(record[part]) for part in _PARTS if record.get(part)]
        text = "; ".join(part for part in parts if part)
        yield Rebuilt(
            kind=resource,
            title=str(record.get("title") or f"number {record['id']}"),
            enabled=record.get("is_enabled") is not False,
            text=text if len(text) <= _MOST else f"{text[: _MOST - 1]}…",
        )


def in_words(value: Any) -> str:
    """Return conditions and actions as one line: ``subject contains invoice, …``."""
    if isinstance(value, list):
        return ", ".join(text for text in (in_words(item) for item in value) if text)
    if not isinstance(value, dict):
        return "" if value is None else str(value)
    if "propositions" in value:
        return in_words(value["propositions"])
    if "field" in value and "operator" in value:
        words = (in_words(value[key]) for key in ("field", "operator", "value"))
        return " ".join(word for word in words if word)
    label = next((str(value[key]) for key in _LABELS if value.get(key)), "")
    more = [
        f"{key} {text}"
        for key, inner in value.items()
        if key not in {*_LABELS, "id", "resource_type", "resource_url"}
        and (text := in_words(inner))
    ]
    return " ".join(part for part in (label, ", ".join(more)) if part)


def _mailboxes(
    snapshot: Snapshot, kayako_host: str, routes: Routes, address_of: Callable[[str], str]
) -> Iterator[Mailbox]:
    brands = {str(row.get("id")): row for row in snapshot.definitions("brand")}
    for row in snapshot.definitions("mailbox"):
        if row.get("is_deleted") or not row.get("address"):
            continue
        address = str(row["address"])
        brand = brands.get(str((row.get("brand") or {}).get("id")), {})
        own = not _is_kayakos(kayako_host, address)
        ways = tuple(
            (team, group, address_of(group), number) for team, group, number in routes.of(address)
        )
        yield Mailbox(
            address=address,
            brand=str(brand.get("name") or ""),
            enabled=row.get("is_enabled") is not False,
            own_domain=own,
            routes=ways,
            forward=_forward(ways, own=own),
        )


def _is_kayakos(kayako_host: str, address: str) -> bool:
    """Say whether an address lies in Kayako's own domain, and so ends with the account."""
    domain = address.rpartition("@")[2].casefold()
    return domain == kayako_host.casefold() or domain.endswith(".kayako.com")


def _forward(ways: tuple[tuple[str, str, str, int], ...], *, own: bool) -> str:
    """Say what has to be done so that mail to an address arrives in Zammad."""
    if not own:
        return "ends with the Kayako account: name another address wherever it is written"
    if not ways:
        return "no conversation came in this way: is it still needed?"
    group, there = ways[0][1], ways[0][2]
    if there:
        return f"send its mail to Zammad ({there}, group {group}) instead of Kayako"
    return f"give group {group} an email channel in Zammad, then send its mail there"


def _addresses(world: World) -> Callable[[str], str]:
    """Return what gives the address that a group of Zammad's writes from, "" while it has none."""
    rows: list[Any] = []
    if world.zammad is not None:
        with contextlib.suppress(Refused):
            rows = world.zammad.get("/email_addresses")
    by_id = {row["id"]: str(row.get("email") or "") for row in rows if isinstance(row, dict)}

    def of(group: str) -> str:
        there = world.directories["groups"].named(group) or {}
        return by_id.get(there.get("email_address_id"), "")

    return of
