"""Makes expanded records of stored ones: what mappings see (``schemas/records/*.json``).

Every key named there is present; other keys that Kayako sent stay at their place.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

from runner.snapshot import rules
from runner.snapshot.contacts import contacts
from runner.snapshot.values import (
    Json,
    distinct,
    number,
    split_name,
    timestamp,
    with_timestamps,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.snapshot.lookup import Lookup

_TAG = re.compile(r"<[^<>]*>")
_PEOPLE = ("requester", "creator", "assigned_agent", "last_replier", "last_updated_by")
_CASE_VALUES = ("subject", "state", "post_count", "is_merged", "has_attachments", "rating")
_CASE_TIMES = (
    "last_pending_at",
    "last_closed_at",
    "last_completed_at",
    "last_reply_by_agent_at",
    "last_replied_at",
    "last_opened_at",
    "created_at",
    "updated_at",
)


def team(stored: Json, _lookup: Lookup) -> Json:
    """Expand a team."""
    record = _with(stored, ("title", "legacy_id", "businesshour", "member_count"))
    return record | _times(record, ("created_at", "updated_at"))


def organization(stored: Json, lookup: Lookup) -> Json:
    """Expand an organization: its domains as text, its own fields by key."""
    record = _with(stored, ("name", "is_shared", "pinned_notes_count"))
    domains = distinct(lookup.identities(stored.get("domains"), "domain"))
    record |= contacts(stored)
    return (
        record
        | _times(record, ("created_at", "updated_at"))
        | {
            "domains": domains,
            "domain": domains[0].lower() if domains else None,
            "custom_fields": custom_fields(stored, lookup),
        }
    )


def user(stored: Json, lookup: Lookup) -> Json:
    """Expand a user: names split, identities as text, references to role, teams, organization."""
    record = _with(
        stored, ("uuid", "full_name", "designation", "is_enabled", "time_zone", "signature")
    )
    first_name, last_name = split_name(stored.get("full_name"))
    emails = distinct(lookup.identities(stored.get("emails"), "email"))
    phones = distinct(lookup.identities(stored.get("phones"), "number"))
    twitter = lookup.identities(stored.get("twitter"), "screen_name")
    facebook = lookup.identities(stored.get("facebook"), "user_name") or lookup.identities(
        stored.get("facebook"), "facebook_id"
    )
    role = lookup.resolved(stored.get("role"))
    locale = lookup.resolved(stored.get("locale"))
    teams = [lookup.titled(item, "title") for item in stored.get("teams") or []]
    return (
        record
        | _times(record, ("last_logged_in_at", "created_at", "updated_at"))
        | {
            "first_name": first_name,
            "last_name": last_name,
            "role": {key: role.get(key) for key in ("id", "title", "type")} if role else None,
            "organization": lookup.titled(stored.get("organization"), "name"),
            "teams": [item for item in teams if item],
            "email": emails[0] if emails else None,
            "other_emails": emails[1:],
            "phone": phones[0] if phones else None,
            "other_phones": phones[1:],
            "twitter": twitter[0] if twitter else None,
            "facebook": facebook[0] if facebook else None,
            "locale": locale.get("locale") if locale else None,
            "custom_fields": custom_fields(stored, lookup),
        }
    )


def organizations(stored: Json, asked: list[int], lookup: Lookup) -> Json:
    """Return all organizations of a user, the primary one first, and those beside it.

    Args:
        stored: The user.
        asked: Ids of their organizations, where Kayako was asked for them.
        lookup: Finds names.
    """
    carried = stored.get("organizations")
    references = [{"id": number, "resource_type": "organization"} for number in asked]
    beside = [*(carried if isinstance(carried, list) else []), *references]
    found = [lookup.titled(one, "name") for one in (stored.get("organization"), *beside)]
    every = list({item["id"]: item for item in found if item}.values())
    first = lookup.titled(stored.get("organization"), "name")
    others = [item for item in every if first is None or item["id"] != first["id"]]
    return {"organizations": every, "other_organizations": others}


def case(stored: Json, lookup: Lookup) -> Json:
    """Expand a conversation; definitions that were deleted in Kayako keep their labels."""
    record = _with(stored, _CASE_VALUES)
    return (
        record
        | {key: lookup.person(stored.get(key)) for key in _PEOPLE}
        | _times(record, _CASE_TIMES)
        | {
            "source_channel": channel(stored.get("source_channel"), lookup),
            "assigned_team": lookup.titled(stored.get("assigned_team"), "title"),
            "organization": lookup.organization_of(stored.get("requester")),
            "brand": _named(stored.get("brand"), lookup, ("id", "name")),
            "status": _named(stored.get("status"), lookup, ("id", "label", "type")),
            "priority": _named(stored.get("priority"), lookup, ("id", "label", "level")),
            "type": _named(stored.get("type"), lookup, ("id", "label", "type")),
            "custom_fields": custom_fields(stored, lookup),
            "tags": tag_names(stored.get("tags")),
        }
    )


def channel(reference: object, lookup: Lookup) -> Json | None:
    """Return ``{type, account}`` of a channel; ``account`` is a mailbox's address or a title."""
    found = lookup.resolved(reference)
    if found is None:
        return None
    account = lookup.resolved(found.get("account")) or {}
    name = next(
        (account[key] for key in ("address", "title", "screen_name", "name") if account.get(key)),
        None,
    )
    return {"type": found.get("type"), "account": name}


def not_closed(case: Json) -> bool:
    """Choose conversations that may go on: neither closed nor archived."""
    return not case["archived"] and (case["status"] or {}).get("type") != "CLOSED"


def came_in(source: Json | None, team: Json | None) -> tuple[str, str] | None:
    """Return the mailbox that a conversation came in through and its team's title.

    None for one that came another way.

    Args:
        source: Its expanded channel.
        team: Its expanded team.
    """
    address = str((source or {}).get("account") or "")
    if (source or {}).get("type") != "MAIL" or "@" not in address:
        return None
    return address, str((team or {}).get("title") or "")


def custom_fields(stored: Json, lookup: Lookup) -> Json:
    """Return the record's own fields as ``{key: value}``, values as Kayako sent them."""
    fields: Json = {}
    for item in stored.get("custom_fields") or []:
        if not isinstance(item, dict) or not isinstance(item.get("field"), dict):
            continue
        field = lookup.resolved(item["field"]) or {}
        fields[str(field.get("key") or f"field_{field.get('id')}")] = item.get("value")
    return fields


def plain(stored: Json, _lookup: Lookup) -> Json:
    """Return any other record with its times normalised."""
    record: Json = with_timestamps(stored)
    return record


EXPANDERS: dict[str, Callable[[Json, Lookup], Json]] = {
    "teams": team,
    "organizations": organization,
    "users": user,
    "cases": case,
    "macros": rules.macro,
    "business_hours": rules.business_hour,
    "slas": rules.readable,
    "triggers": rules.readable,
    "monitors": rules.readable,
    "views": rules.readable,
    "ratings": rules.rating,
}


def participants(found: Any, requester: Any, lookup: Lookup) -> list[Json]:
    """Return people in copy as ``{person, email}``, without the requester.

    The shape of ``/cases/:id/participants`` was never recorded: users are what Kayako's own
    frontend shows there; items that hold a user or an address beside other things are read too.
    """
    asking = lookup.person(requester)
    people: dict[object, Json] = {}
    for item in found or []:
        if not isinstance(item, dict):
            continue
        who = item if item.get("resource_type") == "user" else item.get("user")
        person = lookup.person(who)
        mail = item.get("email") or lookup.identity(item.get("identity"))
        mail = mail if isinstance(mail, str) else person and person["email"]
        same = person and asking and person["id"] == asking["id"]
        if (person or mail) and not same:
            people.setdefault(person["id"] if person else mail, {"person": person, "email": mail})
    return list(people.values())


def notes(found: Any, resource: str, lookup: Lookup) -> list[Json]:
    """Return the notes on a profile, oldest first.

    ``/users/:id/notes`` gives those of the user's organization too (kayako-api.md §9): the
    address of a note tells whose it is.
    """
    own = [
        {
            "id": item.get("id"),
            "text": item.get("body_text") or item.get("contents") or _shown(item.get("body_html")),
            "html": item.get("body_html"),
            "author": lookup.person(item.get("creator") or item.get("user")),
            "created_at": timestamp(item.get("created_at")),
            "is_pinned": bool(item.get("is_pinned")),
        }
        for item in found or []
        if isinstance(item, dict)
        and f"/{resource}/" in (item.get("resource_url") or f"/{resource}/")
    ]
    return sorted(own, key=lambda note: (note["created_at"] or "", number(note["id"]) or 0))


def _shown(html: object) -> str | None:
    """Return the text of a note that has HTML alone."""
    text = unescape(_TAG.sub(" ", html)) if isinstance(html, str) else ""
    return " ".join(text.split()) or None


def _with(stored: Json, keys: tuple[str, ...]) -> Json:
    record: Json = with_timestamps(stored)
    return {"id": stored["id"], **dict.fromkeys(keys)} | record


def _times(record: Json, keys: tuple[str, ...]) -> Json:
    return {key: timestamp(record.get(key)) for key in keys}


def _named(reference: object, lookup: Lookup, keys: tuple[str, ...]) -> Json | None:
    found = lookup.resolved(reference)
    return {key: found.get(key) for key in keys} if found else None


def tag_names(tags: object) -> list[str]:
    """Return the names of tags, each once."""
    if not isinstance(tags, list):
        return []
    names = [str(tag.get("name") or "") if isinstance(tag, dict) else str(tag) for tag in tags]
    # Zammad tells capitals from small letters in tags, so both stay.
    return list(dict.fromkeys(name.strip() for name in names if name.strip()))
