"""Endpoints of teams, organizations and users (kayako-api.md §9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.kayako.answers import Listing, Single

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.sandbox.data.table import Record
    from runner.sandbox.kayako.asking import Ask


def me(ask: Ask) -> Single:
    """``/me`` and ``/profile``: the user who asks."""
    return Single("user", ask.me)


def session(ask: Ask) -> Single:
    """``/session``: who asks, as a session."""
    record = {"id": 1, "portal": "API", "user": ask.me, "resource_type": "session"}
    return Single("session", record)


def team_members(ask: Ask, key: int) -> Listing:
    """``/teams/:id/members``."""
    ask.require("team", key)
    wanted = ask.query.get("is_enabled", "").lower() in {"1", "true"}

    def belongs(user: Record) -> bool:
        return any(team["id"] == key for team in user["teams"]) and (
            user["is_enabled"] or not wanted
        )

    return ask.paged("user", [user for user in ask.helpdesk.users.values() if belongs(user)])


def organization_members(ask: Ask, key: int) -> Listing:
    """``/organizations/:id/members``."""
    ask.require("organization", key)
    users = ask.helpdesk.users.values()
    return ask.paged("user", [one for one in users if (one["organization"] or {}).get("id") == key])


def organization_notes(ask: Ask, key: int) -> Listing:
    """``/organizations/:id/notes``, the newest first."""
    ask.require("organization", key)
    return ask.pages.by_cursor("note", ask.helpdesk.sides.organization_notes.get(key, [])[::-1])


def user_notes(ask: Ask, key: int) -> Listing:
    """``/users/:id/notes``: those of the user's organization as well."""
    user = ask.require("user", key)
    sides = ask.helpdesk.sides
    organization = (user["organization"] or {"id": 0})["id"]
    found = [*sides.user_notes.get(key, []), *sides.organization_notes.get(organization, [])]
    return ask.pages.by_cursor("note", sorted(found, key=lambda note: -note["id"]))


def user_organizations(ask: Ask, key: int) -> Listing:
    """``/users/:id/organizations``: the primary one first, then further memberships."""
    user = ask.require("user", key)
    first = [user["organization"]["id"]] if user["organization"] else []
    ids = [*first, *ask.helpdesk.sides.memberships.get(key, [])]
    found = [ask.helpdesk.organizations.get(one) for one in dict.fromkeys(ids)]
    return ask.paged("organization", [record for record in found if record])


def no_tags(resource_type: str) -> Callable[[Ask, int], Listing]:
    """``/users/:id/tags`` and ``/organizations/:id/tags``: nobody is tagged here."""

    def answer(ask: Ask, key: int) -> Listing:
        ask.require(resource_type, key)
        return ask.pages.whole("tag", [])

    return answer


def identities(resource_type: str, owned: str) -> Callable[[Ask], Listing]:
    """``/identities/…``; with ``user_id`` those of one user, listed under the key ``owned``."""

    def answer(ask: Ask) -> Listing:
        owner = ask.query.get("user_id", "")
        if not owner.isdecimal():
            return ask.table(resource_type)
        user = ask.require("user", int(owner))
        found = [ask.helpdesk.find(resource_type, one["id"]) for one in user.get(owned, [])]
        return ask.paged(resource_type, [record for record in found if record])

    return answer
