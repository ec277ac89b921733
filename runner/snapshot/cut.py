"""Cuts nested definitions out of Kayako's answers and leaves references in their place.

Kayako repeats a whole user, status or field in each record that names it. The snapshot keeps
one copy of each, so that a million conversations do not carry ten million copies of an agent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from runner.snapshot.values import NESTED

if TYPE_CHECKING:
    from runner.snapshot.values import Json

DEFINITIONS = frozenset(
    {
        "brand",
        "business_hour",
        "case",
        "case_field",
        "case_form",
        "case_priority",
        "case_status",
        "case_type",
        "channel",
        "facebook_account",
        "facebook_page",
        "identity_domain",
        "identity_email",
        "identity_facebook",
        "identity_phone",
        "identity_twitter",
        "locale",
        "mailbox",
        "monitor",
        "organization",
        "organization_field",
        "role",
        "sla",
        "team",
        "trigger",
        "twitter_account",
        "user",
        "user_field",
        "user_minimal",
    }
)
_REFERENCE_KEYS = frozenset({"id", "uuid", "resource_type", "resource_url"})
# Of a person in a nested copy only what names them: no addresses of devices, no presence.
_PERSON_KEYS = (
    "id",
    "uuid",
    "full_name",
    "is_enabled",
    "role",
    "organization",
    "emails",
    "resource_type",
)


class Definition(NamedTuple):
    """A nested object found in an answer: its ``resource_type``, its id (or uuid), itself."""

    type: str
    id: str
    body: Json


def cut(record: Json, inline: frozenset[str] = frozenset()) -> tuple[Json, list[Definition]]:
    """Return ``record`` with nested definitions as ``{id, resource_type}``, and those cut out.

    Args:
        record: A record as Kayako sent it.
        inline: Keys of the record whose items stay whole as well (a user's own identities).
    """
    found: list[Definition] = []
    kept = {}
    for key, value in record.items():
        reference = _cut(value, found) if isinstance(value, NESTED) else value
        kept[key] = value if key in inline else reference
    return kept, found


def reference_id(item: Json) -> str | None:
    """Return the id of an object or a reference as text: ``id``, or ``uuid`` where it has none."""
    value = item.get("id", item.get("uuid"))
    text = None if value is None else str(value)
    # Halves of surrogate pairs, which JSON can write and SQLite cannot hold, are no id.
    return text if text is None or text.isascii() else text.encode("utf-8", "replace").decode()


def _cut(value: Any, found: list[Definition]) -> Any:
    if isinstance(value, list):
        return [_cut(item, found) if isinstance(item, NESTED) else item for item in value]
    # Most values are plain ones: those cost no call.
    body = dict(value)
    for key, item in value.items():
        if isinstance(item, NESTED):
            body[key] = _cut(item, found)
    kind = body.get("resource_type")
    identifier = reference_id(body)
    if kind not in DEFINITIONS or identifier is None:
        return body
    kind = "user" if kind == "user_minimal" else kind
    if not body.keys() <= _REFERENCE_KEYS:
        if kind == "user":
            body = {key: body[key] for key in _PERSON_KEYS if key in body}
        found.append(Definition(kind, identifier, body))
    return {("id" if "id" in body else "uuid"): body.get("id", identifier), "resource_type": kind}
