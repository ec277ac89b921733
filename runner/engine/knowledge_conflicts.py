"""What somebody changed in Zammad's knowledge base since it was written there stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine.change import Difference, reference_of
from runner.engine.knowledge_beside import look
from runner.engine.knowledge_texts import sha256
from runner.zammad import kept, knowledge_base

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runner.engine.world import World
    from runner.zammad.knowledge_base import Row

_NEVER = {"updated_at", "attachments", "tags", "icon"}
"""Our own bookkeeping, and what is added and removed piece by piece."""


def conflicts(
    world: World,
    entity: str,
    known: Mapping[str, Any],
    differences: Iterable[Difference],
    texts: Mapping[str, Any],
) -> list[Difference]:
    """Return the differences that were also made in Zammad, to another value than in ``texts``.

    What a run wrote just before it was cut off is there already, and no conflict.
    """
    held = look(world).held
    rows = held.answers if entity == "kb_answers" else held.categories
    row = rows.get(int(known["target_id"]))
    if row is None:
        return []
    found = []
    bodies: Row | None = None
    for difference in differences:
        kind, _, code = difference.field.partition(" ")
        if kind in _NEVER:
            continue
        if kind == "body":
            if bodies is None and world.zammad is not None:
                bodies = knowledge_base.answer(world.zammad, held, row["id"])["texts"]
            wanted = str((texts.get(code) or {}).get("body") or "")
            changed = _body_changed((bodies or {}).get(code), known, code, wanted)
        elif kind == "title":
            there = (row["texts"].get(code) or {}).get("title")
            changed = there is not None and there not in (difference.before, difference.after)
        else:
            changed = _changed(world, difference, row)
        if changed:
            found.append(difference)
    return found


def shown(body: str) -> str:
    """Return the digest of what a reader sees of a body, and of where its links lead."""
    seen = kept.visible(body, lambda _: kept.PICTURE)
    return sha256("\n".join([seen, *kept.links(body)]))


def _body_changed(text: Row | None, known: Mapping[str, Any], code: str, wanted: str) -> bool:
    before = ((known.get("children") or {}).get("shown") or {}).get(code)
    if text is None or text.get("body") is None or before is None:
        return False
    there = str(text["body"])
    return shown(there) != before and not _is_there(wanted, there)


def _is_there(wanted: str, there: str) -> bool:
    """Say whether a text is there as it is wanted, as far as readers see it."""
    one, other = (kept.visible(body, lambda _: kept.PICTURE) for body in (wanted, there))
    return one == other and set(kept.links(wanted)) <= set(kept.links(there))


def _changed(world: World, difference: Difference, row: Row) -> bool:
    if difference.field in {"category", "parent"}:
        there = row.get(f"{difference.field}_id")
        ids = [
            world.target_id(reference_of(value["ref"])) if value else None
            for value in (difference.before, difference.after)
        ]
        return there not in ids
    there = row.get(difference.field)
    values = [_plain(value) for value in (difference.before, difference.after)]
    return _plain(there) not in values


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return kept.moment(value) if value[:4].isdigit() else value.strip()
    return value or None
