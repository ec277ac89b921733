"""Custom fields of a run: which attributes there are to be, and their values for each record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from runner.mapping import custom_fields, custom_values
from runner.mapping.field_usage import measure, text_of
from runner.mapping.model import Note

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.mapping.attribute import Attribute
    from runner.mapping.field_rules import FieldRules
    from runner.mapping.model import Outcome
    from runner.snapshot import Snapshot

SOURCES = {
    "tickets": ("cases", "case_field"),
    "users": ("users", "user_field"),
    "organizations": ("organizations", "organization_field"),
}
"""Kayako's records of each entity, and the definitions of their fields."""


@dataclass(frozen=True, slots=True)
class CustomFields:
    """The attributes of every entity by the key of their field; ``ignored`` keys stay behind."""

    attributes: Mapping[str, Mapping[str, Attribute]]
    ignored: Mapping[str, frozenset[str]]

    def everything(self) -> list[Attribute]:
        """Return all attributes of all entities."""
        return [one for found in self.attributes.values() for one in found.values()]

    def names(self, entity: str) -> frozenset[str]:
        """Return the names of an entity's attributes in Zammad."""
        return frozenset(one.name for one in self.attributes.get(entity, {}).values())

    def fill(self, entity: str, record: Mapping[str, Any], outcome: Outcome) -> Outcome:
        """Add the values of a record's custom fields to what its mapping made of it.

        What is not set is left out. Values that cannot be carried over leave notes.
        """
        if entity not in self.attributes or outcome.skip is not None or outcome.failures:
            return outcome
        payload, notes = dict(outcome.payload), list(outcome.notes)
        for key, raw in (record.get("custom_fields") or {}).items():
            attribute = self.attributes[entity].get(key)
            if attribute is None:
                notes.extend(self._left_behind(entity, key, raw))
                continue
            value, note = custom_values.value(attribute, raw)
            if note is not None:
                notes.append(note)
            if value is not None:
                payload[attribute.name] = value
        return replace(outcome, payload=payload, notes=tuple(notes))

    def _left_behind(self, entity: str, key: str, raw: Any) -> list[Note]:
        if key in self.ignored.get(entity, ()) or not text_of(raw).strip():
            return []
        return [Note("dropped", key, "a value of a field that Kayako does not describe")]


def read(snapshot: Snapshot, rules: FieldRules, prefix: str) -> CustomFields:
    """Return the custom fields of a snapshot: definitions, and what their values look like.

    Raises:
        InvalidFiles: ``custom_fields.yaml`` does not fit Kayako's fields.
    """
    language = str(snapshot.settings.get("account.default_language") or "en-us")
    found: dict[str, dict[str, Attribute]] = {}
    for entity, (resource, _) in SOURCES.items():
        fields = definitions(snapshot, entity)
        listed = {str(f["id"]) for f in fields if f.get("type") in custom_fields.LISTED_KINDS}
        usage = measure(snapshot.custom_values(resource), listed)
        made = custom_fields.attributes(
            entity, fields, rules, prefix=prefix, usage=usage, language=language
        )
        found[entity] = {attribute.key: attribute for attribute in made}
    system = {
        entity: {
            custom_fields.key_of(field)
            for field in definitions(snapshot, entity)
            if not custom_fields.is_own(field)
        }
        for entity in SOURCES
    }
    ignored = {entity: frozenset(rules.ignore.get(entity, {})) | system[entity] for entity in found}
    return CustomFields(found, ignored)


def definitions(snapshot: Snapshot, entity: str) -> list[dict[str, Any]]:
    """Return Kayako's definitions of an entity's fields: the one place that asks for them."""
    return snapshot.definitions(SOURCES[entity][1])
