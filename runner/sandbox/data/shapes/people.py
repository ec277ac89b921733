"""Teams, organizations, users and how they can be reached: kayako-api.md §10."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.sandbox.data.shapes.basics import HOST, dated, identifier, reference, references, typed

if TYPE_CHECKING:
    from runner.sandbox.data.table import Record


def team(key: int, title: str, *, created_at: str, member_count: int = 0, **more: Any) -> Record:
    """A team; the key ``businesshour`` is spelled as Kayako spells it."""
    return {
        "id": key,
        "legacy_id": None,
        "title": title,
        "businesshour": reference("business_hour", 1),
        "member_count": member_count,
        **dated(created_at),
        **typed("team", f"teams/{key}"),
        **more,
    }


def domain(key: int, name: str, *, created_at: str, is_primary: bool = True) -> Record:
    """A mail domain of an organization."""
    return {
        "id": key,
        "domain": name,
        "is_primary": is_primary,
        "is_validated": False,
        **dated(created_at),
        **typed("identity_domain", f"identities/domains/{key}"),
    }


def organization(
    key: int, name: str, *, created_at: str, domains: tuple[int, ...] = (), **more: Any
) -> Record:
    """An organization; ``domains`` are ids of its mail domains."""
    return {
        "id": key,
        "name": name,
        "legacy_id": None,
        "is_shared": False,
        "domains": references("identity_domain", domains),
        "is_validated": None,
        "phone": [],
        "addresses": [],
        "websites": [],
        "pinned_notes_count": 0,
        "custom_fields": [],
        **dated(created_at),
        **typed("organization", f"organizations/{key}"),
        **more,
    }


def email(key: int, address: str, *, created_at: str, is_primary: bool = True) -> Record:
    """A mail address of a user."""
    return {
        "id": key,
        "email": address,
        "is_primary": is_primary,
        "is_validated": False,
        "is_notification_enabled": False,
        **dated(created_at),
        **typed("identity_email", f"identities/emails/{key}"),
    }


def phone(key: int, number: str, *, created_at: str, is_primary: bool = True) -> Record:
    """A telephone number of a user."""
    return {
        "id": key,
        "number": number,
        "is_primary": is_primary,
        "is_validated": False,
        **dated(created_at),
        **typed("identity_phone", f"identities/phones/{key}"),
    }


def twitter(
    key: int, screen_name: str, full_name: str, *, created_at: str, is_primary: bool = True
) -> Record:
    """A Twitter account of a user; ``twitter_id`` is text."""
    return {
        "id": key,
        "twitter_id": f"7381602812352{key:05d}",
        "full_name": full_name,
        "screen_name": screen_name,
        "follower_count": 0,
        "description": None,
        "url": None,
        "location": None,
        "profile_image_url": None,
        "locale": None,
        "is_verified": False,
        "is_primary": is_primary,
        "is_validated": False,
        **dated(created_at),
        **typed("identity_twitter", f"identities/twitter/{key}"),
    }


def facebook(
    key: int, user_name: str | None, full_name: str, *, created_at: str, is_primary: bool = True
) -> Record:
    """A Facebook account of a user; ``facebook_id`` is text."""
    return {
        "id": key,
        "facebook_id": f"1000112233{key:05d}",
        "user_name": user_name,
        "full_name": full_name,
        "email": None,
        "bio": None,
        "birth_date": None,
        "website": None,
        "profile_url": None,
        "locale": None,
        "is_verified": False,
        "is_primary": is_primary,
        "is_validated": False,
        **dated(created_at),
        **typed("identity_facebook", f"identities/facebook/{key}"),
    }


def user(
    key: int,
    full_name: str | None,
    *,
    created_at: str,
    role: int,
    organization: int | None = None,
    teams: tuple[int, ...] = (),
    emails: tuple[int, ...] = (),
    **more: Any,
) -> Record:
    """A user; ``role``, ``organization``, ``teams`` and ``emails`` are ids.

    Timestamps that nothing reads stay at ``created_at``; other identities come through ``more``.
    """
    uuid = identifier("user", key)
    staff = bool(teams)
    return {
        "id": key,
        "uuid": uuid,
        "full_name": full_name,
        "legacy_id": None,
        "designation": None,
        "is_enabled": True,
        "is_mfa_enabled": False,
        "role": reference("role", role),
        "avatar": f"{HOST}/avatar/get/{uuid}",
        "agent_case_access": "ALL" if staff else None,
        "organization_case_access": None if staff else "REQUESTED",
        "organization": reference("organization", organization),
        "teams": references("team", teams),
        "emails": references("identity_email", emails),
        "phones": [],
        "twitter": [],
        "facebook": [],
        "external_identifiers": [],
        "custom_fields": [],
        "pinned_notes_count": 0,
        "locale": reference("locale", 2),
        "time_zone": None,
        "time_zone_offset": None,
        "greeting": None,
        "signature": None,
        "status_message": None,
        "last_seen_user_agent": None,
        "last_seen_ip": None,
        "last_seen_at": None,
        "last_active_at": created_at,
        "realtime_channel": f"presence-{uuid}",
        "presence_channel": f"user-{uuid}",
        "password_updated_at": created_at,
        "avatar_updated_at": None,
        "last_logged_in_at": None,
        "last_activity_at": None,
        **dated(created_at),
        **typed("user", f"users/{key}"),
        **more,
    }
