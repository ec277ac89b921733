"""Whom single conversations need: the people they name, and the organizations of these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.engine import tickets
from runner.engine.change import references_in
from runner.mapping.transform import transform

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.engine.world import World
    from runner.mapping.model import Reference


def by(world: World, case_ids: Iterable[int]) -> dict[str, frozenset[int]]:
    """Return source ids of the ``users`` and ``organizations`` that conversations refer to.

    Their messages have to be in the snapshot: whoever wrote one is needed, too.
    """
    people: set[int] = set()
    organizations: set[int] = set()
    named: set[str] = set()
    for case_id in case_ids:
        record = world.threads.record(world, case_id)
        if record is None:
            continue
        for reference in tickets.of_case(world, record, whole=True).references():
            _note(reference, people, organizations)
            if reference.entity == "users" and reference.source_id is None:
                named.add(str(reference.name).strip().lower())
    people |= _called(world, named)
    for user_id in people:
        user = world.snapshot.record("users", user_id)
        if user is not None:
            payload = transform(world.mappings, "users", user, go_live=world.go_live).payload
            for reference in references_in(payload):
                _note(reference, people=set(), organizations=organizations)
    return {"users": frozenset(people), "organizations": frozenset(organizations)}


def _note(reference: Reference, people: set[int], organizations: set[int]) -> None:
    source_id = reference.source_id or ""
    if source_id.isdecimal() and reference.entity in {"users", "organizations"}:
        (people if reference.entity == "users" else organizations).add(int(source_id))


def _called(world: World, names: set[str]) -> set[int]:
    """Return who has one of these addresses: the table ``people`` names successors by theirs."""
    wanted = {name for name in names if "@" in name}
    if not wanted:
        return set()
    return {
        user["id"]
        for user in world.snapshot.records("users")
        if str(user.get("email") or "").strip().lower() in wanted
    }
