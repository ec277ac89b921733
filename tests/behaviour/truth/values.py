"""Custom fields: definitions become attributes, values stay what they are."""

from __future__ import annotations

from typing import Any

from runner.sandbox.data import Helpdesk
from tests.behaviour.truth import Truth
from tests.behaviour.truth.source import Record

ENTITIES = {"case_field": "tickets", "user_field": "users", "organization_field": "organizations"}
_LARGEST = 2**31 - 1


def name_of(field: Record) -> str:
    """Return the attribute of a field: what ends in ``_id`` gets the field's number."""
    name = f"kayako_{field['key']}"
    return f"{name}_{field['id']}" if name.endswith("_id") else name


def labels(field: Record) -> dict[str, str]:
    """Return the words of each choice by its number: in English, else in any language."""
    known = {}
    for option in field["options"]:
        texts = sorted(option["values"], key=lambda text: text["locale"] != "en-us")
        read = [text["translation"] for text in texts if text["translation"]]
        known[str(option["id"])] = read[0] if read else f"Option {option['id']}"
    return known


def of(helpdesk: Helpdesk, kind: str, record: Record, truth: Truth) -> dict[str, Any]:
    """Return a record's values by attribute; what cannot be kept as it was is a loss."""
    filled: dict[str, Any] = {}
    for item in record["custom_fields"]:
        field = helpdesk.find(kind, item["field"]["id"])
        if field is None:
            filled[f"kayako_field_{item['field']['id']}"] = item["value"]
            continue
        if field["type"] == "NUMERIC" and field["id"] not in truth.fitting:
            truth.fitting[field["id"]] = _fits(helpdesk, kind, field)
        value, kept = _value(field, item["value"], fits=truth.fitting.get(field["id"], False))
        filled[name_of(field)] = value
        if not kept:
            truth.losses.add((ENTITIES[kind], str(record["id"]), name_of(field)))
    return filled


def _value(field: Record, text: str, *, fits: bool) -> tuple[Any, bool]:
    """Return a value, and whether it says all that it said in Kayako; ``fits``: as a number."""
    if not text:
        return None, True
    known = labels(field)
    several = text.split(",")
    match field["type"]:
        case "YESNO":
            found: Any = text == "yes"
        case "DATE":
            found = text[:10]
        case "NUMERIC" if fits:
            found = int(text)
        case "CHECKBOX":
            found = several
        case "CASCADINGSELECT":
            found = known[text].replace(" \\ ", "::")
        case _:
            found = text
    chosen = field["type"] in {"RADIO", "SELECT", "CHECKBOX", "CASCADINGSELECT"}
    return found, field["type"] != "FILE" and (not chosen or set(several) <= known.keys())


def _fits(helpdesk: Helpdesk, kind: str, field: Record) -> bool:
    """Say whether every value of a field is small enough for Zammad's numbers."""
    table = helpdesk.cases if kind == "case_field" else helpdesk.users
    return all(
        abs(int(item["value"])) <= _LARGEST
        for record in table.values()
        for item in record["custom_fields"]
        if item["field"]["id"] == field["id"] and item["value"]
    )
