"""Macros and text modules: from the fields of a mapping to the columns that Zammad has.

A Zammad macro is a list of actions (``perform``, reference §b17). Ids are not known here, so the
actions hold references, also to states and priorities.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from runner.mapping.model import NOBODY, Note, Reference
from runner.mapping.running import shown

if TYPE_CHECKING:
    from runner.mapping.model import Outcome

_NOTHING_LEFT = "Zammad's macros can do nothing of what it does"
_COLUMNS = ("name", "active", "note", "created_at")
_NOTE_LIMIT = 250


def macro(outcome: Outcome) -> Outcome:
    """Return what becomes of a macro: ``perform`` and the groups that may use it.

    One that has nothing left to do is skipped. Dropped labels stand in the notes; they touch no
    ticket, so they are not counted with those of tickets.
    """
    fields, notes = outcome.payload, list(outcome.notes)
    perform = _sets(fields) | _tags(fields, notes) | _article(fields)
    if "cannot" in fields:
        notes.append(Note("dropped", "macro", f"Zammad's macros cannot {fields['cannot']}"))
    if not perform:
        return replace(outcome, payload={}, notes=tuple(notes), dropped=(), skip=_NOTHING_LEFT)
    payload = {"perform": perform, **_common(fields)}
    if outcome.remembered:
        remembered = [payload.get("note", ""), *outcome.remembered]
        payload["note"] = "; ".join(filter(None, remembered))[:_NOTE_LIMIT]
    return replace(outcome, payload=payload, notes=tuple(notes), dropped=(), remembered=())


def text_module(outcome: Outcome) -> Outcome:
    """Return what becomes of a text: as its mapping has it, and the groups that may use it."""
    fields = outcome.payload
    payload = _common(fields)
    payload |= {name: fields[name] for name in ("keywords", "content") if name in fields}
    return replace(outcome, payload=payload)


def _common(fields: dict[str, Any]) -> dict[str, Any]:
    found = {name: fields[name] for name in _COLUMNS if name in fields}
    if fields.get("groups"):
        found["group_ids"] = fields["groups"]
    return found


def _sets(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the actions that set a field of the ticket."""
    found: dict[str, Any] = {}
    if "state" in fields:
        found["ticket.state_id"] = {"value": Reference("states", name=fields["state"])}
    if "pending_days" in fields:
        found["ticket.pending_time"] = {
            "operator": "relative",
            "value": str(fields["pending_days"]),
            "range": "day",
        }
    if "priority" in fields:
        found["ticket.priority_id"] = {"value": Reference("priorities", name=fields["priority"])}
    if "type" in fields:
        found["ticket.type"] = {"value": fields["type"]}
    if "group" in fields:
        found["ticket.group_id"] = {"value": fields["group"]}
    if fields.get("owner_is_user"):
        found["ticket.owner_id"] = {"pre_condition": "current_user.id", "value": ""}
    elif fields.get("owner") == Reference("users", name=NOBODY):
        found["ticket.owner_id"] = {"pre_condition": "not_set", "value": ""}
    elif "owner" in fields:
        found["ticket.owner_id"] = {"pre_condition": "specific", "value": fields["owner"]}
    return found


def _tags(fields: dict[str, Any], notes: list[Note]) -> dict[str, Any]:
    """Return the one action on tags that a macro can have."""
    add, remove = fields.get("tags") or [], fields.get("remove_tags") or []
    if add and remove:
        text = f"no macro both adds and takes away tags: {shown(', '.join(remove))} stay"
        notes.append(Note("dropped", "remove_tags", text))
    if add:
        return {"ticket.tags": {"operator": "add", "value": ",".join(add)}}
    return {"ticket.tags": {"operator": "remove", "value": ",".join(remove)}} if remove else {}


def _article(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the action that adds a note; Zammad wants all three of its parts, as text."""
    if "article_body" not in fields:
        return {}
    return {
        "article.note": {
            "body": fields["article_body"],
            "internal": "true" if fields.get("article_internal", True) else "false",
            "subject": fields.get("article_subject") or fields.get("name", ""),
        }
    }
