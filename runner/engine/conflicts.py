"""Fields of a ticket that changed on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine.adoption import same_text
from runner.engine.change import Difference, reference_of
from runner.engine.merged import FIELD
from runner.zammad import tickets

if TYPE_CHECKING:
    from runner.engine.world import World

_TIMES_OF_A_STATE = frozenset({"pending_time", "close_at"})


def changed_on_both_sides(
    world: World, ticket_id: int, differences: list[Difference]
) -> tuple[list[Difference], str | None]:
    """Return the fields that were also changed in Zammad: there they stay as they are.

    Returns:
        These, and when the ticket was last changed there; None where nothing was.
    """
    checked = [d for d in differences if d.field not in {"updated_at", "tags", "mentions", FIELD}]
    if not checked or world.zammad is None:
        return [], None
    current = tickets.read(world.zammad, ticket_id)
    clashing = {d.field for d in checked if not _as_we_left_it(world, d, current)}
    if "state" in clashing:
        clashing |= _TIMES_OF_A_STATE
    found = [d for d in checked if d.field in clashing]
    return found, str(current.get("updated_at") or "") if found else None


def not_before(theirs: str, fields: dict[str, Any], *, more: bool) -> dict[str, Any]:
    """Leave a ticket that an agent changed in Zammad no older than that change.

    Args:
        theirs: when it was last changed there.
        fields: what is written.
        more: whether articles or time entries are, which move it as well.
    """
    if not more and fields.keys() == {"updated_at"}:
        return {}
    latest = max(theirs, str(fields["updated_at"]), key=lambda moment: moment[:19])
    return {**fields, "updated_at": latest}


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
