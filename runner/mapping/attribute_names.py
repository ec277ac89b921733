"""Names of Zammad's object attributes: valid, unique, and the same in every run.

The rules are those of Zammad's API reference, §b7: small letters, digits and ``_``, never ending
in ``_id`` or ``_ids``, no reserved word and no column that the object has by itself.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

LONGEST = 60
"""Databases cut names of columns at 63 characters without a word."""

_VALID = re.compile(r"[a-z0-9_]*[a-z][a-z0-9_]*\Z")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_RESERVED = _words(
    "destroy true false integer select drop create alter index table varchar blob date datetime "
    "timestamp url icon initials avatar permission validate subscribe unsubscribe translate "
    "search _type _doc _id id action scope constructor preferences data attribute attributes "
    "object class method hash send errors model_name"
)
_EVERYWHERE = _words("created_at updated_at created_by updated_by active note name")
_COLUMNS = {
    "Ticket": _words(
        "number title type article articles group owner customer organization state priority tags "
        "mentions links history time_unit article_count close_at close_in_min close_diff_in_min "
        "close_escalation_at first_response_at first_response_in_min first_response_diff_in_min "
        "first_response_escalation_at update_in_min update_diff_in_min update_escalation_at "
        "last_contact_at last_contact_agent_at last_contact_customer_at last_owner_update_at "
        "last_close_at escalation_at pending_time create_article_type create_article_sender "
        "checklist"
    ),
    "User": _words(
        "login firstname lastname email web phone mobile fax department street zip city country "
        "address password vip verified source image image_source last_login login_failed "
        "out_of_office out_of_office_start_at out_of_office_end_at out_of_office_replacement "
        "roles groups organization organizations permissions tokens"
    ),
    "Organization": _words("shared domain domain_assignment vip members secondary_members"),
}


def refusal(name: str, zammad: str) -> str | None:
    """Say why Zammad would refuse a name for an attribute of ``zammad``; None when it is fine."""
    if len(name) > LONGEST:
        return f"is longer than {LONGEST} characters"
    if not _VALID.match(name):
        return "may have small letters, digits and _ only, and needs a letter"
    if name.endswith(("_id", "_ids")):
        return "may not end in _id or _ids"
    if name in _RESERVED or name in _EVERYWHERE or name in _COLUMNS[zammad]:
        return "is a name that Zammad needs for itself"
    return None


def names(
    fields: Iterable[tuple[int, str]], *, prefix: str, zammad: str, taken: Container[str] = ()
) -> dict[int, str]:
    """Return the attribute's name for each field.

    The prefix and the field's key make the name. Where that is none, or taken, the number of the
    field follows: so a name depends on the field alone, and a field that is added later never
    changes another's name.

    Args:
        fields: Number and key of each.
        prefix: What stands before every key.
        zammad: The object: Ticket, User or Organization.
        taken: Names that are not to be used.
    """
    ordered = sorted(set(fields))
    found: dict[int, str] = {}
    used: set[str] = set()

    def free(name: str) -> bool:
        return refusal(name, zammad) is None and name not in taken and name not in used

    for number, key in ordered:
        if key and number not in found and free(f"{prefix}{key}"):
            found[number] = f"{prefix}{key}"
            used.add(found[number])
    for number, key in ordered:
        if number not in found:
            candidates = _numbered(f"{prefix}{_plain(key)}", number)
            found[number] = next(name for name in candidates if free(name))
            used.add(found[number])
    return found


def _numbered(stem: str, number: int) -> Iterator[str]:
    """Yield names that end in a field's number, cut so that they are not too long."""
    ending = f"_{number}"
    while True:
        yield f"{stem[: LONGEST - len(ending)]}{ending}"
        ending += f"_{number}"


def _plain(key: str) -> str:
    """Write a key in small letters, digits and ``_``."""
    ascii_only = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", ascii_only).strip("_") or "field"
