"""Which fields Kayako's expanded records have, from ``schemas/records``: for checking paths."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from runner import resources

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FILES = {
    "teams": "team",
    "organizations": "organization",
    "users": "user",
    "cases": "case",
    "posts": "post",
    "time_entries": "time_entry",
    "categories": "help_center_category",
    "sections": "help_center_section",
    "articles": "help_center_article",
    "texts": "help_center_text",
    "macros": "macro",
    "business_hours": "business_hour",
}


@functools.cache
def record_schema(resource: str) -> Mapping[str, Any] | None:
    """Return the schema of a resource's records; nothing when it does not travel along."""
    return _file(f"{FILES[resource]}.json")


def unknown_step(resource: str, path: str) -> tuple[str, list[str]] | None:
    """Find the part of a path that the records do not have.

    Args:
        resource: teams, organizations, users, cases, posts or time_entries.
        path: As written in a mapping, without ``parent.`` or ``zammad.``.

    Returns:
        That part and the fields there are in its place; None when the whole path is known, or
        cannot be told (custom fields).
    """
    schema = record_schema(resource)
    if schema is None:
        return None
    places = [(f"{FILES[resource]}.json", schema)]
    for step in path.split("."):
        inside = _inside(places, step)
        if isinstance(inside, list):
            places = inside
            continue
        return None if inside is None else (step, sorted(inside))
    return None


def known_values(resource: str, path: str) -> tuple[str, ...]:
    """Return the values of a closed list (``x-values`` of the schema); none where any may come.

    Args:
        resource: A key of ``FILES``.
        path: A field of its records that is known.
    """
    schema = record_schema(resource)
    places = [] if schema is None else [(f"{FILES[resource]}.json", schema)]
    for step in path.split("."):
        inside = _inside(places, step)
        places = inside if isinstance(inside, list) else []
    forms = [form for place in places for form in _forms(*place)]
    return tuple(str(value) for _file_name, form in forms for value in form.get("x-values", ()))


_Places = list[tuple[str, Any]]


def _inside(places: _Places, step: str) -> _Places | set[str] | None:
    """Follow one step of a path.

    Returns:
        Where it leads; the fields there are instead of it; None where any field may be.
    """
    forms = [form for place in places for form in _forms(*place)]
    properties = [(file, form["properties"]) for file, form in forms if "properties" in form]
    if not properties:
        return None if any(_open(form) for _file_name, form in forms) else set()
    found = [(file, fields[step]) for file, fields in properties if step in fields]
    return found or {name for _file_name, fields in properties for name in fields}


def _open(schema: Mapping[str, Any]) -> bool:
    """Tell whether a place may hold any keys."""
    kinds = schema.get("type", "object")
    names = kinds if isinstance(kinds, list) else [kinds]
    return "object" in names and schema.get("additionalProperties", True) is not False


def _forms(file: str, schema: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the forms a value may have: references followed, choices and items of lists opened."""
    if not isinstance(schema, dict):
        return
    if "$ref" in schema:
        name, _, inside = str(schema["$ref"]).partition("#")
        target: Any = _file(name or file)
        for step in inside.strip("/").split("/") if inside.strip("/") else []:
            target = target.get(step) if isinstance(target, dict) else None
        yield from _forms(name or file, target)
    for word in ("anyOf", "oneOf", "allOf"):
        for choice in schema.get(word, []):
            yield from _forms(file, choice)
    if "items" in schema:
        yield from _forms(file, schema["items"])
    yield file, schema


@functools.cache
def _file(name: str) -> Mapping[str, Any] | None:
    """Read a schema file of the folder."""
    path = resources.path("schemas") / "records" / name
    if not path.is_file():
        return None
    schema: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema
