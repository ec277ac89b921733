"""Vocabularies, custom fields, settings and channels: kayako-api.md §10."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.sandbox.data.shapes.basics import dated, identifier, reference, typed

if TYPE_CHECKING:
    from runner.sandbox.data.table import Key, Record

BORN = "2021-08-24T18:24:16+00:00"
"""When the sample helpdesks were opened."""

_FIELD_PATHS = {
    "case_field": "cases/fields",
    "user_field": "users/fields",
    "organization_field": "organizations/fields",
}


def role(key: int, title: str, kind: str, *, is_system: bool = True) -> Record:
    """A role; ``kind`` is OWNER, ADMIN, AGENT, COLLABORATOR or CUSTOMER."""
    return {
        "id": key,
        "title": title,
        "type": kind,
        "is_system": is_system,
        "agent_case_access": None if kind == "CUSTOMER" else "ALL",
        **dated(BORN),
        **typed("role", f"roles/{key}"),
    }


def status(
    key: int, label: str, kind: str, *, sort_order: int | None = None, is_deleted: bool = False
) -> Record:
    """A case status; those that an admin added have the kind CUSTOM."""
    return {
        "id": key,
        "label": label,
        "type": kind,
        "sort_order": key if sort_order is None else sort_order,
        "is_sla_active": kind not in {"PENDING", "COMPLETED"},
        "is_deleted": is_deleted,
        **dated(BORN),
        **typed("case_status", f"cases/statuses/{key}"),
    }


def priority(key: int, label: str, level: int) -> Record:
    """A case priority."""
    return {
        "id": key,
        "label": label,
        "level": level,
        **dated(BORN),
        **typed("case_priority", f"cases/priorities/{key}"),
    }


def case_type(key: int, label: str, kind: str) -> Record:
    """A case type; those that an admin added have the kind CUSTOM."""
    return {
        "id": key,
        "label": label,
        "type": kind,
        **dated(BORN),
        **typed("case_type", f"cases/types/{key}"),
    }


def tag(key: int, name: str) -> Record:
    """A tag as it appears on a case."""
    return {"id": key, "name": name, **typed("tag")}


def locale_field(key: int, translation: str | None, locale: str = "en-us") -> Record:
    """One translated text; the translation may be null."""
    return {
        "id": key,
        "locale": locale,
        "translation": translation,
        **dated(BORN),
        **typed("locale_field", f"locale/fields/{key}"),
    }


def option(key: int, field_uuid: str, values: list[Record], sort_order: int) -> Record:
    """One choice of a select field."""
    return {
        "id": key,
        "fielduuid": field_uuid,
        "values": values,
        "sort_order": sort_order,
        **dated(BORN),
        **typed("field_option", f"base/field/option/{key}"),
    }


def field(
    resource_type: str,
    key: int,
    title: str,
    kind: str,
    name: str,
    *,
    options: list[Record] | None = None,
    **more: Any,
) -> Record:
    """A field of cases, users or organizations; ``is_system`` exists for cases only."""
    path = _FIELD_PATHS[resource_type]
    system = {"is_system": False} if resource_type == "case_field" else {}
    return {
        "id": key,
        "fielduuid": identifier(resource_type, key),
        "title": title,
        "type": kind,
        "key": name,
        "is_required_for_agents": False,
        "is_required_on_resolution": False,
        "is_visible_to_customers": False,
        "customer_titles": [locale_field(key * 10 + 1, None)],
        "is_customer_editable": False,
        "is_required_for_customers": False,
        "descriptions": [locale_field(key * 10 + 2, None)],
        "regular_expression": None,
        "sort_order": key,
        "is_enabled": True,
        **system,
        "options": options or [],
        **dated(BORN),
        **typed(resource_type, f"{path}/{key}"),
        **more,
    }


def field_value(resource_type: str, key: int, value: str) -> Record:
    """The value of one custom field on a record: always text, empty when not set (§11.1)."""
    return {
        "field": reference(resource_type, key),
        "value": value,
        "resource_type": f"{resource_type}_value",
    }


def setting(key: int, category: str, name: str, value: str) -> Record:
    """One line of ``/settings``."""
    return {
        "id": key,
        "category": category,
        "name": name,
        "is_protected": False,
        "value": value,
        **typed("setting"),
    }


def mailbox(key: int, address: str, **more: Any) -> Record:
    """A mailbox; its ``uuid`` is that of its channel."""
    return {
        "id": key,
        "uuid": identifier("mailbox", key),
        "address": address,
        "brand": reference("brand", 1),
        "is_system": True,
        "is_custom": False,
        "is_verified": False,
        "is_default": key == 1,
        "is_enabled": True,
        "is_deleted": False,
        "verified_at": None,
        **dated(BORN),
        **typed("mailbox", f"mailboxes/{key}"),
        **more,
    }


def channel(kind: str, account_type: str | None = None, account: Key | None = None) -> Record:
    """A channel; it has no id, only a ``uuid``."""
    same = account_type == "mailbox"
    return {
        "uuid": identifier("mailbox" if same else f"channel {kind}", account),
        "type": kind,
        "character_limit": None,
        "account": reference(account_type, account) if account_type else None,
        "resource_type": "channel",
    }


def brand(key: int, name: str) -> Record:
    """A brand."""
    return {
        "id": key,
        "name": name,
        "sub_domain": "acme",
        "domain": None,
        "locale": reference("locale", 2),
        "is_ssl_enabled": True,
        "is_default": key == 1,
        "is_enabled": True,
        **dated(BORN),
        **typed("brand", f"brands/{key}"),
    }


def locale(key: int, code: str, name: str) -> Record:
    """A language that the helpdesk knows."""
    return {
        "id": key,
        "locale": code,
        "name": name,
        "native_name": name,
        "region": "",
        "native_region": "",
        "direction": "LTR",
        "is_public": True,
        "is_localized": True,
        **dated(BORN),
        **typed("locale", f"locales/{key}"),
    }


def view(key: int, title: str, kind: str) -> Record:
    """A view; ``kind`` is INBOX, SUSPENDED, TRASH or CUSTOM."""
    return {
        "id": key,
        "title": title,
        "type": kind,
        "is_default": kind == "INBOX",
        "is_enabled": True,
        "is_system": kind != "CUSTOM",
        "sort_order": key,
        **dated(BORN),
        **typed("view", f"views/{key}"),
    }
