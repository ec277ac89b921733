"""Teams, persons, organizations, tickets and places: from Kayako's references to symbolic ones.

``teams`` and ``people`` are applied here by themselves. ``people`` speaks of ownership alone: who
wrote a post stays its author.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.mapping.limits import Target, literal
from runner.mapping.lookups import Lookup, Unknown
from runner.mapping.model import Entry, Reference, Vocabulary
from runner.mapping.running import Run, as_text, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

ENTITIES = {
    "team": "groups",
    "person": "users",
    "organization": "organizations",
    "ticket": "tickets",
    "category": "kb_categories",
    "section": "kb_sections",
}
_TYPES = {
    "team": "team",
    "person": "user",
    "organization": "organization",
    "ticket": "case",
    "category": "category",
    "section": "section",
}
_ABSENT = Entry(None)


def resolve(source: str, target: Target, vocabularies: Mapping[str, Vocabulary]) -> Lookup:
    """Return what turns a Kayako reference into a symbolic one.

    Args:
        source: team, person, organization, ticket, category or section.
        target: The Zammad field.
        vocabularies: For ``teams`` and ``people``.

    Returns:
        A step that gives a ``Reference``, or None where the reference is of another type (trigger
        7 is not user 7); it raises ``Unknown`` for a record that is no longer there.
    """
    table: dict[str, Entry] = {}
    if source == "team" and "teams" in vocabularies:
        table = _entries(vocabularies["teams"])
    if source == "person" and target.ownership and "people" in vocabularies:
        table = _entries(vocabularies["people"])
    kind, entity = _TYPES[source], ENTITIES[source]
    words = "title" if source in {"team", "category", "section"} else "name"

    def step(value: Any, _run: Run) -> Any:
        reference = _reference(value, kind)
        if reference.get("type", kind) != kind or reference.get("id") is None:
            return None
        source_id = as_text(reference["id"])
        name = as_text(reference.get(words)) or None
        handed = _handed_on(source, table, reference)
        if handed is not _ABSENT and source == "person":
            return literal(target, handed.value)
        if reference.get("known") is False:
            raise Unknown(f"{source} {source_id} ({shown(name or 'no name')}) is gone in Kayako")
        if handed is not _ABSENT:
            if handed.value is None:
                return None
            name = as_text(handed.value)
        return Reference(entity, source_id, name if source == "team" else None)

    return step


def placeholder(value: Any) -> Reference:
    """Return the reference to the placeholder of a person who is gone; ``name`` is a hint."""
    reference = _reference(value, "user")
    name = as_text(reference.get("name")) or as_text(reference.get("email")) or None
    return Reference("users", as_text(reference.get("id")), name, placeholder=True)


def _reference(value: Any, kind: str) -> dict[str, Any]:
    """Return a reference; a bare id counts as one to a record that is there."""
    if isinstance(value, dict):
        return value
    text = as_text(value)
    return {"type": kind, "id": text} if text.isdigit() else {"type": kind, "id": None}


def _entries(vocabulary: Vocabulary) -> dict[str, Entry]:
    """Return a table's entries, labels before keys, by folded key."""
    both = {**vocabulary.entries, **vocabulary.custom}
    return {_folded(key, vocabulary): entry for key, entry in both.items()}


def _folded(key: str, vocabulary: Vocabulary) -> str:
    return key.strip().casefold() if vocabulary.ignore_case else key.strip()


def _handed_on(source: str, table: Mapping[str, Entry], reference: Mapping[str, Any]) -> Entry:
    """Return what the table says about a team's title or a person's email."""
    if not table:
        return _ABSENT
    key = as_text(reference.get("title" if source == "team" else "email"))
    return table.get(key) or table.get(key.casefold()) or _ABSENT
