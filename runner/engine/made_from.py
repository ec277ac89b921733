"""What a plan was made from, and what of it has moved since, by name."""

from __future__ import annotations

import dataclasses
import hashlib
import zlib
from collections import Counter
from typing import TYPE_CHECKING, Any

from runner import __version__
from runner.config.model import ENTITIES
from runner.engine import attributes, avatars, target, ticket_links
from runner.snapshot import stamps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.config.model import Config
    from runner.engine.saved_plan import SavedPlan
    from runner.engine.world import World
    from runner.ledger import Ledger
    from runner.snapshot.stamps import Stamp
    from runner.zammad.client import Zammad

_NOT_THE_DATA = {"file", "kayako", "zammad", "mappings", "workdir"}
"""Keys of the config that say how to reach both sides, not what is written."""

_TABLES = (*ENTITIES, attributes.TABLE, avatars.TABLE, ticket_links.TABLE, "states", "priorities")
_MOST_NAMED = 5


def describe(
    config: Config, world: World, zammad: Zammad, entities: Iterable[str]
) -> dict[str, Any]:
    """Return what a plan is made from, but for the snapshot's records: JSON values, no secrets."""
    return {
        **place(config),
        "program": __version__,
        "config": of_config(config) | {"go_live": world.go_live.isoformat()},
        "mappings": of_mappings(world),
        "snapshot": of_snapshot(world),
        "ledger": of_ledger(world.ledger),
        "target": of_target(world, zammad, entities),
    }


def place(config: Config) -> dict[str, str]:
    """Return where a plan can be applied: both hosts, and the folder with snapshot and ledger."""
    return {
        "kayako": config.kayako.url,
        "zammad": config.zammad.url,
        "workdir": str(config.workdir.resolve()),
    }


def of_config(config: Config) -> dict[str, Any]:
    """Return the keys of the config that decide what is written, and their values."""
    found: dict[str, Any] = {}
    for one in dataclasses.fields(config):
        if one.name not in _NOT_THE_DATA:
            _flatten(one.name, getattr(config, one.name), found)
    return found


def _flatten(name: str, value: Any, found: dict[str, Any]) -> None:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for one in dataclasses.fields(value):
            _flatten(f"{name}.{one.name}", getattr(value, one.name), found)
    elif isinstance(value, list | tuple):
        found[name] = ", ".join(map(str, value))
    else:
        found[name] = None if value is None else str(value)


