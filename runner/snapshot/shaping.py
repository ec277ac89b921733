"""Records of another shape than Kayako's, brought into it before they are kept.

What is of another kind than it should be counts as missing: one odd record must not cost a page of
a hundred, nor an odd post its conversation. All else stays as Kayako sent it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.snapshot.values import Json

_LISTS = (
    "actions",
    "attachments",
    "custom_fields",
    "emails",
    "holidays",
    "messages",
    "options",
    "recipients",
    "tags",
    "teams",
)
_OBJECTS = (
    "assignee",
    "creator",
    "identity",
    "original",
    "requester",
    "role",
    "section",
    "source_channel",
)


def shaped(item: Json) -> Json:
    """Return a record, or a post, whose lists are lists and whose objects are objects.

    An ``id`` that is neither number nor text is none. The same object where nothing is odd.
    """
    odd: Json = {}
    for key in _LISTS:
        if key in item and not isinstance(item[key], list | None):
            odd[key] = []
    for key in _OBJECTS:
        value = item.get(key)
        if not isinstance(value, dict | None):
            odd[key] = None
        elif value is not None and key == "original":
            inner = shaped(value)
            if inner is not value:
                odd[key] = inner
    identifier = item.get("id")
    if isinstance(identifier, bool) or not isinstance(identifier, int | str | None):
        odd["id"] = None
    return {**item, **odd} if odd else item
