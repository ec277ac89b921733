"""A helpdesk so small that a whole move takes half a second."""

from __future__ import annotations

from typing import Any

from runner.sandbox.data import Helpdesk, generate

Later = list[tuple[dict[str, Any], list[dict[str, Any]]]]
"""Conversations with their posts that nobody has begun yet."""

_ALL, _AT_FIRST = 8, 3
_FIELDS = frozenset({8, 18})


def few() -> tuple[Helpdesk, Later]:
    """Return a helpdesk with three conversations, and five more to be added to it."""
    helpdesk = generate(_ALL, posts_each=2, users=3)
    fields = helpdesk.table("case_field")
    for key in [each for each in fields if each not in _FIELDS]:
        fields.remove(key)
    for record in [helpdesk.cases[key] for key in helpdesk.cases]:
        values = [each for each in record["custom_fields"] if each["field"]["id"] in _FIELDS]
        helpdesk.add_case({**record, "custom_fields": values}, helpdesk.posts(record["id"]))
    later = [(helpdesk.cases[key], helpdesk.posts(key)) for key in [*helpdesk.cases][_AT_FIRST:]]
    for record, _ in later:
        helpdesk.delete_case(record["id"])
    return helpdesk, later


def plain(text: str) -> str:
    """Return the words of a post as they stand in HTML as well: without breaks and marks."""
    return text.split("\n", maxsplit=1)[0]
