"""Field definitions as Kayako lists them."""

from __future__ import annotations

from typing import Any

from runner.mapping.attribute import Attribute
from runner.mapping.custom_fields import attributes
from runner.mapping.custom_values import value
from runner.mapping.field_rules import FieldChange, FieldRules
from runner.mapping.field_usage import measure
from runner.mapping.model import Note


def text(translation: str | None, locale: str = "en-us") -> dict[str, Any]:
    return {"locale": locale, "translation": translation, "resource_type": "locale_field"}


def option(number: int, *values: dict[str, Any] | str | None, order: int = 0) -> dict[str, Any]:
    texts = [one if isinstance(one, dict) else text(one) for one in values]
    return {"id": number, "values": texts, "sort_order": order}


def field(
    kind: str = "TEXT", *options: dict[str, Any], number: int = 8, **changes: Any
) -> dict[str, Any]:
    return {
        "id": number,
        "title": "Product",
        "type": kind,
        "key": "product",
        "customer_titles": [text(None)],
        "is_required_for_agents": False,
        "is_required_on_resolution": False,
        "is_required_for_customers": False,
        "is_visible_to_customers": False,
        "is_customer_editable": False,
        "sort_order": number,
        "is_enabled": True,
        "is_system": False,
        "options": list(options),
        **changes,
    }


def made(
    definition: dict[str, Any], *values: Any, change: FieldChange | None = None, **more: Any
) -> Attribute:
    """Return the attribute of one field whose records hold ``values``."""
    number = str(definition["id"])
    listed = {number} if definition["options"] or definition["type"] in LISTED else set()
    usage = measure([(number, one) for one in values], listed)
    rules = FieldRules(change={"tickets": {definition["key"]: change}} if change else {})
    (found,) = attributes("tickets", [definition], rules, usage=usage, **more)
    return found


LISTED = {"RADIO", "SELECT", "CHECKBOX", "CASCADINGSELECT"}


def carried(definition: dict[str, Any], raw: Any, **more: Any) -> tuple[Any, Note | None]:
    """Return what becomes of a value that a record holds."""
    return value(made(definition, raw, **more), raw)