def of_mappings(world: World) -> dict[str, str]:
    """Return a digest of what each mapping file says; comments are no part of it."""
    mappings = world.mappings
    said: dict[str, Any] = {f"{name}.yaml": one.data for name, one in mappings.entities.items()}
    said |= {f"vocabularies/{name}.yaml": one.data for name, one in mappings.vocabularies.items()}
    said["custom_fields.yaml"] = mappings.custom_fields
    # The order of fields counts, so no canonical JSON.
    return {
        name: hashlib.sha256(repr(one).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        for name, one in said.items()
    }


def of_snapshot(world: World) -> dict[str, Any]:
    """Return which state the snapshot is in, but for its records."""
    snapshot = world.snapshot
    return {
        "generation": snapshot.generation,
        "pulled_at": snapshot.pulled_at,
        "others": stamps.others(snapshot),
    }


def of_ledger(ledger: Ledger) -> dict[str, Any]:
    """Return how many runs the ledger knows, and a sum over each table."""
    return {"runs": len(ledger.runs()), "tables": {name: _sum(ledger, name) for name in _TABLES}}


def _sum(ledger: Ledger, table: str) -> list[int]:
    """Return how many documents there are, and a number that another state does not have."""
    keys = ("source_id", "status", "target_id", "fingerprint", "at")
    total = number = 0
    for document in ledger.table(table):
        number += 1
        total ^= zlib.crc32(repr([document.get(key) for key in keys]).encode())
    return [number, total]


def of_target(world: World, zammad: Zammad, entities: Iterable[str]) -> dict[str, Any]:
    """Return what of Zammad decides about every record: its lists of values, and attributes."""
    planned = attributes.outlook(world, entities).names
    return {
        "identity": target.identity(zammad),
        "roles": sorted(world.roles),
        "ticket types": sorted(world.types),
        **{name: sorted(values) for name, values in world.closed_lists.items()},
        "lists that cannot be written": sorted(world.closed),
        "attributes to be created": planned.get("create", []),
        "attributes to be changed": planned.get("update", []),
    }


def moved_here(saved: SavedPlan, config: Config, world: World, *, goes_on: bool) -> Iterator[str]:
    """Yield what changed on this side since a plan was saved: a line each.

    Args:
        saved: The plan.
        config: The config now.
        world: Mappings, snapshot and ledger now.
        goes_on: Whether an earlier run of this very plan is continued, which wrote the ledger.
    """
    before = saved.made_from
    yield from _files(before["mappings"], of_mappings(world))
    now = of_config(config) | {"go_live": world.go_live.isoformat()}
    for name in sorted(now.keys() | before["config"].keys()):
        old, new = before["config"].get(name), now.get(name)
        if old != new:
            yield f"config: {name} was {old}, now it is {new}"
    yield from _snapshot(saved, world)
    if not goes_on:
        yield from _ledger(before["ledger"], world.ledger)


def _files(before: dict[str, str], now: dict[str, str]) -> Iterator[str]:
    for name in sorted(before.keys() | now.keys()):
        if before.get(name) != now.get(name):
            word = "changed" if name in before and name in now else "added"
            yield f"mappings: {name} was {word if name in now else 'removed'}"


def _snapshot(saved: SavedPlan, world: World) -> Iterator[str]:
    before, now = saved.made_from["snapshot"], world.snapshot
    if before["generation"] == now.generation:
        return
    pulled = "" if now.pulled_at == before["pulled_at"] else f" (pulled {now.pulled_at})"
    counts: Counter[tuple[str, str]] = Counter()
    named: dict[tuple[str, str], list[int]] = {}
    for word, resource, identifier in _compared(saved.seen(), stamps.records(now)):
        counts[resource, word] += 1
        if counts[resource, word] <= _MOST_NAMED:
            named.setdefault((resource, word), []).append(identifier)
    for (resource, word), number in sorted(counts.items()):
        which = _few(named[resource, word], number)
        yield f"snapshot{pulled}: {resource}: {number:,} {word} ({which})"
    others = stamps.others(now)
    kinds = sorted(
        name
        for name in before["others"].keys() | others.keys()
        if before["others"].get(name) != others.get(name)
    )
    if kinds:
        yield f"snapshot{pulled}: changed beside records: {_few(kinds, len(kinds))}"


def _few(names: list[Any], number: int) -> str:
    shown = ", ".join(map(str, names[:_MOST_NAMED]))
    return f"{shown} and {number - _MOST_NAMED:,} more" if number > _MOST_NAMED else shown


def _compared(before: Iterator[Stamp], now: Iterator[Stamp]) -> Iterator[tuple[str, str, int]]:
    """Yield what happened, resource and id of every record whose stamp is another one."""
    old, new = next(before, None), next(now, None)
    while old is not None or new is not None:
        if old is not None and (new is None or old[:2] < new[:2]):
            yield "removed", old[0], old[1]
            old = next(before, None)
        elif new is not None and (old is None or new[:2] < old[:2]):
            yield "new", new[0], new[1]
            new = next(now, None)
        elif old is not None and new is not None:
            if old[2] != new[2]:
                yield "changed", new[0], new[1]
            old, new = next(before, None), next(now, None)


def _ledger(before: dict[str, Any], ledger: Ledger) -> Iterator[str]:
    runs = ledger.runs()
    if len(runs) < before["runs"]:
        yield "ledger: it was emptied (migrate reset)"
        return
    for run in runs[before["runs"] :]:
        done = Counter[str]()
        for words in run["counts"].values():
            done.update({word: words.get(word, 0) for word in ("created", "updated")})
        what = ", ".join(f"{number:,} {word}" for word, number in done.items())
        yield f"ledger: migrate {run['kind']} ran at {run['started_at']} ({what or 'nothing'})"
    if len(runs) == before["runs"]:
        for name in _TABLES:
            if before["tables"].get(name) != _sum(ledger, name):
                yield f"ledger: its {name} were changed without a run"


def moved_there(
    saved: SavedPlan, world: World, zammad: Zammad, entities: Iterable[str]
) -> Iterator[str]:
    """Yield what changed in Zammad's lists of values since a plan was saved: a line each."""
    before, now = saved.made_from["target"], of_target(world, zammad, entities)
    if before["identity"] != now["identity"]:
        yield f"Zammad: {zammad.url} is another installation"
        return
    for name in sorted(now.keys() - {"identity"}):
        old, new = set(before.get(name, ())), set(now[name])
        for word, names in (("new", new - old), ("gone", old - new)):
            if names:
                yield f"Zammad: {name}: {word}: {_few(sorted(names), len(names))}"
